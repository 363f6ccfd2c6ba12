import t from 'tap'
import type { RequestedPreparation } from '../../../src/contract/preparation.ts'
import type { RequestedTarget } from '../../../src/contract/target.ts'
import type { PlanningRequest } from '../../../src/core/request/plan-request.ts'
import type { Snapshot } from '../../../src/core/snapshot/snapshot.ts'
import { aPool, aPublicIp, aRouteTable, aSnapshot, aSubnet } from '../../support/a-cluster.ts'
import { planFor } from '../../support/a-plan.ts'
import { GATEWAY, OWN_IP, TABLE } from '../../support/own-network.ts'
import { ownIp } from '../../support/rule-cases.ts'
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

t.test('names the true cause of a loss of IPv6 for each pair of outbound types', async (t) => {
  const causes = {
    loadBalancer: 'because the load balancer then has no outbound IPv6 address',
    gateway: 'because the NAT gateway then has no IPv6 address',
    other: 'because the remaining egress paths carry only IPv4',
  }
  const v6 = aPublicIp({ id: `${OWN_IP}-v6`, address: '2603:1030::2', version: 'IPv6', sku: 'StandardV2' })
  const toGateway = (natGateway: RequestedPreparation['natGateway']) => ({ prepare: { natGateway } })
  const dualBalancer = aSnapshot({
    cluster: { ...behindGateway('Standard', 'loadBalancer').cluster, agentPools: [aPool()] },
    subnets: [aSubnet({ pools: [] })],
    publicIps: Object.values(behindGateway('Standard', 'loadBalancer').publicIps),
  })
  const balancer = (profile: RequestedTarget['loadBalancer']): RequestedTarget => ({
    outboundType: 'loadBalancer',
    loadBalancer: profile,
  })
  const own = behindGateway('Standard', 'loadBalancer')
  const bare = {
    ...own,
    subnets: own.subnets.map((subnet) => ({ ...subnet, natGatewayId: null })),
    publicIps: { ...own.publicIps, [OWN_IP.toLowerCase()]: ownIp() },
  }
  const onV2 = (outboundType: string): Snapshot => ({
    ...own,
    cluster: { ...own.cluster, outboundType, loadBalancerProfile: null },
    natGateways: {
      [GATEWAY.id.toLowerCase()]: {
        ...GATEWAY.gateway,
        sku: 'StandardV2',
        publicIpIds: [...GATEWAY.gateway.publicIpIds, v6.id],
      },
    },
    publicIps: { ...own.publicIps, [v6.id.toLowerCase()]: v6 },
  })
  const hop = { nextHopType: 'VirtualAppliance' as const, nextHopIpAddress: '10.9.0.4' }
  const cleanUp = { detach: true, narrow: [], delete: [] }
  const table: [Snapshot, RequestedTarget, Partial<PlanningRequest>, keyof typeof causes][] = [
    [bare, balancer({ outboundIpIds: [OWN_IP] }), {}, 'loadBalancer'],
    [bare, balancer({ managedOutboundIpv6Count: 0 }), {}, 'loadBalancer'],
    [own, balancer({ managedOutboundIpv6Count: 0 }), {}, 'loadBalancer'],
    [bare, { outboundType: 'userAssignedNATGateway' }, toGateway({}), 'other'],
    [bare, { outboundType: 'userAssignedNATGateway' }, toGateway({ sku: 'StandardV2' }), 'gateway'],
    [own, { outboundType: 'userAssignedNATGateway' }, {}, 'other'],
    [bare, { outboundType: 'userDefinedRouting' }, { prepare: { defaultRoute: hop } }, 'other'],
    [
      onV2('userAssignedNATGateway'),
      { outboundType: 'userAssignedNATGateway' },
      toGateway({ name: 'n' }),
      'other',
    ],
    [onV2('loadBalancer'), { outboundType: 'loadBalancer' }, { cleanUp }, 'loadBalancer'],
    [dualBalancer, { outboundType: 'managedNATGateway' }, {}, 'other'],
    [
      dualBalancer,
      { outboundType: 'managedNATGatewayV2', natGateway: { managedOutboundIpv6Count: 0 } },
      {},
      'gateway',
    ],
  ]
  for (const [snapshot, target, request, cause] of table) {
    const plan = planFor(snapshot, target, request)
    const label = `${snapshot.cluster.outboundType} to ${JSON.stringify([target, request])}`
    const found = plan.findings.find(({ code }) => code === 'IPV6_EGRESS_LOST')
    t.ok(found?.message.endsWith(`, ${causes[cause]}.`), `${label}: ${found?.message}`)
  }
})
