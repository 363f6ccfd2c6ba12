import t from 'tap'
import type { RequestedTarget } from '../../../src/contract/target.ts'
import { aRouteTable } from '../../support/a-cluster.ts'
import { planFor } from '../../support/a-plan.ts'
import { OWN_IP, TABLE } from '../../support/own-network.ts'
import { testTopic } from '../../support/test-topic.ts'
import { behindFirewall, behindGateway, CASES, PARTNER, toInternet } from './egress-exceptions-cases.ts'

testTopic('egress-exceptions', CASES)

t.test('destinations that lose their egress path get no new address to allow', async (t) => {
  const findingFor = (defaultOutboundAccess: boolean | null) => {
    const snapshot = behindFirewall([toInternet(PARTNER)])
    const subnets = snapshot.subnets.map((subnet) => ({ ...subnet, defaultOutboundAccess }))
    const { findings } = planFor({ ...snapshot, subnets }, { outboundType: 'userDefinedRouting' })
    return findings.find(({ code }) => code === 'EXCEPTION_PATH_MOVES')
  }
  t.match(findingFor(null), {
    message: /instead of the load balancer/,
    remedy: /^If a destination has an allow list, do not rely on Azure default outbound access/,
  })
  t.match(findingFor(false), {
    message: /lose their egress path/,
    remedy: /^Attach a NAT gateway to the subnets, or add/,
  })
})

t.test(
  'states the paths that end if routes for halves of the internet override the default route',
  async (t) => {
    const findingsFor = (halves: string[], target: RequestedTarget['outboundType']) =>
      planFor(behindFirewall(halves.map(toInternet)), target).findings
    const [low, high] = ['0.0.0.0/1', '128.0.0.0/1'] as const
    for (const halves of [[low, high], [low]]) {
      const findings = findingsFor(halves, 'userDefinedRouting')
      t.match(
        findings.find(({ code }) => code === 'API_SERVER_PATH_LOST'),
        {
          severity: 'acknowledge',
          message: /a route with the next hop type `Internet` matches the API server/,
        },
        halves.join(),
      )
      t.strictSame(
        findings.find(({ code }) => code === 'EXCEPTION_PATH_MOVES')?.facts.moves,
        halves.map((destination) => ({ destination, before: 'loadBalancer', after: 'defaultOutbound' })),
      )
    }
    const missing = findingsFor([low, high], 'userAssignedNATGateway').map(({ code }) => code)
    t.notOk(missing.includes('API_SERVER_PATH_LOST'), 'the missing gateway is a blocker, and gives a path')
  },
)

t.test('destinations whose new addresses AKS creates wait for the job', async (t) => {
  const isolated = { outboundType: 'userDefinedRouting', loadBalancerProfile: null }
  const { findings } = planFor(behindFirewall([toInternet(PARTNER)], isolated), 'loadBalancer')
  const found = findings.find(({ code }) => code === 'EXCEPTION_PATH_MOVES')
  t.match(found, {
    facts: { isLater: true },
    remedy: /^Read the new source addresses .* as soon as the job reports it \(`result\.egressIps`\)\.$/,
  })
})

t.test('a StandardV2 gateway that disrupts IPv6 already is only a warning', async (t) => {
  const severityOf = (idleTimeoutInMinutes: number, outboundType: string) => {
    const snapshot = behindGateway('StandardV2', outboundType)
    const target = { outboundType: 'loadBalancer', loadBalancer: { idleTimeoutInMinutes } } as const
    return planFor(snapshot, target).findings.find(({ code }) => code === 'IPV6_DISRUPTED_BY_GATEWAY')
      ?.severity
  }
  t.equal(severityOf(9, 'userAssignedNATGateway'), 'acknowledge')
  t.equal(severityOf(9, 'loadBalancer'), 'warning')
})

t.test('reports the destinations that lose IPv6 where routes keep a path for others', async (t) => {
  const hops = { '2603::/16': 'Internet', '::/0': 'VirtualNetworkGateway' }
  const routes = Object.entries(hops).map(([addressPrefix, nextHopType]) => {
    return { name: addressPrefix, addressPrefix, nextHopType, nextHopIpAddress: null }
  })
  const dualStack = behindGateway('Standard', 'loadBalancer')
  const [subnet] = dualStack.subnets
  const snapshot = {
    ...dualStack,
    subnets: [{ ...(subnet as NonNullable<typeof subnet>), natGatewayId: null, routeTableId: TABLE }],
    routeTables: { [TABLE.toLowerCase()]: { ...aRouteTable(TABLE, null), routes } },
  }
  const target: RequestedTarget = { outboundType: 'loadBalancer', loadBalancer: { outboundIpIds: [OWN_IP] } }
  const found = planFor(snapshot, target).findings.find(({ code }) => code === 'IPV6_EGRESS_LOST')
  t.match(found, { severity: 'acknowledge', facts: { destinations: ['2603::/16'] } })
})
