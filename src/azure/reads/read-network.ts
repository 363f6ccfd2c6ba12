import type { NetworkManagementClient } from '@azure/arm-network'
import { parseResourceId } from '../../core/arm/resource-id.ts'
import type { UsageFacts } from '../../core/snapshot/authorization-facts.ts'
import type { NetworkFactsByKind, NetworkKind } from '../arm.ts'
import { type ArmCall, responseOf, responsesOf } from '../client/arm-call.ts'
import type { ArmClients } from '../client/arm-clients.ts'
import { BodyReader, drainPages, pageItems } from '../client/body-reader.ts'
import { assertSafeSegments } from '../client/resource-path.ts'
import { ArmFault } from '../errors/arm-fault.ts'
import { faultOfBody } from '../errors/fault-mapping.ts'
import { toFirewallFacts, toNetworkSecurityGroupFacts } from '../mapping/firewall-and-nsg.ts'
import {
  toLoadBalancerFacts,
  toNatGatewayFacts,
  toPublicIpFacts,
  toPublicIpPrefixFacts,
  toRouteTableFacts,
  toVirtualNetworkFacts,
} from '../mapping/network.ts'

/** How one resource is translated, for each kind; which SDK operations read it follows from its name. */
export const NETWORK_MAPPERS: { [K in NetworkKind]: (body: BodyReader) => NetworkFactsByKind[K] } = {
  virtualNetworks: toVirtualNetworkFacts,
  natGateways: toNatGatewayFacts,
  publicIPAddresses: toPublicIpFacts,
  publicIPPrefixes: toPublicIpPrefixFacts,
  routeTables: toRouteTableFacts,
  loadBalancers: toLoadBalancerFacts,
  azureFirewalls: toFirewallFacts,
  networkSecurityGroups: toNetworkSecurityGroupFacts,
}

/** What is common to the SDK's operation groups of all kinds. */
interface NetworkOperations {
  listAll(): { byPage(): AsyncIterableIterator<unknown> }
  get(resourceGroup: string, name: string): Promise<unknown>
}

/** The SDK's operations for a kind; its groups are named as ARM's resource types are. */
function networkOperations(client: NetworkManagementClient, kind: NetworkKind): NetworkOperations {
  return client[kind]
}

/** All resources of one kind in a subscription, page by page to the last one. */
export async function listNetwork<K extends NetworkKind>(
  clients: ArmClients,
  call: ArmCall,
  kind: K,
  subscriptionId: string,
): Promise<NetworkFactsByKind[K][]> {
  assertSafeSegments(subscriptionId)
  const client = await clients.network(subscriptionId)
  const pages = await responsesOf(call, () => drainPages(networkOperations(client, kind).listAll().byPage()))
  return pageItems(pages).map(NETWORK_MAPPERS[kind])
}

/** One resource by its id, from whichever subscription it lies in. */
export async function getNetwork<K extends NetworkKind>(
  clients: ArmClients,
  call: ArmCall,
  kind: K,
  id: string,
): Promise<NetworkFactsByKind[K]> {
  const parts = parseResourceId(id)
  if (parts?.type.toLowerCase() !== `microsoft.network/${kind}`.toLowerCase()) {
    throw new ArmFault({
      kind: 'refused',
      code: 'InvalidResourceId',
      message: `This is not the id of one of Microsoft.Network/${kind}: ${id}`,
    })
  }
  const { subscriptionId, resourceGroup, name } = parts
  assertSafeSegments(subscriptionId, resourceGroup, name)
  const client = await clients.network(subscriptionId)
  const answer = await responseOf(call, () => networkOperations(client, kind).get(resourceGroup, name))
  return NETWORK_MAPPERS[kind](new BodyReader(answer.body))
}

/** `Microsoft.Network/locations/{location}/usages`; a region is asked for by its short name (`East US` as `eastus`). */
export async function listUsages(
  clients: ArmClients,
  call: ArmCall,
  subscriptionId: string,
  location: string,
): Promise<UsageFacts[]> {
  const region = location.toLowerCase().replaceAll(' ', '')
  assertSafeSegments(subscriptionId, region)
  const client = await clients.network(subscriptionId)
  const pages = await responsesOf(call, () => drainPages(client.usages.list(region).byPage()))
  return pageItems(pages).map(toUsageFacts)
}

function toUsageFacts(usage: BodyReader): UsageFacts {
  return {
    name: usage.at('name').requiredString('value'),
    current: requiredNumber(usage, 'currentValue'),
    limit: requiredNumber(usage, 'limit'),
  }
}

function requiredNumber(usage: BodyReader, field: string): number {
  const value = usage.number(field)
  if (value === null) throw faultOfBody(`a usage has no ${field}`)
  return value
}
