import type { JsonObject } from '../core/json.ts'
import { requestIdOf } from './answer.ts'
import { READ_API_VERSION } from './api-versions.ts'
import { applyFieldChanges } from './apply-field-changes.ts'
import type {
  ResourceAction,
  ResourceDelete,
  ResourceReading,
  ResourceUpdate,
  StartedOperation,
} from './arm.ts'
import { type ArmCall, answerOf } from './arm-call.ts'
import type { ArmClients } from './arm-clients.ts'
import { ArmFault } from './arm-fault.ts'
import { checkSegments } from './path-segments.ts'
import { pollerFor, writePollerText } from './poller-text.ts'
import { readResource } from './read-resource.ts'
import { resourcePath } from './resource-path.ts'
import { retryAfterMs } from './retry-after.ts'
import { writableResource } from './writable-resource.ts'

interface Calls {
  read: ArmCall
  write: ArmCall
}

/**
 * Reads a resource afresh and PUTs it: the given body for a new one, or what was read with the planned changes
 * and with its ETag. `beforeSend` comes between the two; what it rejects with passes through, and nothing is sent.
 */
export async function startResourceWrite(
  clients: ArmClients,
  calls: Calls,
  update: ResourceUpdate,
): Promise<StartedOperation> {
  const reading = await readOrAbsent(clients, calls.read, update)
  const body = update.body ?? changedBody(reading, update)
  await update.beforeSend(reading)
  return send(
    clients,
    { ...calls.write, putBody: JSON.stringify(body) },
    update,
    'put',
    reading?.etag ?? null,
  )
}

/** Deletes a resource. One that does not exist any more is `absent`, and nothing is sent. */
export async function startResourceDelete(
  clients: ArmClients,
  calls: Calls,
  { id, apiVersion, beforeSend }: ResourceDelete,
): Promise<StartedOperation> {
  const reading = await readOrAbsent(clients, calls.read, { id, apiVersion })
  await beforeSend(reading)
  return send(clients, calls.write, { id, apiVersion }, 'delete', null)
}

/** Starts an action of a resource: a fresh GET, then one POST without a body. */
export async function startResourceAction(
  clients: ArmClients,
  calls: Calls,
  { id, apiVersion, action, beforeSend }: ResourceAction,
): Promise<StartedOperation> {
  checkSegments(action)
  const reading = await readOrAbsent(clients, calls.read, { id, apiVersion })
  await beforeSend(reading)
  return send(clients, calls.write, { id, apiVersion }, 'post', null, `/${action}`)
}

async function readOrAbsent(
  clients: ArmClients,
  call: ArmCall,
  { id, apiVersion }: { id: string; apiVersion: string },
): Promise<ResourceReading | null> {
  try {
    return await readResource(clients, call, id, apiVersion)
  } catch (error) {
    if (error instanceof ArmFault && error.kind === 'not-found') return null
    throw error
  }
}

function changedBody(reading: ResourceReading | null, { changes }: ResourceUpdate): JsonObject {
  return reading === null ? {} : writableResource(applyFieldChanges(reading.body, changes, []))
}

async function send(
  clients: ArmClients,
  call: ArmCall,
  { id, apiVersion }: { id: string; apiVersion: string },
  method: 'put' | 'delete' | 'post',
  etag: string | null,
  suffix = '',
): Promise<StartedOperation> {
  const { subscriptionId, path } = resourcePath(id, apiVersion)
  const client = clients.containerService(subscriptionId, READ_API_VERSION)
  const route = client.pathUnchecked(`${clients.origin}${path.replace('?', `${suffix}?`)}`)
  const headers: Record<string, string> = etag === null ? {} : { 'If-Match': etag }
  const answer = await answerOf(call, async () =>
    // The body given here is never sent: `putBody` takes its place in the pipeline.
    method === 'put' ? route.put({ headers, body: {} }) : route[method]({ headers }),
  )
  const poller = pollerFor(answer.headers, clients.origin, { path, subscriptionId, apiVersion })
  return {
    poller: writePollerText(poller),
    requestId: requestIdOf(answer.headers),
    retryAfterMs: retryAfterMs(answer.headers['retry-after'], Date.now()),
  }
}
