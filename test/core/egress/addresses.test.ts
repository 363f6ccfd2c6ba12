import t from 'tap'
import type { Plan } from '../../../src/contract/plan.ts'
import { buildEgressReport } from '../../../src/core/planner/egress-report.ts'
import type { AllowListResource } from '../../../src/core/snapshot/allow-list-facts.ts'
import type { SubnetFacts } from '../../../src/core/snapshot/network-facts.ts'
import type { ClusterFacts } from '../../../src/core/snapshot/snapshot.ts'
import {
  aByoSnapshot,
  aFirewall,
  aKubernetesBalancer,
  aLoadBalancerProfile,
  aPool,
  aPrefix,
  aPublicIp,
  aReadyGateway,
  aRouteTable,
  aSnapshot,
  aSpoke,
  aSubnet,
  GROUP,
  NETWORK,
  NODE_GROUP,
  SUBNET,
} from '../../support/a-cluster.ts'
import { ANY_POLICY, codesOf, planFor } from '../../support/a-plan.ts'
import { OWN_IP, onGateway } from '../../support/own-network.ts'
import { aList, listsAround } from '../../support/permissions.ts'

const TABLE = `${GROUP}/${NETWORK}/routeTables/table`
const GATEWAY = aReadyGateway('20.9.0.1')
const LB_IP = `${NODE_GROUP}/${NETWORK}/publicIPAddresses/lb-ip`

/** One line for each address that packets use: `lost 20.1.0.1`, `added ?`. */
const ledgerOf = ({ egressIps }: Plan) =>
  egressIps
    .filter(({ change, usedBefore }) => change !== 'lost' || usedBefore?.length !== 0)
    .map(({ change, address }) => `${change} ${address ?? '?'}`)

function byo(
  subnet: Partial<SubnetFacts>,
  nextHop: string | null,
  given: Parameters<typeof aByoSnapshot>[1] = {},
) {
  return aByoSnapshot(subnet, {
    natGateways: [GATEWAY.gateway],
    routeTables: nextHop === null ? [] : [aRouteTable(TABLE, nextHop, '10.9.0.4')],
    ...given,
    publicIps: [GATEWAY.publicIp, ...(given.publicIps ?? [])],
  })
}

t.test('the resource with the highest precedence on the subnet determines the effective path', async (t) => {
  const nodeIps = { cluster: { agentPools: [aPool({ vnetSubnetId: SUBNET, enableNodePublicIP: true })] } }
  const table: [string, Partial<SubnetFacts>, string | null, Parameters<typeof aByoSnapshot>[1], string][] = [
    ['nothing on the subnet', {}, null, {}, 'loadBalancer'],
    ['node public IPs', {}, null, nodeIps, 'instancePublicIp'],
    ['a gateway beats node IPs', { natGatewayId: GATEWAY.id }, null, nodeIps, 'natGateway'],
    [
      'an appliance beats a gateway',
      { natGatewayId: GATEWAY.id, routeTableId: TABLE },
      'VirtualAppliance',
      nodeIps,
      'virtualAppliance',
    ],
    [
      'a network gateway too',
      { natGatewayId: GATEWAY.id, routeTableId: TABLE },
      'VirtualNetworkGateway',
      {},
      'virtualNetworkGateway',
    ],
    ['a route to nowhere ends it', { natGatewayId: GATEWAY.id, routeTableId: TABLE }, 'None', {}, 'none'],
    [
      'a route to Internet decides nothing',
      { natGatewayId: GATEWAY.id, routeTableId: TABLE },
      'Internet',
      {},
      'natGateway',
    ],
    ['a table that was not read', { routeTableId: TABLE }, null, {}, 'unknown'],
  ]
  for (const [name, subnet, nextHop, given, effective] of table)
    t.equal(planFor(byo(subnet, nextHop, given), 'none').from.effective, effective, name)
})

t.test(
  'a declared type without anything behind it leaves by default outbound access, or not at all',
  async (t) => {
    const of = (outboundType: string, defaultOutboundAccess: boolean | null) =>
      planFor(
        aByoSnapshot(
          { defaultOutboundAccess },
          { cluster: { outboundType, agentPools: [aPool({ vnetSubnetId: SUBNET })] } },
        ),
        'loadBalancer',
      ).from.effective
    t.equal(of('userAssignedNATGateway', null), 'defaultOutbound')
    t.equal(of('none', true), 'defaultOutbound')
    t.equal(of('none', false), 'none')
    t.equal(of('block', true), 'none', 'its security rules deny the internet')
    t.equal(of('somethingNew', null), 'unknown')
  },
)

t.test('block allows no egress, regardless of the resources on the subnet', async (t) => {
  const snapshot = byo({ natGatewayId: GATEWAY.id, routeTableId: TABLE }, 'VirtualAppliance', {
    cluster: { outboundType: 'block', agentPools: [aPool({ vnetSubnetId: SUBNET })] },
  })
  t.equal(planFor(snapshot, 'none').from.effective, 'none')
  t.strictSame(ledgerOf(planFor(snapshot, 'none')), [])
})

t.test('a private cluster with userDefinedRouting may take its default route from BGP', async (t) => {
  const of = (disableBgpRoutePropagation: boolean, enablePrivateCluster: boolean) => {
    const routeTables = [{ ...aRouteTable(TABLE, null), disableBgpRoutePropagation }]
    const cluster = {
      outboundType: 'userDefinedRouting',
      enablePrivateCluster,
      agentPools: [aPool({ vnetSubnetId: SUBNET })],
    }
    return planFor(aByoSnapshot({ routeTableId: TABLE }, { cluster, routeTables }), 'loadBalancer')
  }
  t.equal(of(false, true).from.effective, 'unknown')
  t.notOk(codesOf(of(false, true)).includes('EFFECTIVE_DIFFERS_FROM_DECLARED'))
  t.equal(of(true, true).from.effective, 'defaultOutbound')
  t.equal(of(false, false).from.effective, 'defaultOutbound')
})

t.test('a load balancer cluster behind a gateway keeps its addresses when it says so', async (t) => {
  const made = planFor(byo({ natGatewayId: GATEWAY.id }, null), 'userAssignedNATGateway')
  t.strictSame(ledgerOf(made), ['kept 20.9.0.1'])
  t.match(made.egressIps[1], { address: '20.1.0.1', change: 'lost', usedBefore: [] }, 'nothing uses it')
  t.ok(codesOf(made, 'warning').includes('EFFECTIVE_DIFFERS_FROM_DECLARED'))
  t.notOk(codesOf(made).some((code) => /^EGRESS_IP/.test(code)))
  t.ok(
    made.resourceChanges.some((each) => each.action === 'delete' && each.id === LB_IP),
    'the unused address of the load balancer is cleaned up',
  )
})

t.test('every address of a firewall counts, because it may use any', async (t) => {
  const publicIps = ['20.5.0.1', '20.5.0.2'].map((address) =>
    aPublicIp({ id: `${GROUP}/${NETWORK}/publicIPAddresses/fw-${address}`, address }),
  )
  const firewall = aFirewall({
    id: `${GROUP}/${NETWORK}/azureFirewalls/fw`,
    publicIpIds: publicIps.map((each) => each.id),
  })
  const toUdr = (firewalls: (typeof firewall)[]) =>
    planFor(byo({ routeTableId: TABLE }, 'VirtualAppliance', { publicIps, firewalls }), 'userDefinedRouting')
  t.strictSame(ledgerOf(toUdr([firewall])), ['kept 20.5.0.1', 'kept 20.5.0.2'])
  t.strictSame(ledgerOf(toUdr([])), ['unknown ?'], 'an appliance that is no firewall')
  t.strictSame(ledgerOf(toUdr([{ ...firewall, publicIpIds: [] }])), ['unknown ?'])
  const twin = { ...firewall, id: `${GROUP}/${NETWORK}/azureFirewalls/twin`, publicIpIds: [LB_IP] }
  t.strictSame(
    ledgerOf(toUdr([firewall, twin])),
    ['unknown ?'],
    'two with this private address: nobody knows',
  )
  t.ok(codesOf(toUdr([firewall, twin])).includes('EGRESS_PATH_NOT_IN_ARM'))
})

t.test('a gateway brings its IPs and its prefixes, the whole of each', async (t) => {
  const prefix = aPrefix({ id: `${GROUP}/${NETWORK}/publicIPPrefixes/p`, prefix: '20.8.0.0/30' })
  const gateway = { ...GATEWAY.gateway, publicIpPrefixIds: [prefix.id] }
  const snapshot = byo({ natGatewayId: GATEWAY.id }, null, {
    cluster: { agentPools: [aPool({ vnetSubnetId: SUBNET })], authorizedIPRanges: ['203.0.113.0/24'] },
    natGateways: [gateway],
    publicIpPrefixes: [prefix],
  })
  const made = planFor(snapshot, 'userAssignedNATGateway')
  t.strictSame(ledgerOf(made), ['kept 20.9.0.1', 'kept 20.8.0.0/30'])
  t.strictSame(made.authorizedRanges.add, ['20.9.0.1/32', '20.8.0.0/30'])
})

t.test('nodes with public IPs leave by them, beside the load balancer of the other nodes', async (t) => {
  const prefix = aPrefix({ id: `${GROUP}/${NETWORK}/publicIPPrefixes/nodes`, prefix: '20.7.0.0/28' })
  const snapshot = (nodePublicIpPrefixIds: string[]) =>
    byo({ pools: ['system', 'open'] }, null, {
      cluster: {
        agentPools: [
          aPool({ vnetSubnetId: SUBNET }),
          aPool({ name: 'open', vnetSubnetId: SUBNET, enableNodePublicIP: true, nodePublicIpPrefixIds }),
        ],
      },
      publicIpPrefixes: [prefix],
    })
  const target = { outboundType: 'loadBalancer', loadBalancer: { idleTimeoutInMinutes: 10 } } as const
  t.strictSame(ledgerOf(planFor(snapshot([prefix.id]), target)), ['kept 20.1.0.1', 'kept 20.7.0.0/28'])
  const unknown = planFor(snapshot([]), target)
  t.strictSame(ledgerOf(unknown), ['kept 20.1.0.1', 'unknown ?'])
  t.match(
    unknown.findings.find((each) => each.code === 'EGRESS_PATH_NOT_IN_ARM')?.message,
    /egress uses the public IPs of the nodes,/,
  )
})

t.test('subnets on different paths together make mixed egress and the union of the addresses', async (t) => {
  const other = `${GROUP}/${NETWORK}/virtualNetworks/vnet/subnets/pods`
  const snapshot = aSnapshot({
    cluster: { agentPools: [aPool({ vnetSubnetId: SUBNET, podSubnetId: other })] },
    subnets: [aSubnet(), aSubnet({ id: other, natGatewayId: GATEWAY.id })],
    natGateways: [GATEWAY.gateway],
    publicIps: [GATEWAY.publicIp],
  })
  const made = planFor(snapshot, 'userDefinedRouting')
  t.equal(made.from.effective, 'mixed')
  t.ok(ledgerOf(made).includes('lost 20.1.0.1'))
  const gated = planFor(snapshot, 'userAssignedNATGateway')
  t.strictSame(codesOf(gated, 'blocker'), ['UANAT_SUBNET_WITHOUT_GATEWAY'])
  t.ok(ledgerOf(gated).includes('kept 20.9.0.1'))
  t.match(
    gated.findings.find((each) => each.code === 'EFFECTIVE_DIFFERS_FROM_DECLARED')?.message,
    'The cluster declares the outbound type `loadBalancer`, but packets from the subnet `pods` leave through a NAT gateway.',
  )
  t.notOk(codesOf(gated).includes('EGRESS_PATH_NOT_IN_ARM'), 'the bare subnet has its own blocker')
})

t.test('subnets that could not be read leave the addresses open, before and after', async (t) => {
  const cluster = { agentPools: [aPool({ vnetSubnetId: SUBNET })], authorizedIPRanges: ['20.1.0.0/16'] }
  for (const target of ['userAssignedNATGateway', 'userDefinedRouting'] as const) {
    const made = planFor(aSnapshot({ cluster }), target)
    t.equal(made.status, 'blocked', target)
    t.ok(codesOf(made, 'blocker').includes('SUBNET_UNREADABLE'))
    t.strictSame(ledgerOf(made), ['lost 20.1.0.1', 'unknown ?'], 'the declared address is not forgotten')
    t.ok(codesOf(made, 'acknowledge').includes('AUTHORIZED_EGRESS_NOT_IN_ARM'))
  }
  const target = { outboundType: 'loadBalancer', loadBalancer: { idleTimeoutInMinutes: 10 } } as const
  t.strictSame(ledgerOf(planFor(aSnapshot({ cluster }), target)), ['kept 20.1.0.1', 'unknown ?'])
})

t.test('addresses that were not read are unknown, not absent', async (t) => {
  const gateway = byo({ natGatewayId: GATEWAY.id }, null, { natGateways: [] })
  t.strictSame(ledgerOf(planFor(gateway, 'userAssignedNATGateway')), ['unknown ?'])
  const loadBalancerProfile = aLoadBalancerProfile({ effectiveOutboundIpIds: [`${LB_IP}-gone`] })
  const gone = planFor(aSnapshot({ cluster: { loadBalancerProfile } }), 'managedNATGateway')
  t.match(gone.egressIps[0], { change: 'unknown', address: null, resourceId: `${LB_IP}-gone` })
})

t.test('the managed network of a cluster can stay out of sight: its type is believed', async (t) => {
  const made = planFor(aSnapshot(), 'managedNATGateway')
  t.equal(made.from.effective, 'loadBalancer')
  t.strictSame(ledgerOf(made), ['lost 20.1.0.1', 'added ?'])
})

t.test(
  'a NAT gateway on the firewall subnet takes precedence over the addresses of the firewall',
  async (t) => {
    const subnet = `${GROUP}/${NETWORK}/virtualNetworks/hub/subnets/AzureFirewallSubnet`
    const own = aPublicIp({ id: `${GROUP}/${NETWORK}/publicIPAddresses/fw`, address: '20.5.0.1' })
    const { gateway, publicIp } = aReadyGateway('20.9.0.7')
    const firewall = aFirewall({
      id: `${GROUP}/${NETWORK}/azureFirewalls/fw`,
      publicIpIds: [own.id],
      subnetIds: [subnet],
    })
    const given = {
      virtualNetworks: [aSpoke()],
      publicIps: [own, publicIp],
      firewalls: [firewall],
      natGateways: [{ ...gateway, subnetIds: [subnet.toUpperCase()] }],
    }
    const made = planFor(byo({ routeTableId: TABLE }, 'VirtualAppliance', given), 'userDefinedRouting')
    t.strictSame(ledgerOf(made), ['kept 20.9.0.7'])
  },
)

t.test('a NAT gateway keeps carrying the traffic until the default route of the target exists', async (t) => {
  for (const defaultOutboundAccess of [null, false])
    for (const outboundType of ['loadBalancer', 'userAssignedNATGateway']) {
      const snapshot = byo({ natGatewayId: GATEWAY.id, defaultOutboundAccess }, null, {
        cluster: { outboundType, agentPools: [aPool({ vnetSubnetId: SUBNET })] },
      })
      const made = planFor(snapshot, 'userDefinedRouting')
      t.match(codesOf(made, 'blocker'), ['UDR_NO_ROUTE_TABLE'])
      t.strictSame(ledgerOf(made), ['kept 20.9.0.1'], outboundType)
      t.match(made.paths, [{ after: { path: 'natGateway', addresses: ['20.9.0.1'], isComplete: true } }])
    }
})

t.test(
  'if a route and a gateway override the load balancer, only the route is reported as the egress path',
  async (t) => {
    const at = `${GROUP}/${NETWORK}/virtualNetworks/vnet/subnets/other`
    const given = {
      cluster: {
        outboundType: 'userAssignedNATGateway',
        agentPools: [aPool({ vnetSubnetId: SUBNET }), aPool({ name: 'user', vnetSubnetId: at })],
      },
    }
    const gated = aSubnet({ id: at, pools: ['user'], natGatewayId: GATEWAY.id })
    const both = byo({ natGatewayId: GATEWAY.id, routeTableId: TABLE }, 'VirtualAppliance', given)
    const saysOf = (snapshot: typeof both) =>
      planFor(snapshot, 'loadBalancer').findings.find((each) => each.code === 'LB_STALE_NATGW')
    const alone = saysOf(both)
    t.match(alone?.facts, { subnets: ['nodes'], routed: ['nodes'] })
    t.match(
      alone?.message,
      /^A NAT gateway still serves the subnet `nodes` and carries the egress .* as soon as the current route is removed\.$/,
    )
    t.notMatch(alone?.message, /keeps the gateway's addresses/)
    const second = { ...gated, id: `${at}-2`, natGatewayId: `${GATEWAY.id}-2` }
    const several = saysOf({ ...both, subnets: [gated, second] })
    t.match(several, {
      facts: { gateways: ['gateway', 'gateway-2'] },
      message:
        /^NAT gateways still serve the subnets .* and override the load balancer, so egress keeps the gateways' addr/,
      remedy: /After the change, detach the NAT gateways from the subnets or virtual network/,
    })
    const mixed = saysOf({ ...both, subnets: [...both.subnets, gated] })
    t.match(
      mixed?.message,
      /serves the subnet `other` and overrides the load balancer, so egress keeps.* serves the subnet `nodes` and .* as soon as/,
    )
  },
)

const [BALANCER_IP = ''] = aLoadBalancerProfile().effectiveOutboundIpIds

/** A cluster on the load balancer whose subnet leaves by a NAT gateway: 20.1.0.1 is held and not used. */
function shadowed(cluster: Partial<ClusterFacts> = {}, lists: AllowListResource[] = []) {
  const snapshot = aByoSnapshot(onGateway[0], {
    ...onGateway[1],
    cluster: { agentPools: [aPool({ vnetSubnetId: SUBNET })], ...cluster },
  })
  return { ...snapshot, surroundings: listsAround(lists) }
}

t.test('reports an unused address that AKS releases, and removes its entries', async (t) => {
  const authorizedIPRanges = ['20.1.0.1/32', '20.9.0.1/32']
  const made = planFor(shadowed({ authorizedIPRanges }), 'userAssignedNATGateway')
  t.strictSame(
    made.egressIps.map(({ address, change, usedBefore }) => [address, change, usedBefore?.length]),
    [
      ['20.9.0.1', 'kept', 2],
      ['20.1.0.1', 'lost', 0],
    ],
  )
  t.strictSame(made.authorizedRanges.removeLater, ['20.1.0.1/32'])
  t.match(made.rollback.lost, [
    /20\.1\.0\.1: AKS permanently releases this address.*\. No traffic uses this address\.$/,
  ])
})

t.test('other lists need no replacement for the address, and keep wider entries', async (t) => {
  const snapshot = shadowed({}, [aList(['20.1.0.1', '20.1.0.0/16'])])
  const made = planFor(snapshot, 'userAssignedNATGateway')
  t.match(made.allowLists.impacts, [
    { entry: '20.1.0.1', add: [], addLater: 0, removeLater: ['20.1.0.1'] },
    { entry: '20.1.0.0/16', add: [], addLater: 0, removeLater: [] },
  ])
  t.ok(codesOf(made).includes('ALLOWLIST_NAMES_LOST_ADDRESS'))
})

t.test('does not report addresses that are in use, customer-provided, or kept', async (t) => {
  const released = (...given: Parameters<typeof planFor>) =>
    codesOf(planFor(...given)).includes('UNUSED_IP_RELEASED')
  t.ok(released(shadowed(), 'userAssignedNATGateway'))
  t.notOk(released(aByoSnapshot(), 'userAssignedNATGateway'), 'used: said by EGRESS_IP_LOST')
  t.notOk(
    released(shadowed(), { outboundType: 'loadBalancer', loadBalancer: { idleTimeoutInMinutes: 9 } }),
    'stays',
  )
  const own = BALANCER_IP.replace(/resourceGroups\/[^/]+/, 'resourceGroups/rg-demo')
  const loadBalancerProfile = aLoadBalancerProfile({ outboundIpIds: [own], effectiveOutboundIpIds: [own] })
  t.notOk(released(shadowed({ loadBalancerProfile }), 'userAssignedNATGateway'), "not read, and the user's")
})

t.test('an address of a manual outbound rule on the load balancer of AKS may be in use', async (t) => {
  const balancer = aKubernetesBalancer()
  const frontend = {
    ...balancer.frontends[0],
    name: 'mine',
    id: `${balancer.id}/frontendIPConfigurations/mine`,
  }
  const rule = { ...balancer.outboundRules[0], name: 'mine', frontendIds: [frontend.id.toUpperCase()] }
  const snapshot = aByoSnapshot(
    {},
    {
      cluster: { authorizedIPRanges: ['198.18.0.0/24'] },
      publicIps: [aPublicIp({ id: OWN_IP, address: '20.4.0.1' })],
      loadBalancers: [
        {
          ...balancer,
          frontends: [...balancer.frontends, { ...frontend, publicIpId: OWN_IP }],
          outboundRules: [...balancer.outboundRules, rule],
        } as typeof balancer,
      ],
    },
  )
  const report = buildEgressReport(snapshot, ANY_POLICY, 'simulated')
  for (const path of report.paths)
    t.match(path, { path: 'loadBalancer', addresses: ['20.1.0.1', '20.4.0.1'], certainty: 'possible' })
  t.match(report.authorizedRanges, { coversEgress: null, coverageUnknown: 'pathUncertain' })
  const { egressIps } = planFor(snapshot, 'none')
  t.match(
    egressIps.find(({ address }) => address === '20.4.0.1'),
    { change: 'lost', recoverable: true, usedBefore: [{ destination: 'internet' }, {}] },
  )
})
