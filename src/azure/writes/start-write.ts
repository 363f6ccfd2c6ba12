import type { ClusterRef } from '../../contract/cluster.ts'
import type { Json, JsonObject } from '../../contract/json.ts'
import { clusterId } from '../../core/arm/resource-id.ts'
import { equalsArm } from '../../core/arm/words.ts'
import type {
  ClusterUpdate,
  ResourceAction,
  ResourceDelete,
  ResourceReading,
  ResourceUpdate,
  StartedOperation,
} from '../arm.ts'
import { READ_API_VERSION } from '../client/api-versions.ts'
import {
  type ArmRequests,
  assertSafeSegments,
  requireResourceId,
  type SendOptions,
  toUrl,
} from '../client/arm-requests.ts'
import { ArmFault, parseRetryAfter, requestIdOf } from '../errors/arm-fault.ts'
import { readCluster } from '../reads/read-cluster.ts'
import { applyFieldChanges, pointerKeys } from './apply-field-changes.ts'
import { buildPoller, serializePoller } from './poll-operation.ts'
import data from './read-only-fields.json' with { type: 'json' }

interface ReadAndWrite {
  read: ArmRequests
  write: ArmRequests
}

/*
 * Every write reads its resource first. `beforeSend` runs between the read and the write: if it rejects, the write
 * rejects with the same error, and nothing is sent.
 */

/** Reads the cluster, and PUTs it with the planned changes and with its ETag. */
export async function startClusterUpdate(
  { read, write }: ReadAndWrite,
  { ref, apiVersion, changes, discoveredEgress, beforeSend }: ClusterUpdate,
): Promise<StartedOperation> {
  const reading = await readCluster(read, ref, apiVersion)
  const body = toWritableBody(applyFieldChanges(reading.body, changes, discoveredEgress), 'managedCluster')
  await beforeSend(reading)
  const options = putOptions(body, reading.facts.etag)
  return startWrite(write, 'put', { id: clusterId(ref), apiVersion }, options)
}

/** Reads a resource, and PUTs a new resource, or the existing resource with the planned changes and its ETag. */
export async function startResourceWrite(
  { read, write }: ReadAndWrite,
  update: ResourceUpdate,
): Promise<StartedOperation> {
  const reading = await readIfPresent(read, update)
  const body = update.body ?? changedBody(reading, update)
  await update.beforeSend(reading)
  return startWrite(write, 'put', update, putOptions(body, reading?.etag ?? null))
}

/** Reads a resource and deletes it. */
export async function startResourceDelete(
  { read, write }: ReadAndWrite,
  deletion: ResourceDelete,
): Promise<StartedOperation> {
  await deletion.beforeSend(await readIfPresent(read, deletion))
  return startWrite(write, 'delete', deletion)
}

/** Reads a resource and starts an action of it: one POST. */
export async function startResourceAction(
  { read, write }: ReadAndWrite,
  action: ResourceAction,
): Promise<StartedOperation> {
  assertSafeSegments(action.action)
  await action.beforeSend(await readIfPresent(read, action))
  return startWrite(write, 'post', action, action.body === undefined ? {} : { body: action.body })
}

/** One POST of `abort`. The operation of the abort is not polled: the operation of the aborted write shows its outcome. */
export async function abortClusterOperation(
  requests: ArmRequests,
  ref: ClusterRef,
): Promise<{ requestId: string | null }> {
  const target = { id: clusterId(ref), apiVersion: READ_API_VERSION, action: 'abort' }
  const { requestId } = await startWrite(requests, 'post', target)
  return { requestId }
}

async function readIfPresent(
  requests: ArmRequests,
  { id, apiVersion }: ResourceDelete,
): Promise<ResourceReading | null> {
  requireResourceId(id)
  try {
    return await requests.get(id, { apiVersion })
  } catch (error) {
    if (error instanceof ArmFault && error.kind === 'not-found') return null
    throw error
  }
}

function changedBody(reading: ResourceReading | null, { changes }: ResourceUpdate): JsonObject {
  return reading === null ? {} : toWritableBody(applyFieldChanges(reading.body, changes, []), 'network')
}

function putOptions(body: JsonObject, etag: string | null): SendOptions {
  return { body, headers: etag === null ? {} : { 'If-Match': etag } }
}

async function startWrite(
  requests: ArmRequests,
  method: 'put' | 'delete' | 'post',
  { id, apiVersion, action }: { id: string; apiVersion: string; action?: string },
  options: SendOptions = {},
): Promise<StartedOperation> {
  const { subscriptionId } = requireResourceId(id)
  const url = toUrl(action === undefined ? id : `${id}/${action}`, { apiVersion })
  const { headers } = await requests.send(method, url, options)
  const path = toUrl(id, { apiVersion })
  return {
    poller: serializePoller(buildPoller(headers, requests.origin, { path, subscriptionId, apiVersion })),
    requestId: requestIdOf(headers),
    retryAfterMs: parseRetryAfter(headers['retry-after'], Date.now()),
  }
}

/**
 * Fields that ARM returns but does not accept in a PUT. The entries are JSON pointers in which `*` is any key or any
 * item of a list; letter case is ignored. Each list names its source. AKS rejects fields that an API version does not
 * have (`UnmarshalError`). Microsoft.Network ignores such fields at best, and `ipConfigurations` of a subnet can have
 * megabytes.
 */
const READ_ONLY_FIELDS: Record<'managedCluster' | 'network', readonly string[]> = {
  managedCluster: data.managedCluster.flatMap(({ paths }) => paths),
  network: data.network.flatMap(({ paths }) => paths),
}

/** The only resource whose `subnets` can be written. */
const VIRTUAL_NETWORK = /\/virtualNetworks$/i

/** A body for a PUT: without read-only fields, with all other fields in the same order. The given body is not modified. */
export function toWritableBody(body: JsonObject, provider: keyof typeof READ_ONLY_FIELDS): JsonObject {
  const writable = structuredClone(body)
  const isVirtualNetwork = VIRTUAL_NETWORK.test(String(body.type ?? ''))
  for (const path of READ_ONLY_FIELDS[provider])
    if (path !== '/properties/subnets' || !isVirtualNetwork) deleteAt(writable, pointerKeys(path))
  return writable
}

function deleteAt(value: Json | undefined, keys: string[]): void {
  const [key = '', ...rest] = keys
  if (typeof value !== 'object' || value === null) return
  if (Array.isArray(value)) {
    if (key === '*') for (const item of value) deleteAt(item, rest)
    return
  }
  for (const name of Object.keys(value)) {
    if (key !== '*' && !equalsArm(name, key)) continue
    if (rest.length === 0) delete value[name]
    else deleteAt(value[name], rest)
  }
}
