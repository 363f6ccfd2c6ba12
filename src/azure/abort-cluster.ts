import { clusterId } from '../core/resource-id.ts'
import type { ClusterRef } from '../core/target.ts'
import { requestIdOf } from './answer.ts'
import { READ_API_VERSION } from './api-versions.ts'
import { type ArmCall, answerOf } from './arm-call.ts'
import type { ArmClients } from './arm-clients.ts'
import { checkSegments } from './path-segments.ts'

/** One POST of `abort`; its own operation is not followed, because that of the write tells how it ended. */
export async function abortClusterOperation(
  clients: ArmClients,
  call: ArmCall,
  ref: ClusterRef,
): Promise<{ requestId: string | null }> {
  checkSegments(ref.subscriptionId, ref.resourceGroup, ref.name)
  const client = clients.containerService(ref.subscriptionId, READ_API_VERSION)
  const url = `${clients.origin}${clusterId(ref)}/abort?api-version=${READ_API_VERSION}`
  const { headers } = await answerOf(call, async () => client.pathUnchecked(url).post())
  return { requestId: requestIdOf(headers) }
}
