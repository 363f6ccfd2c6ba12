import t from 'tap'
import { markdownReport } from '../../../src/reports/plan-report.ts'
import { aByoSnapshot, aPublicIp, aSnapshot, aSubnet, keyed, SUBNET } from '../../support/a-cluster.ts'
import { planFor } from '../../support/a-plan.ts'
import { GATEWAY, OWN_IP, TABLE } from '../../support/own-network.ts'
import { sectionOf } from '../support/markup.ts'

const portsIn = (plan: ReturnType<typeof planFor>) =>
  sectionOf(markdownReport(plan), 'SNAT ports before and after')
    .split('\n')
    .filter((line) => line.startsWith('| `'))

t.test('a report shows the SNAT ports of each path that changes if subnets have several paths', async (t) => {
  const snapshot = aByoSnapshot(
    { natGatewayId: GATEWAY.id },
    { natGateways: [GATEWAY.gateway], publicIps: [GATEWAY.publicIp] },
  )
  const subnets = [...snapshot.subnets, aSubnet({ id: `${SUBNET}-2` })]
  const plan = planFor({ ...snapshot, subnets }, 'userAssignedNATGateway', {
    prepare: { natGateway: { id: GATEWAY.id } },
  })
  t.equal(plan.snat.before.path, 'mixed')
  t.strictSame(portsIn(plan), ['| `nodes-2` | `system` | the internet | 64,000 | 64,512 |'])
})

t.test('a report shows the SNAT ports of a destination whose path loses ports', async (t) => {
  const [first, second] = [OWN_IP, `${OWN_IP}-2`]
  const gateway = { ...GATEWAY.gateway, publicIpIds: [first, second] }
  const routes = [
    {
      name: 'all',
      addressPrefix: '0.0.0.0/0',
      nextHopType: 'VirtualAppliance',
      nextHopIpAddress: '10.9.0.4',
    },
    { name: 'partner', addressPrefix: '198.51.100.0/24', nextHopType: 'Internet', nextHopIpAddress: null },
  ]
  const given = aByoSnapshot({ natGatewayId: gateway.id, routeTableId: TABLE })
  const snapshot = {
    ...given,
    natGateways: keyed([gateway]),
    publicIps: keyed([first, second].map((id, at) => aPublicIp({ id, address: `20.9.0.${at + 1}` }))),
    routeTables: keyed([
      { id: TABLE, location: 'eastus', disableBgpRoutePropagation: false, routes, subnetIds: [SUBNET] },
    ]),
  }
  const prepare = { natGateway: { name: 'new' } }
  const plan = planFor(snapshot, 'userAssignedNATGateway', { prepare })
  t.strictSame(portsIn(plan), ['| `nodes` | `system` | `198.51.100.0/24` | 129,024 | 64,512 |'])
})

t.test('a report shows the SNAT ports of a single path once', async (t) => {
  t.strictSame(portsIn(planFor(aSnapshot(), 'managedNATGateway')), [])
})
