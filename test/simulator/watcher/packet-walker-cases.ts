import { apiServerAddress } from '../../../src/simulator/watcher/service-tags.ts'
import {
  body,
  firewall,
  gatewayWithRoutes,
  type HopSpec,
  hubFirewall,
  loadBalancer,
  type NetworkBody,
  natGateway,
  networkId,
  peering,
  publicIp,
  routeTable,
  securedHub,
  securityGroup,
  virtualNetwork,
} from '../../support/network-bodies.ts'
import {
  BEHIND_FIREWALL,
  FIREWALL,
  FIREWALL_BODY,
  FIREWALLS,
  PEERED,
} from './packet-walker-firewall-cases.ts'

export const INTERNET = '93.184.216.34'
const INTERNET_V6 = '2606:2800:220:1::1'
export const API_SERVER = apiServerAddress('/clusters/a', 'eastus')

/** What the nodes have where a case says nothing else: a load balancer with one address of each family. */
export const DEFAULTS = [
  publicIp('lb-v4', '20.70.0.1'),
  publicIp('lb-v6', '2603:1030:20e::1'),
  publicIp('nat-v4', '20.70.0.2'),
  publicIp('nat-v6', '2603:1030:20e::2'),
  publicIp('nat-prefix', '13.70.0.16/28'),
  publicIp('node-prefix', '13.70.0.32/28'),
  publicIp('fw-1', '20.70.0.3'),
  publicIp('fw-2', '20.70.0.4'),
  loadBalancer('loadBalancers/kubernetes', { v4: ['lb-v4'], v6: ['lb-v6'] }),
  virtualNetwork('hub', '10.250.0.0/16', { AzureFirewallSubnet: {} }),
]

export interface Case {
  name: string
  /** Properties of the subnet of the nodes. */
  subnet?: Parameters<typeof virtualNetwork>[2][string]
  /** Properties of its network. */
  network?: object
  /** Its route table. */
  routes?: Record<string, HopSpec>
  /** Further resources, which replace defaults of the same name. */
  bodies?: NetworkBody[]
  nodes?: { hasPublicIps?: boolean; publicIpPrefixIds?: string[] }
  to?: string
  /** Next hop, origin of the source address, and the addresses. */
  leaves: [hop: string, source: string, ...addresses: string[]]
}

const LB = ['Internet', 'loadBalancer', '20.70.0.1'] as [string, string, ...string[]]
const NAT = ['Internet', 'natGateway', '20.70.0.2'] as [string, string, ...string[]]
const V2_GATEWAY = natGateway('nat', { v4: ['nat-v4'], v6: ['nat-v6'] }, { sku: 'StandardV2' })
const V1_GATEWAY = natGateway('nat', { v4: ['nat-v4'] })

const SOURCES: Case[] = [
  { name: 'an outbound rule, without anything else', leaves: LB },
  {
    name: 'an outbound rule for IPv6',
    to: INTERNET_V6,
    leaves: ['Internet', 'loadBalancer', '2603:1030:20e::1'],
  },
  {
    name: 'a NAT gateway before an outbound rule',
    subnet: { natGateway: 'nat' },
    bodies: [V1_GATEWAY],
    leaves: NAT,
  },
  {
    name: 'a Standard NAT gateway carries no IPv6',
    subnet: { natGateway: 'nat' },
    bodies: [natGateway('nat', { v4: ['nat-v4'], v6: ['nat-v6'] })],
    to: INTERNET_V6,
    leaves: ['Internet', 'loadBalancer', '2603:1030:20e::1'],
  },
  {
    name: 'a StandardV2 NAT gateway carries IPv6 by its IPv6 addresses',
    subnet: { natGateway: 'nat' },
    bodies: [V2_GATEWAY],
    to: INTERNET_V6,
    leaves: ['Internet', 'natGateway', '2603:1030:20e::2'],
  },
  {
    name: 'a StandardV2 NAT gateway without IPv6 addresses leaves IPv6 to the outbound rule',
    subnet: { natGateway: 'nat' },
    bodies: [natGateway('nat', { v4: ['nat-v4'] }, { sku: 'StandardV2' })],
    to: INTERNET_V6,
    leaves: ['Internet', 'loadBalancer', '2603:1030:20e::1'],
  },
  {
    name: 'all addresses and prefixes of a NAT gateway',
    subnet: { natGateway: 'nat' },
    bodies: [natGateway('nat', { v4: ['nat-v4'], prefixes: ['nat-prefix'] })],
    leaves: ['Internet', 'natGateway', '20.70.0.2', '13.70.0.16/28'],
  },
  {
    name: 'a NAT gateway of the whole network',
    network: { defaultPublicNatGateway: { id: networkId('natGateways/nat') } },
    bodies: [V2_GATEWAY],
    leaves: NAT,
  },
  {
    name: 'a NAT gateway of the subnet before one of the whole network',
    subnet: { natGateway: 'own' },
    network: { defaultPublicNatGateway: { id: networkId('natGateways/nat') } },
    bodies: [V2_GATEWAY, natGateway('own', { prefixes: ['nat-prefix'] })],
    leaves: ['Internet', 'natGateway', '13.70.0.16/28'],
  },
  {
    name: 'public IPs of nodes before an outbound rule',
    nodes: { hasPublicIps: true, publicIpPrefixIds: [networkId('publicIPPrefixes/node-prefix')] },
    leaves: ['Internet', 'instancePublicIp', '13.70.0.32/28'],
  },
  {
    name: 'public IPs of nodes without a prefix are unknown',
    nodes: { hasPublicIps: true },
    leaves: ['Internet', 'instancePublicIp'],
  },
  {
    name: 'public IPs of nodes carry no IPv6',
    nodes: { hasPublicIps: true },
    to: INTERNET_V6,
    leaves: ['Internet', 'loadBalancer', '2603:1030:20e::1'],
  },
  {
    name: 'a NAT gateway before public IPs of nodes',
    subnet: { natGateway: 'nat' },
    bodies: [V1_GATEWAY],
    nodes: { hasPublicIps: true },
    leaves: NAT,
  },
  {
    name: 'default outbound access where nothing else is',
    bodies: [loadBalancer('loadBalancers/kubernetes', {})],
    leaves: ['Internet', 'defaultOutbound'],
  },
  {
    name: 'nothing in a private subnet without any egress',
    subnet: { defaultOutboundAccess: false },
    bodies: [loadBalancer('loadBalancers/kubernetes', {})],
    leaves: ['Internet', 'none'],
  },
  {
    name: 'no default outbound access for IPv6',
    bodies: [loadBalancer('loadBalancers/kubernetes', { v4: ['lb-v4'] })],
    to: INTERNET_V6,
    leaves: ['Internet', 'none'],
  },
]

const ROUTES: Case[] = [
  {
    name: 'a default route says nothing about IPv6',
    routes: { '0.0.0.0/0': FIREWALL },
    bodies: [FIREWALL_BODY],
    to: INTERNET_V6,
    leaves: ['Internet', 'loadBalancer', '2603:1030:20e::1'],
  },
  {
    name: 'an IPv6 default route says nothing about IPv4',
    routes: { '::/0': 'fd00::4' },
    leaves: LB,
  },
  {
    name: 'an IPv6 default route to an appliance',
    routes: { '::/0': 'fd00::4' },
    to: INTERNET_V6,
    leaves: ['VirtualAppliance', 'unknown'],
  },
  {
    name: 'the longest prefix',
    routes: { '0.0.0.0/0': FIREWALL, '93.184.0.0/16': 'None', '93.184.216.0/24': 'Internet' },
    bodies: [FIREWALL_BODY],
    leaves: LB,
  },
  {
    name: 'halves of the internet before the whole',
    routes: { '0.0.0.0/0': FIREWALL, '0.0.0.0/1': 'Internet', '128.0.0.0/1': 'None' },
    bodies: [FIREWALL_BODY],
    leaves: LB,
  },
  { name: 'the next hop None', routes: { '0.0.0.0/0': 'None' }, leaves: ['None', 'none'] },
  { name: 'the next hop VnetLocal', routes: { '0.0.0.0/0': 'VnetLocal' }, leaves: ['VnetLocal', 'none'] },
  { name: 'the next hop Internet', routes: { '0.0.0.0/0': 'Internet' }, leaves: LB },
  {
    name: 'a next hop in another letter case',
    routes: { '0.0.0.0/0': 'internet' },
    leaves: LB,
  },
  {
    name: 'the next hop VirtualNetworkGateway',
    network: { virtualNetworkPeerings: [peering('hub', { useRemoteGateways: true })] },
    routes: { '0.0.0.0/0': 'VirtualNetworkGateway' },
    leaves: ['VirtualNetworkGateway', 'unknown'],
  },
  {
    name: 'the next hop VirtualNetworkGateway without a gateway',
    network: { virtualNetworkPeerings: [peering('hub')] },
    routes: { '0.0.0.0/0': 'VirtualNetworkGateway' },
    leaves: ['VirtualNetworkGateway', 'none'],
  },
  {
    name: 'the next hop VirtualApplianceEcmp with unknown appliances',
    routes: { '0.0.0.0/0': ['10.1.9.4', '10.1.9.5'] },
    leaves: ['VirtualApplianceEcmp', 'unknown'],
  },
  {
    name: 'the next hop VirtualApplianceEcmp with two firewalls',
    ...PEERED,
    routes: { '0.0.0.0/0': [FIREWALL, '10.250.1.4'] },
    bodies: [firewall('fw', FIREWALL, 'hub', ['fw-1']), firewall('other', '10.250.1.4', 'hub', ['fw-2'])],
    leaves: ['VirtualApplianceEcmp', 'firewall', '20.70.0.3', '20.70.0.4'],
  },
  {
    name: 'one unknown appliance among several makes the address of some packets unknown',
    ...PEERED,
    routes: { '0.0.0.0/0': [FIREWALL, '10.1.9.5'] },
    bodies: [FIREWALL_BODY],
    leaves: ['VirtualApplianceEcmp', 'unknown', '20.70.0.3', '20.70.0.4'],
  },
  { name: 'addresses of the own network stay there', to: '10.1.3.4', leaves: ['VnetLocal', 'private'] },
  {
    name: 'addresses of a peered network',
    network: { virtualNetworkPeerings: [peering('hub')] },
    to: '10.250.0.9',
    leaves: ['VnetLocal', 'private'],
  },
  {
    name: 'addresses of a network that is not peered any longer',
    network: { virtualNetworkPeerings: [peering('hub', { peeringState: 'Disconnected' })] },
    to: '10.250.0.9',
    leaves: ['None', 'none'],
  },
  {
    name: 'a service endpoint before a default route',
    subnet: { serviceEndpoints: [{ service: 'Microsoft.Storage', locations: ['eastus'] }] },
    routes: { '0.0.0.0/0': 'None' },
    to: sampleOf(1),
    leaves: ['VirtualNetworkServiceEndpoint', 'private'],
  },
]

/** An address of the simulated region eastus, by the number of the service's block: 1 is Storage, 2 is SQL. */
function sampleOf(slot: number): string {
  const [a, b, c] = API_SERVER.split('.')
  return `${a}.${b}.${c}.${slot * 16 + 1}`
}

/** The CIDR with exactly the prefix that the tags of the service have. */
function prefixOf(slot: number): string {
  return sampleOf(slot).replace(/\d+$/, `${slot * 16}/28`)
}

const TAGS: Case[] = [
  {
    name: 'the API server is in AzureCloud of its region',
    routes: { '0.0.0.0/0': FIREWALL, 'AzureCloud.eastus': 'Internet' },
    to: API_SERVER,
    leaves: LB,
  },
  {
    name: 'the API server is not in AzureCloud of another region',
    ...PEERED,
    routes: { '0.0.0.0/0': FIREWALL, 'AzureCloud.westeurope': 'Internet' },
    bodies: [FIREWALL_BODY],
    to: API_SERVER,
    leaves: BEHIND_FIREWALL,
  },
  {
    name: 'the internet is in no service tag',
    ...PEERED,
    routes: { '0.0.0.0/0': FIREWALL, AzureCloud: 'Internet' },
    bodies: [FIREWALL_BODY],
    leaves: BEHIND_FIREWALL,
  },
  {
    name: 'a tag in another letter case',
    routes: { '0.0.0.0/0': FIREWALL, 'azurecloud.EastUS': 'Internet' },
    to: API_SERVER,
    leaves: LB,
  },
  {
    name: 'an explicit CIDR before a tag with the same prefix',
    routes: { 'Storage.eastus': 'None', [prefixOf(1)]: 'Internet' },
    to: sampleOf(1),
    leaves: LB,
  },
  {
    name: 'a tag before a shorter CIDR',
    routes: { 'Storage.eastus': 'Internet', '4.128.0.0/9': 'None' },
    to: sampleOf(1),
    leaves: LB,
  },
  {
    name: 'a longer CIDR before a tag',
    routes: { 'Storage.eastus': 'None', [`${sampleOf(1)}/32`]: 'Internet' },
    to: sampleOf(1),
    leaves: LB,
  },
  {
    name: 'a regional tag before a top-level tag',
    routes: { Storage: 'None', 'Storage.eastus': 'Internet' },
    to: sampleOf(1),
    leaves: LB,
  },
  {
    name: 'a top-level tag before AzureCloud of the region',
    routes: { 'AzureCloud.eastus': 'None', Storage: 'Internet' },
    to: sampleOf(1),
    leaves: LB,
  },
  {
    name: 'AzureCloud of the region before AzureCloud',
    routes: { AzureCloud: 'None', 'AzureCloud.eastus': 'Internet' },
    to: sampleOf(1),
    leaves: LB,
  },
  {
    name: 'a tag of another service does not match',
    routes: { Sql: 'None', 'Storage.eastus': 'Internet' },
    to: sampleOf(2),
    leaves: ['None', 'none'],
  },
]

const LEARNED = gatewayWithRoutes('gw', 'hub', ['0.0.0.0/0', '203.0.113.0/24'])
const USES_GATEWAY = { virtualNetworkPeerings: [peering('hub', { useRemoteGateways: true })] }

const BGP: Case[] = [
  {
    name: 'a learned default route before the system route, the NAT gateway and the load balancer',
    subnet: { natGateway: 'nat' },
    network: USES_GATEWAY,
    bodies: [V1_GATEWAY, ...LEARNED],
    leaves: ['VirtualNetworkGateway', 'unknown'],
  },
  {
    name: 'a learned route of a gateway in the own network',
    bodies: gatewayWithRoutes('gw', 'vnet', ['0.0.0.0/0']),
    leaves: ['VirtualNetworkGateway', 'unknown'],
  },
  {
    name: 'a user-defined route before a learned one with the same prefix',
    network: USES_GATEWAY,
    routes: { '0.0.0.0/0': 'Internet' },
    bodies: LEARNED,
    leaves: LB,
  },
  {
    name: 'a longer learned route before a user-defined one',
    network: USES_GATEWAY,
    routes: { '0.0.0.0/0': 'Internet' },
    bodies: LEARNED,
    to: '203.0.113.9',
    leaves: ['VirtualNetworkGateway', 'unknown'],
  },
  {
    name: 'no learned route in a table without propagation',
    subnet: { routeTable: 'rt' },
    network: USES_GATEWAY,
    bodies: [...LEARNED, routeTable('rt', {}, { disableBgpRoutePropagation: true })],
    leaves: LB,
  },
  {
    name: 'no learned route over a peering that does not use the remote gateway',
    network: { virtualNetworkPeerings: [peering('hub')] },
    bodies: LEARNED,
    leaves: LB,
  },
  {
    name: 'the routing intent of a secured hub',
    bodies: [hubFirewall('fw', '10.9.0.132', ['20.70.9.1', '20.70.9.2']), ...securedHub('vnet', 'fw')],
    leaves: ['VirtualNetworkGateway', 'firewall', '20.70.9.1', '20.70.9.2'],
  },
  {
    name: 'the routing intent of a hub that another network is connected to',
    bodies: [hubFirewall('fw', '10.9.0.132', ['20.70.9.1']), ...securedHub('hub', 'fw')],
    leaves: LB,
  },
]

const SECURITY_RULES: Case[] = [
  {
    name: 'a rule of the subnet that denies the internet',
    subnet: { securityGroup: 'subnet' },
    bodies: [securityGroup('subnet', { destinationAddressPrefix: 'Internet' })],
    leaves: ['Internet', 'none'],
  },
  {
    name: 'a rule of the network interfaces that denies the internet',
    bodies: [securityGroup('nodes', { destinationAddressPrefix: 'Internet' })],
    leaves: ['Internet', 'none'],
  },
  {
    name: 'a rule that denies the internet does not deny the own network',
    bodies: [securityGroup('nodes', { destinationAddressPrefix: 'Internet' })],
    to: '10.1.3.4',
    leaves: ['VnetLocal', 'private'],
  },
  {
    name: 'a rule for a service tag',
    bodies: [securityGroup('nodes', { destinationAddressPrefix: 'AzureCloud.eastus' })],
    to: API_SERVER,
    leaves: ['Internet', 'none'],
  },
  {
    name: 'a rule for other ports',
    bodies: [securityGroup('nodes', { destinationPortRange: '20-25' })],
    leaves: LB,
  },
  {
    name: 'a rule for incoming packets',
    bodies: [securityGroup('nodes', { direction: 'Inbound' })],
    leaves: LB,
  },
  {
    name: 'a rule for another source',
    bodies: [securityGroup('nodes', { sourceAddressPrefix: '10.77.0.0/16' })],
    leaves: LB,
  },
  {
    name: 'the rule with the lower priority number',
    bodies: [
      body('networkSecurityGroups/nodes', {
        securityRules: [['Deny', 300] as const, ['Allow', 200] as const].map(([access, priority]) => ({
          properties: {
            direction: 'Outbound',
            access,
            priority,
            protocol: 'Tcp',
            sourceAddressPrefix: '*',
            destinationAddressPrefixes: ['*'],
            destinationPortRanges: ['443'],
          },
        })),
      }),
    ],
    leaves: LB,
  },
]

/** Packets and how they leave, by topic. */
export const TOPICS = {
  'source addresses in the order of precedence': SOURCES,
  'routes and next hops': ROUTES,
  'service tags in routes': TAGS,
  'learned routes': BGP,
  'Azure Firewall': FIREWALLS,
  'security rules': SECURITY_RULES,
}
