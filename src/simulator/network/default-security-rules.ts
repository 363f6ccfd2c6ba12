import type { JsonObject } from '../json.ts'

/** The rules that every network security group has and nobody can remove, as Azure documents them. */
const DEFAULTS: [string, string, string, string, string, number][] = [
  ['AllowVnetInBound', 'Inbound', 'VirtualNetwork', 'VirtualNetwork', 'Allow', 65_000],
  ['AllowAzureLoadBalancerInBound', 'Inbound', 'AzureLoadBalancer', '*', 'Allow', 65_001],
  ['DenyAllInBound', 'Inbound', '*', '*', 'Deny', 65_500],
  ['AllowVnetOutBound', 'Outbound', 'VirtualNetwork', 'VirtualNetwork', 'Allow', 65_000],
  ['AllowInternetOutBound', 'Outbound', '*', 'Internet', 'Allow', 65_001],
  ['DenyAllOutBound', 'Outbound', '*', '*', 'Deny', 65_500],
]

/** `defaultSecurityRules` of the group with this id. */
export function defaultSecurityRules(groupId: string): JsonObject[] {
  return DEFAULTS.map(([name, direction, source, destination, access, priority]) => ({
    name,
    id: `${groupId}/defaultSecurityRules/${name}`,
    type: 'Microsoft.Network/networkSecurityGroups/defaultSecurityRules',
    properties: {
      provisioningState: 'Succeeded',
      protocol: '*',
      sourcePortRange: '*',
      destinationPortRange: '*',
      sourceAddressPrefix: source,
      destinationAddressPrefix: destination,
      access,
      priority,
      direction,
    },
  }))
}
