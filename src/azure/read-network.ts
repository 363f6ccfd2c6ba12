import { parseResourceId } from '../core/resource-id.ts'
import type { NetworkFacts, NetworkKind } from './arm.ts'
import { type ArmCall, answerOf, answersOf } from './arm-call.ts'
import type { ArmClients } from './arm-clients.ts'
import { ArmFault } from './arm-fault.ts'
import { BodyReader } from './body-reader.ts'
import { NETWORK_TRANSLATIONS, networkOperations } from './network-kinds.ts'
import { drain, itemsOn } from './paged-list.ts'
import { checkSegments } from './path-segments.ts'

/** All resources of one kind in a subscription, page by page to the last one. */
export async function listNetwork<K extends NetworkKind>(
  clients: ArmClients,
  call: ArmCall,
  kind: K,
  subscriptionId: string,
): Promise<NetworkFacts[K][]> {
  checkSegments(subscriptionId)
  const client = await clients.network(subscriptionId)
  const pages = await answersOf(call, () => drain(networkOperations(client, kind).listAll().byPage()))
  return itemsOn(pages).map(NETWORK_TRANSLATIONS[kind])
}

/** One resource by its id, from whichever subscription it lies in. */
export async function getNetwork<K extends NetworkKind>(
  clients: ArmClients,
  call: ArmCall,
  kind: K,
  id: string,
): Promise<NetworkFacts[K]> {
  const parts = parseResourceId(id)
  if (parts?.type.toLowerCase() !== `microsoft.network/${kind}`.toLowerCase()) {
    throw new ArmFault({
      kind: 'refused',
      code: 'InvalidResourceId',
      message: `This is not the id of one of Microsoft.Network/${kind}: ${id}`,
    })
  }
  const { subscriptionId, resourceGroup, name } = parts
  checkSegments(subscriptionId, resourceGroup, name)
  const client = await clients.network(subscriptionId)
  const answer = await answerOf(call, () => networkOperations(client, kind).get(resourceGroup, name))
  return NETWORK_TRANSLATIONS[kind](new BodyReader(answer.body))
}
