import t from 'tap'
import type { Plan } from '../../../src/contract/plan.ts'
import { buildEgressReport } from '../../../src/core/planner/egress-report.ts'
import type { RouteFacts } from '../../../src/core/snapshot/network-facts.ts'
import type { ClusterFacts, Snapshot } from '../../../src/core/snapshot/snapshot.ts'
import {
  aByoSnapshot,
  aFirewall,
  aLoadBalancerProfile,
  aNatGateway,
  aPool,
  aPrefix,
  aPublicIp,
  aVirtualNetwork,
  NETWORK,
  NODE_GROUP,
  SUBNET,
} from '../../support/a-cluster.ts'
import { FIREWALL } from '../../support/a-firewall.ts'
import { ANY_POLICY, codesOf, planFor } from '../../support/a-plan.ts'
import { GATEWAY, NETWORK_OF_USER, OWN_IP, TABLE } from '../../support/own-network.ts'
import { aList, listsAround } from '../../support/permissions.ts'

/** Networks in which one path per subnet gives a wrong answer. Each was reported by users of AKS, or found in their definitions. */

const LB_IP = '20.1.0.1'
const FIREWALL_IP = '20.3.0.1'
const NAT_IP = '20.9.0.1'
const IPV6_ID = `${NODE_GROUP}/${NETWORK}/publicIPAddresses/lb-ipv6`
const VNET = `${NETWORK_OF_USER}/virtualNetworks/vnet`

function route(
  addressPrefix: string,
  nextHopType: string,
  nextHopIpAddress: string | null = null,
): RouteFacts {
  return { name: addressPrefix, addressPrefix, nextHopType, nextHopIpAddress }
}
const toFirewall = (prefix: string) => route(prefix, 'VirtualAppliance', '10.9.0.4')

interface Given {
  routes?: RouteFacts[]
  nat?: boolean
  cluster?: Partial<ClusterFacts>
  network?: Partial<Parameters<typeof aVirtualNetwork>[0]>
  firewall?: Partial<Parameters<typeof aFirewall>[0]>
  disableBgpRoutePropagation?: boolean
}

/** A load balancer cluster in a customer's network with a firewall and perhaps a NAT gateway, as a test varies it. */
function network({ routes, nat = false, cluster = {}, ...given }: Given): Snapshot {
  return aByoSnapshot(
    { routeTableId: routes === undefined ? null : TABLE, natGatewayId: nat ? GATEWAY.id : null },
    {
      cluster: { agentPools: [aPool({ vnetSubnetId: SUBNET })], identityType: 'UserAssigned', ...cluster },
      virtualNetworks: [aVirtualNetwork({ id: VNET, ...given.network })],
      routeTables: [
        {
          id: TABLE,
          location: 'eastus',
          disableBgpRoutePropagation: given.disableBgpRoutePropagation ?? false,
          routes: routes ?? [],
          subnetIds: [SUBNET],
        },
      ],
      natGateways: [GATEWAY.gateway],
      firewalls: [aFirewall({ id: FIREWALL, publicIpIds: [OWN_IP], ...given.firewall })],
      publicIps: [
        GATEWAY.publicIp,
        aPublicIp({ id: OWN_IP, address: FIREWALL_IP }),
        aPublicIp({ id: IPV6_ID, address: '2603:1030::1', version: 'IPv6' }),
      ],
    },
  )
}

const dualStack: Partial<ClusterFacts> = {
  ipFamilies: ['IPv4', 'IPv6'],
  loadBalancerProfile: aLoadBalancerProfile({
    managedOutboundIpv6Count: 1,
    effectiveOutboundIpIds: [`${NODE_GROUP}/${NETWORK}/publicIPAddresses/lb-ip`, IPV6_ID],
  }),
}

const reportFor = (snapshot: Snapshot) => buildEgressReport(snapshot, ANY_POLICY, 'simulated')
const rowOf = (plan: Plan, address: string) => plan.egressIps.find((row) => row.address === address)
const pathTo = (plan: Plan, destination: string) => plan.paths.find((row) => row.destination === destination)
const apiServerOf = (snapshot: Snapshot) =>
  reportFor(snapshot).paths.find(({ destination }) => destination === 'apiServer')

t.test(
  'counts an IPv6 address as in use behind an IPv4 default route, and requires its acknowledgement',
  async (t) => {
    const snapshot = network({ routes: [toFirewall('0.0.0.0/0')], cluster: dualStack })
    const plan = planFor(snapshot, 'userDefinedRouting')
    t.match(rowOf(plan, '2603:1030::1'), {
      change: 'lost',
      usedBefore: [{ family: 'IPv6', destination: 'internet' }],
    })
    t.ok(plan.acknowledgementsRequired.includes('EGRESS_IP_LOST'))
    t.ok(plan.acknowledgementsRequired.includes('IPV6_EGRESS_LOST'))
  },
)

t.test('finds an unused address that a change of parameters releases', async (t) => {
  const snapshot = network({ nat: true })
  const plan = planFor(snapshot, { outboundType: 'loadBalancer', loadBalancer: { outboundIpIds: [OWN_IP] } })
  t.match(rowOf(plan, LB_IP), { change: 'lost', usedBefore: [] })
  t.ok(codesOf(plan).includes('UNUSED_IP_RELEASED'))
  const listed = { ...snapshot, surroundings: listsAround([aList([LB_IP])]) }
  const request = { consumers: [{ name: 'bank', addresses: [LB_IP] }] }
  const { allowLists, findings } = planFor(listed, plan.request, request)
  t.match(allowLists.impacts, [{ entry: LB_IP, removeLater: [LB_IP] }], 'allow lists are searched')
  t.match(allowLists.consumers, [{ name: 'bank', drop: [LB_IP] }])
  t.ok(findings.some(({ code }) => code === 'ALLOWLIST_NAMES_LOST_ADDRESS'))
  const fewer = network({
    nat: true,
    cluster: {
      loadBalancerProfile: aLoadBalancerProfile({
        managedOutboundIpCount: 2,
        effectiveOutboundIpIds: [
          `${NODE_GROUP}/${NETWORK}/publicIPAddresses/lb-ip`,
          IPV6_ID.replace('lb-ipv6', 'two'),
        ],
      }),
    },
  })
  const reduced = planFor(fewer, {
    outboundType: 'loadBalancer',
    loadBalancer: { managedOutboundIpCount: 1 },
  })
  t.match(
    rowOf(reduced, LB_IP),
    { change: 'unknown', usedBefore: [] },
    'AKS chooses the one that it releases',
  )
})

t.test(
  'routes the API server through the load balancer if its service tag bypasses the firewall',
  async (t) => {
    const authorizedIPRanges = [`${FIREWALL_IP}/32`]
    const routes = [toFirewall('0.0.0.0/0'), route('AzureCloud.eastus', 'Internet')]
    const plan = planFor(network({ routes, cluster: { authorizedIPRanges } }), 'userDefinedRouting')
    t.match(pathTo(plan, 'apiServer'), { before: { path: 'loadBalancer', addresses: [LB_IP] } })
    t.match(rowOf(plan, LB_IP), { change: 'lost' })
    t.ok(plan.acknowledgementsRequired.includes('API_SERVER_PATH_LOST'))
    t.ok(plan.acknowledgementsRequired.includes('AUTHORIZED_EGRESS_NOT_IN_ARM'))
    for (const tag of ['AzureCloud', 'azurecloud.EastUS'])
      t.equal(
        apiServerOf(network({ routes: [toFirewall('0.0.0.0/0'), route(tag, 'Internet')] }))?.path,
        'loadBalancer',
        tag,
      )
    t.equal(
      apiServerOf(network({ routes: [toFirewall('0.0.0.0/0'), route('AzureCloud.westus', 'Internet')] }))
        ?.path,
      'virtualAppliance',
      'the tag of another region',
    )
  },
)

t.test('compares the ranges with the NAT gateway if the API server bypasses the firewall', async (t) => {
  const routes = [toFirewall('0.0.0.0/0'), route('AzureCloud.eastus', 'Internet')]
  const covers = (authorizedIPRanges: string[]) =>
    reportFor(network({ routes, nat: true, cluster: { authorizedIPRanges } })).authorizedRanges.coversEgress
  t.equal(covers([`${FIREWALL_IP}/32`]), false)
  t.equal(covers([`${NAT_IP}/32`]), true)
})

t.test('shows the firewall to a partner whose prefix is routed to it', async (t) => {
  const snapshot = network({ routes: [toFirewall('198.51.100.0/24')], nat: true })
  const report = reportFor(snapshot)
  const partner = report.paths.find(({ destination }) => destination === '198.51.100.0/24')
  t.match(partner, {
    path: 'virtualAppliance',
    via: '10.9.0.4',
    addresses: [FIREWALL_IP],
    certainty: 'certain',
  })
  t.match(
    report.egressIps.map(({ address }) => address),
    [NAT_IP, FIREWALL_IP],
  )
  t.match(pathTo(planFor(snapshot, 'userAssignedNATGateway'), '198.51.100.0/24'), {
    before: { addresses: [FIREWALL_IP] },
    after: { addresses: [FIREWALL_IP] },
  })
})

t.test('treats several appliances on one route as an appliance path', async (t) => {
  const ecmp = { ...route('0.0.0.0/0', 'VirtualApplianceEcmp'), nextHopIpAddresses: ['10.9.0.4', '10.9.0.5'] }
  const plan = planFor(network({ routes: [ecmp], nat: true }), 'userDefinedRouting')
  t.equal(plan.from.effective, 'virtualAppliance')
  t.match(plan.paths[0]?.before, { via: '10.9.0.4, 10.9.0.5', addresses: [FIREWALL_IP], isComplete: false })
  t.strictSame(
    codesOf(plan, 'blocker').filter((code) => code.startsWith('UDR_')),
    [],
  )
})

t.test('sees a StandardV2 NAT gateway of the whole virtual network, from either side', async (t) => {
  t.equal(reportFor(network({})).effective, 'loadBalancer')
  t.match(reportFor(network({ network: { natGatewayId: GATEWAY.id } })), {
    effective: 'natGateway',
    egressIps: [{ address: NAT_IP }],
  })
  const snapshot = network({})
  const gateway = aNatGateway({ ...GATEWAY.gateway, sku: 'StandardV2', sourceVirtualNetworkId: VNET })
  const attached = { ...snapshot, natGateways: { [GATEWAY.id.toLowerCase()]: gateway } }
  t.equal(reportFor(attached).effective, 'natGateway')
})

t.test('marks a path as possible if a default route may arrive over BGP', async (t) => {
  const peerings = [{ name: 'hub', remoteVirtualNetworkId: null, useRemoteGateways: true, isConnected: true }]
  const certaintyOf = (given: Given) => reportFor(network(given)).paths[0]?.certainty
  t.equal(certaintyOf({}), 'certain')
  t.equal(certaintyOf({ network: { peerings } }), 'possible')
  t.equal(certaintyOf({ network: { hasVirtualNetworkGateway: true } }), 'possible')
  t.equal(certaintyOf({ network: { peerings }, routes: [], disableBgpRoutePropagation: true }), 'certain')
  t.equal(
    certaintyOf({ network: { peerings }, routes: [toFirewall('0.0.0.0/0')] }),
    'certain',
    'a route decides',
  )
  for (const outboundType of ['loadBalancer', 'userAssignedNATGateway', 'userDefinedRouting', 'none'])
    t.equal(certaintyOf({ network: { peerings }, cluster: { outboundType } }), 'possible', outboundType)
  const cluster = { enablePrivateCluster: true }
  const plan = planFor(network({ network: { peerings }, routes: [], cluster }), 'userDefinedRouting')
  t.match(
    plan.findings.find(({ code }) => code === 'UDR_DEFAULT_ROUTE_MAY_COME_BY_BGP'),
    { severity: 'warning', message: /`RouteTableMissingDefaultRouteError`/ },
  )
})

t.test('treats a NAT gateway as possibly in use if only BGP can provide the default route', async (t) => {
  const cluster = {
    outboundType: 'userDefinedRouting',
    enablePrivateCluster: true,
    loadBalancerProfile: null,
  } as const
  const snapshot = network({ nat: true, routes: [], cluster })
  const [path] = reportFor(snapshot).paths
  t.match(path, { path: 'unknown', addresses: [NAT_IP], isComplete: false })
  const other = { ...GATEWAY.gateway, id: `${GATEWAY.id}-2`, publicIpIds: [OWN_IP] }
  const natGateways = { ...snapshot.natGateways, [other.id.toLowerCase()]: other }
  const prepare = { natGateway: { id: other.id } }
  const plan = planFor({ ...snapshot, natGateways }, 'userAssignedNATGateway', { prepare })
  t.match(rowOf(plan, NAT_IP), { change: 'lost', usedAfter: [] })
  t.equal(rowOf(plan, FIREWALL_IP)?.change, 'added')
})

t.test(
  'knows the public addresses of a firewall in a virtual hub, and widens the ranges with them',
  async (t) => {
    const firewall = { publicIpIds: [], hubPublicAddresses: ['20.4.0.1', '20.4.0.2'] }
    const cluster = { authorizedIPRanges: ['203.0.113.0/24'] }
    const plan = planFor(
      network({ routes: [toFirewall('0.0.0.0/0')], firewall, cluster }),
      'userDefinedRouting',
    )
    t.strictSame(plan.authorizedRanges.add, ['20.4.0.1/32', '20.4.0.2/32'])
    t.notOk(
      codesOf(plan).some(
        (code) => code === 'EGRESS_PATH_NOT_IN_ARM' || code === 'AUTHORIZED_EGRESS_NOT_IN_ARM',
      ),
    )
  },
)

t.test('uses the NAT gateway on the subnet of the firewall', async (t) => {
  const subnetId = `${VNET}/subnets/AzureFirewallSubnet`
  const snapshot = network({ routes: [toFirewall('0.0.0.0/0')], firewall: { subnetIds: [subnetId] } })
  const gateway = { ...GATEWAY.gateway, subnetIds: [subnetId] }
  const behind = { ...snapshot, natGateways: { [GATEWAY.id.toLowerCase()]: gateway } }
  t.match(reportFor(behind).egressIps, [{ address: NAT_IP }])
})

t.test('keeps the path if the change is not supported', async (t) => {
  const plan = planFor(network({ nat: true }), 'managedNATGateway')
  t.equal(plan.transition.support, 'unsupported')
  for (const { before, after } of plan.paths) t.strictSame(after, before)
})

t.test(
  'a gateway that the plan attaches replaces the public IPs of nodes on the path of each pool',
  async (t) => {
    const prefix = aPrefix({ id: `${NETWORK_OF_USER}/publicIPPrefixes/nodes`, prefix: '20.5.0.0/28' })
    const agentPools = [
      aPool({ name: 'plain', vnetSubnetId: SUBNET }),
      aPool({
        name: 'public',
        vnetSubnetId: SUBNET,
        enableNodePublicIP: true,
        nodePublicIpPrefixIds: [prefix.id],
      }),
    ]
    const snapshot = network({ cluster: { agentPools } })
    const subnets = snapshot.subnets.map((subnet) => ({ ...subnet, pools: ['plain', 'public'] }))
    const plan = planFor(
      { ...snapshot, subnets, publicIpPrefixes: { [prefix.id]: prefix } },
      'userAssignedNATGateway',
      {
        prepare: { natGateway: { id: GATEWAY.id } },
      },
    )
    const rows = plan.paths.filter(({ destination }) => destination === 'internet')
    t.ok(rows.some(({ before }) => before.path === 'instancePublicIp'))
    for (const { pools, after } of rows)
      t.match(after, { path: 'natGateway', addresses: [NAT_IP] }, pools.join())
  },
)

t.test('an address that AKS creates is no loss of the path to the API server', async (t) => {
  const routes = [toFirewall('0.0.0.0/0'), route('198.51.100.7/32', 'Internet')]
  const plan = planFor(network({ routes, cluster: { authorizedIPRanges: [`${FIREWALL_IP}/32`] } }), {
    outboundType: 'loadBalancer',
    loadBalancer: { managedOutboundIpCount: 2 },
  })
  t.notOk(codesOf(plan).includes('API_SERVER_PATH_LOST'))
})

t.test(
  'an address that may be in use behind a route that is unread or of an unknown type is lost',
  async (t) => {
    const cluster = { authorizedIPRanges: ['198.18.0.0/24'] }
    const networks: Record<string, Snapshot> = {
      unread: { ...network({ routes: [], cluster }), routeTables: {} },
      'unknown type': network({ routes: [route('0.0.0.0/0', 'SomethingNew')], cluster }),
    }
    for (const [name, snapshot] of Object.entries(networks)) {
      const plan = planFor(snapshot, 'none')
      t.match(rowOf(plan, LB_IP), { change: 'lost', usedBefore: [{ destination: 'internet' }] }, name)
      t.ok(plan.acknowledgementsRequired.includes('EGRESS_IP_LOST'), name)
      t.notOk(codesOf(plan).includes('UNUSED_IP_RELEASED'), name)
      const prepared = planFor(snapshot, 'userAssignedNATGateway', {
        prepare: { natGateway: { id: GATEWAY.id } },
      })
      t.strictSame(prepared.authorizedRanges.add, [`${NAT_IP}/32`], name)
    }
  },
)

t.test('a cleanup keeps the range of an attached gateway behind an unread route table', async (t) => {
  const cluster = {
    outboundType: 'userAssignedNATGateway',
    loadBalancerProfile: null,
    authorizedIPRanges: ['198.18.0.0/24', `${NAT_IP}/32`],
  }
  const snapshot = { ...network({ routes: [], nat: true, cluster }), routeTables: {} }
  const cleanUp = { narrow: [`${NAT_IP}/32`], detach: false, delete: [] }
  const plan = planFor(snapshot, 'userAssignedNATGateway', { cleanUp })
  t.ok(codesOf(plan, 'blocker').includes('NARROWING_CUTS_OFF'))
})

t.test('0.0.0.0/32 blocks a load balancer plan that would add another address beside it', async (t) => {
  const cluster = { authorizedIPRanges: ['0.0.0.0/32'] }
  const snapshot = network({ routes: [toFirewall('AzureCloud')], cluster })
  const two = { outboundType: 'loadBalancer' as const, loadBalancer: { managedOutboundIpCount: 2 } }
  for (const target of [two, 'loadBalancer'] as const) {
    const plan = planFor(snapshot, target)
    const finding = plan.findings.find(({ code }) => code === 'AUTHORIZED_ZERO_PLACEHOLDER')
    t.equal(finding?.severity, 'blocker')
    t.match(
      finding?.message,
      /^Nodes have no access to the API server from 20\.3\.0\.1\/32, because the authorized IP range 0\.0\.0\.0\/32 allows only/,
    )
  }
  t.notOk(codesOf(planFor(network({ cluster }), two)).includes('AUTHORIZED_ZERO_PLACEHOLDER'))
})

t.test(
  'an interrupted change leaves the addresses of the former type possibly in use, in every plan',
  async (t) => {
    const cluster = {
      outboundType: 'userDefinedRouting',
      loadBalancerProfile: aLoadBalancerProfile(),
      authorizedIPRanges: ['198.18.0.0/24'],
    }
    const snapshot = network({ cluster })
    const { interruptedChange, paths, authorizedRanges } = reportFor(snapshot)
    t.strictSame(interruptedChange, { former: 'loadBalancer' })
    for (const path of paths)
      t.match(path, { path: 'loadBalancer', addresses: [LB_IP], isComplete: false, certainty: 'possible' })
    t.match(authorizedRanges, { coversEgress: null, coverageUnknown: 'pathUncertain' })
    const plan = planFor(snapshot, 'userAssignedNATGateway', { prepare: { natGateway: { id: GATEWAY.id } } })
    t.match(rowOf(plan, LB_IP), { change: 'lost', usedBefore: [{ destination: 'internet' }, {}] })
    t.ok(plan.acknowledgementsRequired.includes('EGRESS_IP_LOST'))
    t.ok(codesOf(plan).includes('CHANGE_INTERRUPTED'))
    const attached = network({ cluster, nat: true })
    t.match(reportFor(attached).paths, [
      { path: 'natGateway', addresses: [NAT_IP], certainty: 'certain' },
      {},
    ])
    const complete = reportFor(network({ cluster: { outboundType: 'userDefinedRouting' } }))
    t.equal(complete.interruptedChange, undefined)
    t.match(complete.paths, [{ path: 'defaultOutbound' }, {}])
  },
)

t.test('an interrupted change to block leaves open whether packets have a path at all', async (t) => {
  // Only AKS-managed networks support block.
  const cluster = {
    agentPools: [aPool()],
    outboundType: 'block',
    loadBalancerProfile: aLoadBalancerProfile(),
    artifactSource: 'Cache',
  }
  const snapshot = network({ routes: [toFirewall('0.0.0.0/0')], cluster })
  const plan = planFor(snapshot, 'managedNATGateway')
  const interrupted = plan.findings.find(({ code }) => code === 'CHANGE_INTERRUPTED')
  t.match(interrupted?.message, /traffic may use either egress path/)
  t.match(pathTo(plan, 'internet'), { before: { path: 'virtualAppliance', certainty: 'possible' } })
  t.match(plan, { disruption: { movesTraffic: true }, cutOver: { step: 'change-outbound-type' } })
  const reconcile = planFor(snapshot, 'block', { reconcile: true })
  t.strictSame(
    ['ISO_WORKLOADS_LOSE_INTERNET', 'ISO_REIMAGE_ORDER', 'API_SERVER_PATH_LOST'].filter(
      (code) => !reconcile.acknowledgementsRequired.includes(code),
    ),
    [],
    'the reconcile asks about everything that ends',
  )
  t.notMatch(
    reconcile.findings.find(({ code }) => code === 'RECONCILE_COMPLETES_CHANGE')?.message,
    /detaches/,
    'AKS does not detach the address of a firewall',
  )
})

t.test('every part of a plan shows the release of the addresses of the former type', async (t) => {
  const cluster = { outboundType: 'userDefinedRouting', loadBalancerProfile: aLoadBalancerProfile() }
  const snapshot = network({ cluster })
  const plan = planFor(snapshot, 'userAssignedNATGateway', { prepare: { natGateway: { id: GATEWAY.id } } })
  t.match(
    plan.resourceChanges.filter(({ action }) => action === 'delete'),
    [{ id: aLoadBalancerProfile().effectiveOutboundIpIds[0], confidence: 'inferred' }],
  )
  const cleanup = planFor(network({ cluster, nat: true }), 'userDefinedRouting', {
    cleanUp: { detach: false, narrow: [], delete: [] },
  })
  t.match(cleanup.egressIps, [{ address: NAT_IP, change: 'kept' }])
  const detaching = planFor(network({ cluster, nat: true }), 'userDefinedRouting', {
    cleanUp: { detach: true, narrow: [], delete: [] },
  })
  t.match(rowOf(detaching, LB_IP), { change: 'added' }, 'a cleanup does not complete the change')
})

t.test('a kept path to the API server through unknown addresses requires no acknowledgement', async (t) => {
  const cluster = { authorizedIPRanges: ['203.0.113.0/24'] }
  const isAsked = (routes: RouteFacts[], target: 'userDefinedRouting' | 'userAssignedNATGateway') =>
    planFor(
      network({ routes, cluster, firewall: { privateAddresses: ['10.9.0.9'] } }),
      target,
    ).acknowledgementsRequired.includes('AUTHORIZED_EGRESS_NOT_IN_ARM')
  t.notOk(isAsked([toFirewall('0.0.0.0/0')], 'userDefinedRouting'))
  t.ok(isAsked([toFirewall('0.0.0.0/0'), route('AzureCloud.eastus', 'Internet')], 'userDefinedRouting'))
  const unresolved = [toFirewall('0.0.0.0/0'), route('20.40.7.0/24', 'Internet')]
  t.ok(isAsked(unresolved, 'userDefinedRouting'), 'one of the possible paths changes')
})

t.test('says which ranges a plan adds only for a route that may not match the API server', async (t) => {
  const cluster = { authorizedIPRanges: ['203.0.113.0/24'] }
  const uncertain = (routes: RouteFacts[], authorizedRanges: 'widen' | 'keep' = 'widen') =>
    planFor(network({ routes, nat: true, cluster }), 'userAssignedNATGateway', {
      authorizedRanges,
    }).findings.find(({ code }) => code === 'API_SERVER_PATH_UNCERTAIN')
  t.match(uncertain([toFirewall('198.51.100.0/24')]), {
    facts: { addresses: [NAT_IP, FIREWALL_IP], added: [`${FIREWALL_IP}/32`] },
    remedy:
      /The job adds 20\.3\.0\.1\/32 to the authorized IP ranges, because nodes may connect from this address\./,
  })
  const kept = uncertain([toFirewall('198.51.100.0/24')], 'keep')
  t.match(
    kept?.remedy,
    /If nodes may connect from the addresses 20\.[\d., and/]*20\.3\.0\.1\/32, add these addresses to the authorized IP ranges before/,
  )
  t.notMatch(kept?.remedy, /The job adds/, 'the reader adds them')
  const usual = uncertain([toFirewall('AzureCloud.eastus'), route('20.40.7.0/24', 'Internet')])
  t.equal(usual?.facts.added, undefined, 'both routes are usual')
})

t.test('names an attached gateway as a carrier only if a path uses it', async (t) => {
  const meaning = (routes: RouteFacts[] | undefined, target: Parameters<typeof planFor>[1]) =>
    planFor(network({ ...(routes === undefined ? {} : { routes }), nat: true }), target).resourceChanges.find(
      ({ id, action }) => id === GATEWAY.id && action === 'retain',
    )?.because
  t.match(meaning(undefined, 'none'), /still carries traffic of the cluster\.$/)
  t.match(meaning([toFirewall('0.0.0.0/0')], 'none'), /carries no traffic of the cluster after the change\.$/)
  t.match(meaning(undefined, 'userAssignedNATGateway'), /^The egress of the cluster uses this NAT gateway/)
})
