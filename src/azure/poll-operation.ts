import type { OperationState } from './arm.ts'
import { type ArmCall, answerOf } from './arm-call.ts'
import type { ArmClients } from './arm-clients.ts'
import { operationState } from './operation-state.ts'
import { readPollerText } from './poller-text.ts'

/**
 * Asks once how an operation stands, through the client's own pipeline, so that a poll is authenticated
 * and told apart as any other call. Neither waits nor retries: the caller comes back.
 */
export async function pollOperation(
  clients: ArmClients,
  call: ArmCall,
  text: string,
): Promise<OperationState> {
  const poller = readPollerText(text)
  const client = clients.containerService(poller.subscriptionId, poller.apiVersion)
  // An absolute URL is sent as it is; a path would be taken apart and put together again.
  const url = `${clients.origin}${poller.path}`
  const answer = await answerOf(call, async () => client.pathUnchecked(url).get())
  return operationState(poller, answer, clients.origin, Date.now())
}
