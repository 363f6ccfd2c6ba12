import type { World } from '../../world/world.ts'
import { LOCATION } from '../place.ts'
import { demoId, egressOf } from './egress-of.ts'

/** An Event Hubs and a Service Bus namespace with their network rule sets, and a Cognitive Services account. */
export function addMessagingLists(world: World): void {
  namespace(world, 'Microsoft.EventHub', 'evhns-demo', egressOf(world, 'lb-managed'))
  namespace(world, 'Microsoft.ServiceBus', 'sbns-demo', egressOf(world, 'lb-byo', 'lb-byo-nat-ready'))
  world.put({
    id: demoId('Microsoft.CognitiveServices', 'accounts/cog-demo'),
    name: 'cog-demo',
    type: 'Microsoft.CognitiveServices/accounts',
    location: LOCATION,
    kind: 'OpenAI',
    sku: { name: 'S0' },
    properties: {
      provisioningState: 'Succeeded',
      publicNetworkAccess: 'Enabled',
      networkAcls: {
        defaultAction: 'Deny',
        virtualNetworkRules: [],
        ipRules: egressOf(world, 'nat-managed').map((value) => ({ value })),
      },
    },
  })
}

function namespace(world: World, provider: string, name: string, addresses: string[]): void {
  world.put({
    id: demoId(provider, `namespaces/${name}`),
    name,
    type: `${provider}/Namespaces`,
    location: LOCATION,
    tags: {},
    sku: { name: 'Standard', tier: 'Standard' },
    properties: { provisioningState: 'Succeeded', status: 'Active', publicNetworkAccess: 'Enabled' },
  })
  world.put({
    id: demoId(provider, `namespaces/${name}/networkRuleSets/default`),
    name: 'default',
    type: `${provider}/Namespaces/NetworkRuleSets`,
    location: LOCATION,
    properties: {
      publicNetworkAccess: 'Enabled',
      defaultAction: 'Deny',
      virtualNetworkRules: [],
      ipRules: addresses.map((ipMask) => ({ ipMask, action: 'Allow' })),
    },
  })
}
