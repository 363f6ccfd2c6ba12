import { type JsonObject, objectsAt, withProperties } from '../../json.ts'
import type { World } from '../../world/world.ts'
import { LOCATION, networkId } from '../place.ts'
import { egressOf, rangeAround, wideBlockAround } from './egress-of.ts'

/** Network security group, the hub's firewall with classic rules, firewall policy and IP group. */
export function addNetworkLists(world: World): void {
  const [address = ''] = egressOf(world, 'lb-managed')
  put(world, 'networkSecurityGroups', 'nsg-demo-shop', {
    provisioningState: 'Succeeded',
    securityRules: [
      inbound('AllowClusters', 100, { sourceAddressPrefixes: [address, ...egressOf(world, 'lb-byo')] }),
      inbound('AllowRegion', 110, { sourceAddressPrefix: wideBlockAround(address) }),
      inbound('AllowFrontDoor', 120, { sourceAddressPrefix: 'AzureFrontDoor.Backend' }),
    ],
  })
  const firewall = world.get(networkId('azureFirewalls', 'fw-hub'))
  const rules = [{ name: 'from-aks', sourceAddresses: [address] }]
  if (firewall !== undefined)
    world.put(
      withProperties(firewall, {
        networkRuleCollections: [
          ...objectsAt(firewall, 'properties', 'networkRuleCollections'),
          collection('network', 'Allow', rules),
        ],
      }),
    )
  put(world, 'ipGroups', 'ipg-demo-clusters', {
    provisioningState: 'Succeeded',
    ipAddresses: [address, rangeAround(address).join('-')],
    firewalls: [],
  })
  firewallPolicy(world, address)
}

function firewallPolicy(world: World, address: string): void {
  const group = `${networkId('firewallPolicies', 'afwp-demo')}/ruleCollectionGroups/partners`
  put(world, 'firewallPolicies', 'afwp-demo', {
    provisioningState: 'Succeeded',
    threatIntelMode: 'Alert',
    ruleCollectionGroups: [{ id: group }],
    firewalls: [],
  })
  const rules = [
    { ruleType: 'NetworkRule', name: 'clusters', sourceAddresses: [address], destinationAddresses: ['*'] },
  ]
  world.put({
    name: 'partners',
    id: group,
    type: 'Microsoft.Network/FirewallPolicies/RuleCollectionGroups',
    location: LOCATION,
    properties: {
      provisioningState: 'Succeeded',
      priority: 200,
      ruleCollections: [
        {
          ruleCollectionType: 'FirewallPolicyFilterRuleCollection',
          name: 'inbound',
          priority: 100,
          action: { type: 'Allow' },
          rules,
        },
      ],
    },
  })
}

function put(world: World, type: string, name: string, properties: JsonObject): void {
  const id = networkId(type, name)
  world.put({ name, id, type: `Microsoft.Network/${type}`, location: LOCATION, tags: {}, properties })
}

function inbound(name: string, priority: number, source: JsonObject): JsonObject {
  return {
    name,
    type: 'Microsoft.Network/networkSecurityGroups/securityRules',
    properties: {
      provisioningState: 'Succeeded',
      protocol: 'Tcp',
      sourcePortRange: '*',
      destinationPortRange: '443',
      destinationAddressPrefix: '*',
      access: 'Allow',
      priority,
      direction: 'Inbound',
      ...source,
    },
  }
}

function collection(name: string, type: string, rules: JsonObject[]): JsonObject {
  return { name, properties: { provisioningState: 'Succeeded', priority: 100, action: { type }, rules } }
}
