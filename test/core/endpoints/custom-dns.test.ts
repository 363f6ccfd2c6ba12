import t from 'tap'
import type { RuleCollectionFacts } from '../../../src/core/snapshot/firewall-facts.ts'
import type {
  FirewallFacts,
  RouteFacts,
  SubnetFacts,
  VirtualNetworkFacts,
} from '../../../src/core/snapshot/network-facts.ts'
import {
  aByoSnapshot,
  aFirewall,
  aRouteTable,
  aVirtualNetwork,
  GROUP,
  NETWORK,
} from '../../support/a-cluster.ts'
import { DOCUMENTED_RULES, FIREWALL, networkRules } from '../../support/a-firewall.ts'
import { codesOf, planFor } from '../../support/a-plan.ts'
import { TABLE } from '../../support/own-network.ts'
import { withRights } from '../../support/permissions.ts'

const VNET = `${GROUP}/${NETWORK}/virtualNetworks/vnet`
const HUB = `${GROUP}/${NETWORK}/virtualNetworks/hub`
const FIREWALL_ADDRESS = '10.9.0.4'
const POLICY = `${GROUP}/${NETWORK}/firewallPolicies/policy`

interface Network {
  servers?: string[]
  vnet?: Partial<VirtualNetworkFacts>
  /** null: the hub is in a subscription that was not read. */
  hub?: Partial<VirtualNetworkFacts> | null
  routes?: Partial<RouteFacts>[]
  propagates?: boolean
  firewall?: Partial<FirewallFacts>
  rules?: RuleCollectionFacts[]
  subnet?: Partial<SubnetFacts>
}

/** A spoke whose default route leads to the firewall in the hub. */
function planIn({ servers = ['10.50.0.4'], vnet, hub = {}, routes = [], ...given }: Network) {
  const table = aRouteTable(TABLE, 'VirtualAppliance', FIREWALL_ADDRESS)
  const more = routes.map((route) => ({
    name: 'more',
    addressPrefix: '',
    nextHopType: 'VirtualAppliance',
    nextHopIpAddress: null,
    ...route,
  }))
  const peering = { name: 'hub', remoteVirtualNetworkId: HUB, useRemoteGateways: false, isConnected: true }
  const spoke = aVirtualNetwork({
    id: VNET,
    addressPrefixes: ['10.1.0.0/16'],
    dnsServers: servers,
    peerings: [peering],
    ...vnet,
  })
  const remote = hub === null ? [] : [aVirtualNetwork({ id: HUB, addressPrefixes: ['10.9.0.0/16'], ...hub })]
  const collections = [...DOCUMENTED_RULES, ...(given.rules ?? [])]
  const snapshot = aByoSnapshot(
    { routeTableId: TABLE, ...given.subnet },
    {
      virtualNetworks: [spoke, ...remote],
      routeTables: [
        {
          ...table,
          disableBgpRoutePropagation: given.propagates !== true,
          routes: [...table.routes, ...more],
        },
      ],
      firewalls: [aFirewall({ id: FIREWALL, dnsProxy: true, collections, ...given.firewall })],
      surroundings: withRights(),
    },
  )
  return planFor(snapshot, 'userDefinedRouting')
}

/** How the plan finds UDP and TCP 53 to each DNS server. */
function dnsOf(network: Network): string[] {
  const endpoints = planIn(network).requiredEndpoints?.endpoints ?? []
  return endpoints
    .filter(({ port }) => port === 53)
    .map(({ destination, protocol, open }) => `${destination} ${protocol} ${open}`)
}

const both = (server: string, open: string) => [`${server} UDP ${open}`, `${server} TCP ${open}`]
const allow = (...destinations: string[]) =>
  networkRules([{ destinations, protocols: ['UDP', 'TCP'], ports: ['53'] }])

t.test('a DNS server in another spoke is a required endpoint through the firewall', async (t) => {
  const plan = planIn({})
  const [endpoint] = plan.requiredEndpoints?.endpoints.filter(({ port }) => port === 53) ?? []
  t.match(endpoint, { kind: 'address', need: 'required', when: 'custom DNS servers', source: 'list' })
  t.strictSame(dnsOf({}), both('10.50.0.4', 'blocked'))
  const finding = plan.findings.find(({ code }) => code === 'UDR_FIREWALL_RULES')
  t.match(finding?.facts, { blocked: ['10.50.0.4:53 (UDP)', '10.50.0.4:53 (TCP)'] })
  t.strictSame(dnsOf({ rules: [allow('10.50.0.0/24')] }), both('10.50.0.4', 'open'))
  t.notOk(codesOf(planIn({ rules: [allow('10.50.0.4')] })).includes('UDR_FIREWALL_RULES'))
  const udp = networkRules([{ destinations: ['*'], protocols: ['UDP'], ports: ['53'] }])
  t.strictSame(dnsOf({ rules: [udp] }), ['10.50.0.4 UDP open', '10.50.0.4 TCP blocked'], 'TCP as well')
  t.strictSame(
    dnsOf({ rules: [allow('AzureCloud')] }),
    both('10.50.0.4', 'blocked'),
    'tags hold no private address',
  )
})

t.test('each DNS server counts, and the DNS of Azure does not', async (t) => {
  t.strictSame(dnsOf({ servers: [] }), [])
  t.strictSame(dnsOf({ servers: ['168.63.129.16'] }), [])
  t.strictSame(dnsOf({ servers: ['10.50.0.4', '8.8.8.8'], rules: [allow('8.8.8.8')] }), [
    ...both('10.50.0.4', 'blocked'),
    ...both('8.8.8.8', 'open'),
  ])
})

t.test('evaluates the firewall of a route with several next hops only if it has one firewall', async (t) => {
  const through = (nextHopIpAddresses: string[]) =>
    dnsOf({
      routes: [{ addressPrefix: '10.50.0.0/16', nextHopType: 'VirtualApplianceEcmp', nextHopIpAddresses }],
      rules: [allow('10.50.0.4')],
    })
  t.strictSame(through([FIREWALL_ADDRESS]), both('10.50.0.4', 'open'))
  t.strictSame(through([FIREWALL_ADDRESS, '10.9.0.5']), both('10.50.0.4', 'notChecked'))
})

t.test('leaves out a DNS server that nodes reach without an appliance', async (t) => {
  t.strictSame(dnsOf({ servers: ['10.1.7.4'] }), [], 'in the virtual network')
  t.strictSame(dnsOf({ servers: ['10.9.7.4'] }), [], 'in a peered one')
  const peering = { name: 'hub', remoteVirtualNetworkId: HUB, useRemoteGateways: false, isConnected: false }
  t.strictSame(
    dnsOf({ servers: ['10.9.7.4'], vnet: { peerings: [peering] } }),
    both('10.9.7.4', 'blocked'),
    'in a disconnected one',
  )
  const local = [{ addressPrefix: '10.50.0.0/16', nextHopType: 'vnetlocal' }]
  t.strictSame(dnsOf({ routes: local }), [], 'by a route')
  t.strictSame(
    dnsOf({ servers: ['8.8.8.8'], routes: [{ addressPrefix: '8.8.8.8/32', nextHopType: 'Internet' }] }),
    [],
  )
})

t.test('the longest prefix decides, and a route before the network', async (t) => {
  const toFirewall = (addressPrefix: string) => [{ addressPrefix, nextHopIpAddress: FIREWALL_ADDRESS }]
  const servers = ['10.9.7.4']
  t.strictSame(dnsOf({ servers, routes: toFirewall('10.9.0.0/16') }), both('10.9.7.4', 'blocked'))
  t.strictSame(dnsOf({ servers, routes: toFirewall('10.9.7.0/24') }), both('10.9.7.4', 'blocked'))
  t.strictSame(dnsOf({ servers, routes: toFirewall('10.0.0.0/8') }), [])
  const nowhere = [{ addressPrefix: '10.50.0.0/16', nextHopType: 'None' }]
  t.strictSame(dnsOf({ routes: nowhere, rules: [allow('*')] }), both('10.50.0.4', 'blocked'))
  const other = [{ addressPrefix: '10.50.0.0/16', nextHopIpAddress: '10.9.0.99' }]
  t.strictSame(
    dnsOf({ routes: other, rules: [allow('*')] }),
    both('10.50.0.4', 'notChecked'),
    'an unknown appliance',
  )
})

t.test('with a path that ARM does not show, blocked endpoints are unproven', async (t) => {
  const gateway = { hasVirtualNetworkGateway: true }
  t.strictSame(dnsOf({ vnet: gateway, propagates: true }), both('10.50.0.4', 'notProven'), 'a route over BGP')
  t.strictSame(dnsOf({ vnet: gateway, propagates: true, rules: [allow('*')] }), both('10.50.0.4', 'open'))
  t.strictSame(dnsOf({ vnet: gateway }), both('10.50.0.4', 'blocked'), 'not propagated')
  t.strictSame(dnsOf({ hub: null }), both('10.50.0.4', 'notProven'), 'a peered network that was not read')
  const host = [{ addressPrefix: '10.50.0.4/32', nextHopIpAddress: FIREWALL_ADDRESS }]
  t.strictSame(dnsOf({ hub: null, routes: host }), both('10.50.0.4', 'blocked'), 'no route is longer')
})

t.test('a firewall is a DNS server if its DNS proxy is on', async (t) => {
  const servers = [FIREWALL_ADDRESS]
  t.strictSame(dnsOf({ servers }), both(FIREWALL_ADDRESS, 'open'))
  const off = { servers, firewall: { dnsProxy: false } }
  t.strictSame(dnsOf(off), both(FIREWALL_ADDRESS, 'blocked'))
  const plan = planIn(off)
  t.ok(plan.acknowledgementsRequired.includes('FIREWALL_DNS_PROXY_OFF'))
  t.notOk(codesOf(plan).includes('UDR_FIREWALL_RULES'), 'it is reported once')
  t.strictSame(
    dnsOf({ servers, firewall: { policyId: POLICY } }),
    both(FIREWALL_ADDRESS, 'notChecked'),
    'unread policy',
  )
})

t.test('states that the virtual network was not read', async (t) => {
  const notCovered = (plan: ReturnType<typeof planIn>) =>
    plan.requiredEndpoints?.coverage.notCovered.join(' ')
  t.notMatch(notCovered(planIn({})), /DNS/)
  t.match(notCovered(planIn({ vnet: { id: `${VNET}-other` } })), /Custom DNS servers/)
})
