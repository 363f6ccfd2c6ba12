import { type Json, type JsonObject, textAt } from '../lib/json.ts'
import { groupBody } from '../network/write-children.ts'
import type { World } from '../world/world.ts'
import {
  customerPublicIp,
  customerResource,
  customerRouteTable,
  HUB_NETWORKS,
  LOCATION,
  networkId,
  subnetBody,
} from './customer-network.ts'

const WEB = [
  { protocolType: 'Http', port: 80 },
  { protocolType: 'Https', port: 443 },
]

/**
 * The rules of the documented example (limit-egress-traffic), in the form of a firewall without a policy, with the rule
 * that its note requires for pods that use the API server.
 */
function classicRules(firewallId: string): JsonObject {
  const network = [
    classicNetwork('pods', ['TCP'], { destinationAddresses: [`AzureCloud.${LOCATION}`] }, '443'),
    classicNetwork('apitcp', ['TCP'], { destinationAddresses: [`AzureCloud.${LOCATION}`] }, '9000'),
    classicNetwork('apiudp', ['UDP'], { destinationAddresses: [`AzureCloud.${LOCATION}`] }, '1194'),
    classicNetwork('time', ['UDP'], { destinationFqdns: ['ntp.ubuntu.com'] }, '123'),
    classicNetwork('ghcr', ['TCP'], { destinationFqdns: ['ghcr.io'] }, '443'),
  ]
  const application = {
    name: 'fqdn',
    sourceAddresses: ['*'],
    protocols: WEB,
    fqdnTags: ['AzureKubernetesService'],
  }
  return {
    networkRuleCollections: [classicCollection(firewallId, 'networkRuleCollections', 'aksfwnr', network)],
    applicationRuleCollections: [
      classicCollection(firewallId, 'applicationRuleCollections', 'aksfwar', [application]),
    ],
    natRuleCollections: [],
  }
}

function classicCollection(firewallId: string, kind: string, name: string, rules: JsonObject[]): JsonObject {
  return {
    name,
    id: `${firewallId}/${kind}/${name}`,
    properties: { provisioningState: 'Succeeded', priority: 100, action: { type: 'Allow' }, rules },
  }
}

function classicNetwork(name: string, protocols: string[], where: JsonObject, port: string): JsonObject {
  return { name, protocols, sourceAddresses: ['*'], ...where, destinationPorts: [port] }
}

/** A rule of a policy that allows HTTP and HTTPS to these names. */
function webRule(name: string, targetFqdns: string[]): JsonObject {
  return { ruleType: 'ApplicationRule', name, sourceAddresses: ['10.0.0.0/8'], protocols: WEB, targetFqdns }
}

/** A rule of a policy for one port. */
function portRule(name: string, protocol: string, destination: string, port: string): JsonObject {
  return {
    ruleType: 'NetworkRule',
    name,
    ipProtocols: [protocol],
    sourceAddresses: ['10.0.0.0/8'],
    destinationAddresses: [destination],
    destinationPorts: [port],
  }
}

/** A collection of a group of a policy that allows the traffic in its rules. */
function allowCollection(name: string, priority: number, rules: JsonObject[]): Json {
  return {
    ruleCollectionType: 'FirewallPolicyFilterRuleCollection',
    name,
    priority,
    action: { type: 'Allow' },
    rules,
  }
}

/** A network with an Azure Firewall that is the next hop of demo clusters. */
interface Hub {
  network: string
  prefix: string
  privateAddress: string
  firewall: string
  publicIps: string[]
  /** The members with its rules, or with its policy. */
  rules: (world: World, firewallId: string) => JsonObject
}

/** The hub of the company: a firewall with the rules of the documented example. */
const COMPANY: Hub = {
  network: HUB_NETWORKS.company,
  prefix: '10.250.0.0',
  privateAddress: '10.250.0.4',
  firewall: 'fw-hub',
  publicIps: ['pip-fw-hub-1', 'pip-fw-hub-2'],
  rules: (_world, id) => ({
    ...classicRules(id),
    additionalProperties: { 'Network.DNS.EnableProxy': 'true' },
  }),
}

/** The hub of a branch: a policy with a base policy, with individual names, some of which are missing. */
const BRANCH: Hub = {
  network: HUB_NETWORKS.branch,
  prefix: '10.251.0.0',
  privateAddress: '10.251.0.4',
  firewall: 'fw-branch',
  publicIps: ['pip-fw-branch'],
  rules: (world) => ({ firewallPolicy: { id: branchPolicy(world) } }),
}

/** A route table whose default route has the company's firewall as next hop; returns its id. */
export function routeTableToFirewall(world: World, cluster: string): string {
  return routeTableTo(world, cluster, COMPANY)
}

/** Like `routeTableToFirewall`, but to the firewall of the branch, which blocks some endpoints that nodes need. */
export function routeTableToBranch(world: World, cluster: string): string {
  return routeTableTo(world, cluster, BRANCH)
}

function routeTableTo(world: World, cluster: string, hub: Hub): string {
  const addresses = ensureHub(world, hub)
  const nextHop = { nextHopType: 'VirtualAppliance', nextHopIpAddress: hub.privateAddress }
  return customerRouteTable(world, cluster, nextHop, addresses.slice(0, 1))
}

/** The hub network with its firewall and public addresses, created once; returns these addresses. */
function ensureHub(world: World, hub: Hub): string[] {
  const ipIds = hub.publicIps.map((name) => networkId('publicIPAddresses', name))
  if (world.get(networkId('azureFirewalls', hub.firewall)) === undefined) makeHub(world, hub)
  return ipIds.map((id) => textAt(world.get(id), 'properties', 'ipAddress') ?? '')
}

function makeHub(world: World, hub: Hub): void {
  const network = networkId('virtualNetworks', hub.network)
  customerResource(world, 'virtualNetworks', hub.network, {
    addressSpace: { addressPrefixes: [`${hub.prefix}/16`] },
    privateEndpointVNetPolicies: 'Disabled',
    subnets: [subnetBody(world, network, { name: 'AzureFirewallSubnet' }, `${hub.prefix}/26`)],
    virtualNetworkPeerings: [],
    enableDdosProtection: false,
  })
  const firewall = networkId('azureFirewalls', hub.firewall)
  const ipConfigurations = hub.publicIps.map((name, index) => ({
    name: `ipconfig-${index + 1}`,
    id: `${firewall}/azureFirewallIpConfigurations/ipconfig-${index + 1}`,
    etag: world.nextEtag(),
    type: 'Microsoft.Network/azureFirewalls/azureFirewallIpConfigurations',
    properties: {
      provisioningState: 'Succeeded',
      ...(index === 0 ? { privateIPAddress: hub.privateAddress } : {}),
      privateIPAllocationMethod: 'Dynamic',
      publicIPAddress: { id: customerPublicIp(world, name) },
      ...(index === 0 ? { subnet: { id: `${network}/subnets/AzureFirewallSubnet` } } : {}),
    },
  }))
  customerResource(world, 'azureFirewalls', hub.firewall, {
    sku: { name: 'AZFW_VNet', tier: 'Standard' },
    threatIntelMode: 'Alert',
    ipConfigurations,
    ...hub.rules(world, firewall),
  })
}

/** `packages.aks.azure.com`, which replaces the older mirror, is missing on purpose. */
function branchPolicy(world: World): string {
  const base = policy(world, 'fwp-company', undefined)
  const azure = ['management.azure.com', 'login.microsoftonline.com', 'packages.microsoft.com']
  group(world, base, 'rcg-network', 300, [
    allowCollection('control-plane', 200, [
      portRule('tunnel-tcp', 'TCP', `AzureCloud.${LOCATION}`, '9000'),
      portRule('tunnel-udp', 'UDP', `AzureCloud.${LOCATION}`, '1194'),
      portRule('time', 'UDP', '*', '123'),
    ]),
  ])
  group(world, base, 'rcg-azure', 200, [allowCollection('azure', 100, [webRule('azure', azure)])])
  const own = policy(world, 'fwp-branch', base)
  group(world, own, 'rcg-aks', 100, [
    allowCollection('aks', 100, [
      webRule('api-server', ['*.azmk8s.io']),
      webRule('images', ['mcr.microsoft.com', '*.data.mcr.microsoft.com', 'mcr-0001.mcr-msedge.net']),
      webRule('binaries', ['acs-mirror.azureedge.net']),
    ]),
  ])
  return own
}

function policy(world: World, name: string, base: string | undefined): string {
  return customerResource(world, 'firewallPolicies', name, {
    sku: { tier: 'Standard' },
    threatIntelMode: 'Alert',
    dnsSettings: { servers: [], enableProxy: true },
    ...(base === undefined ? {} : { basePolicy: { id: base } }),
  })
}

function group(world: World, policyId: string, name: string, priority: number, collections: unknown[]): void {
  world.put(
    groupBody(world, `${policyId}/ruleCollectionGroups/${name}`, {
      priority,
      ruleCollections: collections as JsonObject[],
      provisioningState: 'Succeeded',
    }),
  )
}
