import type { World } from '../../world/world.ts'
import { LOCATION, networkId } from '../place.ts'
import { egressOf } from './egress-of.ts'

/** WAF policies: Front Door blocks who is not listed, an Application Gateway lets the listed through. */
export function addWafLists(world: World): void {
  const addresses = egressOf(world, 'lb-managed').map((address) => `${address}/32`)
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
