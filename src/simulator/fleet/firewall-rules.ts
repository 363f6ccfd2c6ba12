import type { Json, JsonObject } from '../json.ts'
import { LOCATION } from './place.ts'

const WEB = [
  { protocolType: 'Http', port: 80 },
  { protocolType: 'Https', port: 443 },
]

/** The rules of the documented example (limit-egress-traffic), as a firewall without a policy holds them. */
export function classicRules(firewallId: string): JsonObject {
  const network = [
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

/** A rule of a policy that lets the web through to these names. */
export function webRule(name: string, targetFqdns: string[]): JsonObject {
  return { ruleType: 'ApplicationRule', name, sourceAddresses: ['10.0.0.0/8'], protocols: WEB, targetFqdns }
}

/** A rule of a policy for one port. */
export function portRule(name: string, protocol: string, destination: string, port: string): JsonObject {
  return {
    ruleType: 'NetworkRule',
    name,
    ipProtocols: [protocol],
    sourceAddresses: ['10.0.0.0/8'],
    destinationAddresses: [destination],
    destinationPorts: [port],
  }
}

/** A collection of a policy's group that allows what its rules name. */
export function allowing(name: string, priority: number, rules: JsonObject[]): Json {
  return {
    ruleCollectionType: 'FirewallPolicyFilterRuleCollection',
    name,
    priority,
    action: { type: 'Allow' },
    rules,
  }
}
