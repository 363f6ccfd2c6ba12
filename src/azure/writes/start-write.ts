import type { JsonObject } from '../../contract/json.ts'
import type { ClusterRef } from '../../contract/plan-request.ts'
import { clusterId } from '../../core/arm/resource-id.ts'
import type {
  ClusterUpdate,
  ResourceAction,
  ResourceDelete,
  ResourceReading,
  ResourceUpdate,
  StartedOperation,
} from '../arm.ts'
import { READ_API_VERSION } from '../client/api-versions.ts'
import type { ArmCall } from '../client/arm-call.ts'
import type { ArmClients } from '../client/arm-clients.ts'
import { assertSafeSegments, requireResourceId } from '../client/resource-path.ts'
import { getResource, type RequestOptions, send, toUrl } from '../client/resources.ts'
import { ArmFault } from '../errors/arm-fault.ts'
import { parseRetryAfter, requestIdOf } from '../errors/arm-response.ts'
import { readCluster } from '../reads/read-cluster.ts'
import { applyFieldChanges } from './apply-field-changes.ts'
import { buildPoller, serializePoller } from './poll-operation.ts'
import { toWritableBody } from './read-only-fields.ts'

interface Calls {
  read: ArmCall
  write: ArmCall
}

/*
 * Every write reads its resource first. `beforeSend` comes between the two: what it rejects with is passed on, and
 * nothing is sent then.
 */

/** Reads the cluster, and PUTs it with the planned changes and with its ETag. */
export async function startClusterUpdate(
  clients: ArmClients,
  calls: Calls,
  { ref, apiVersion, changes, discoveredEgress, beforeSend }: ClusterUpdate,
): Promise<StartedOperation> {
  const reading = await readCluster(clients, calls.read, ref, apiVersion)
  const body = toWritableBody(applyFieldChanges(reading.body, changes, discoveredEgress), 'managedCluster')
  await beforeSend(reading)
  const options = putOptions(body, reading.facts.etag)
  return startWrite(clients, calls.write, 'put', { id: clusterId(ref), apiVersion }, options)
}

/** Reads a resource, and PUTs a new one, or the present one with the planned changes and with its ETag. */
export async function startResourceWrite(
  clients: ArmClients,
  calls: Calls,
  update: ResourceUpdate,
): Promise<StartedOperation> {
  const reading = await readIfPresent(clients, calls.read, update)
  const body = update.body ?? changedBody(reading, update)
  await update.beforeSend(reading)
  return startWrite(clients, calls.write, 'put', update, putOptions(body, reading?.etag ?? null))
}

/** Reads a resource and deletes it. */
export async function startResourceDelete(
  clients: ArmClients,
  calls: Calls,
  deletion: ResourceDelete,
): Promise<StartedOperation> {
  await deletion.beforeSend(await readIfPresent(clients, calls.read, deletion))
  return startWrite(clients, calls.write, 'delete', deletion)
}

/** Reads a resource and starts an action of it: one POST without a body. */
export async function startResourceAction(
  clients: ArmClients,
  calls: Calls,
  action: ResourceAction,
): Promise<StartedOperation> {
  assertSafeSegments(action.action)
  await action.beforeSend(await readIfPresent(clients, calls.read, action))
  return startWrite(clients, calls.write, 'post', action)
}

/** One POST of `abort`. The operation of the abort is not followed: that of the aborted write shows how it ended. */
export async function abortClusterOperation(
  clients: ArmClients,
  call: ArmCall,
  ref: ClusterRef,
): Promise<{ requestId: string | null }> {
  const target = { id: clusterId(ref), apiVersion: READ_API_VERSION, action: 'abort' }
  const { requestId } = await startWrite(clients, call, 'post', target)
  return { requestId }
}

async function readIfPresent(
  clients: ArmClients,
  call: ArmCall,
  { id, apiVersion }: ResourceDelete,
): Promise<ResourceReading | null> {
  requireResourceId(id)
  try {
    return await getResource(clients, call, id, { apiVersion })
  } catch (error) {
    if (error instanceof ArmFault && error.kind === 'not-found') return null
    throw error
  }
}

function changedBody(reading: ResourceReading | null, { changes }: ResourceUpdate): JsonObject {
  return reading === null ? {} : toWritableBody(applyFieldChanges(reading.body, changes, []), 'network')
}

function putOptions(body: JsonObject, etag: string | null): RequestOptions {
  return { body, headers: etag === null ? {} : { 'If-Match': etag } }
}

async function startWrite(
  clients: ArmClients,
  call: ArmCall,
  method: 'put' | 'delete' | 'post',
  { id, apiVersion, action }: { id: string; apiVersion: string; action?: string },
  options: RequestOptions = {},
): Promise<StartedOperation> {
  const { subscriptionId } = requireResourceId(id)
  const url = toUrl(action === undefined ? id : `${id}/${action}`, { apiVersion })
  const { headers } = await send(clients, call, method, url, options)
  const path = toUrl(id, { apiVersion })
  return {
    poller: serializePoller(buildPoller(headers, clients.origin, { path, subscriptionId, apiVersion })),
    requestId: requestIdOf(headers),
    retryAfterMs: parseRetryAfter(headers['retry-after'], Date.now()),
  }
}
