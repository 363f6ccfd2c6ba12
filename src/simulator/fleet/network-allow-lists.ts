import { type JsonObject, objectsAt, withProperties } from '../lib/json.ts'
import type { World } from '../world/world.ts'
import { demoEgressAddresses, surroundingBlock, surroundingRange } from './add-cluster.ts'
import { LOCATION, networkId } from './customer-network.ts'

/** Network security group, the hub's firewall with classic rules, firewall policy and IP group. */
export function addNetworkLists(world: World): void {
  const [address = ''] = demoEgressAddresses(world, 'lb-managed')
  put(world, 'networkSecurityGroups', 'nsg-demo-shop', {
    provisioningState: 'Succeeded',
    securityRules: [
      inbound('AllowClusters', 100, {
        sourceAddressPrefixes: [address, ...demoEgressAddresses(world, 'lb-byo')],
      }),
      inbound('AllowRegion', 110, { sourceAddressPrefix: surroundingBlock(address) }),
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
    ipAddresses: [address, surroundingRange(address).join('-')],
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

/** WAF policies: Front Door blocks unlisted addresses, and an Application Gateway allows listed addresses. */
export function addWafLists(world: World): void {
  const addresses = demoEgressAddresses(world, 'lb-managed').map((address) => `${address}/32`)
  world.put({
    name: 'wafdemofrontdoor',
    id: networkId('frontDoorWebApplicationFirewallPolicies', 'wafdemofrontdoor'),
    type: 'Microsoft.Network/frontdoorwebapplicationfirewallpolicies',
    location: 'Global',
    sku: { name: 'Standard_AzureFrontDoor' },
    properties: {
      provisioningState: 'Succeeded',
      policySettings: { enabledState: 'Enabled', mode: 'Prevention' },
      customRules: {
        rules: [
          {
            name: 'OnlyKnownClients',
            enabledState: 'Enabled',
            priority: 1,
            ruleType: 'MatchRule',
            matchConditions: [
              {
                matchVariable: 'RemoteAddr',
                operator: 'IPMatch',
                negateCondition: true,
                matchValue: addresses,
                transforms: [],
              },
            ],
            action: 'Block',
          },
        ],
      },
    },
  })
  world.put({
    name: 'waf-demo-gateway',
    id: networkId('ApplicationGatewayWebApplicationFirewallPolicies', 'waf-demo-gateway'),
    type: 'Microsoft.Network/ApplicationGatewayWebApplicationFirewallPolicies',
    location: LOCATION,
    properties: {
      provisioningState: 'Succeeded',
      policySettings: { state: 'Enabled', mode: 'Prevention' },
      customRules: [
        {
          name: 'AllowClusters',
          priority: 10,
          ruleType: 'MatchRule',
          action: 'Allow',
          state: 'Enabled',
          matchConditions: [
            {
              matchVariables: [{ variableName: 'RemoteAddr' }],
              operator: 'IPMatch',
              negationConditon: false,
              matchValues: addresses,
              transforms: [],
            },
          ],
        },
      ],
    },
  })
}
