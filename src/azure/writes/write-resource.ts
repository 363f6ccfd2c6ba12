import type { JsonObject } from '../../contract/json.ts'
import type {
  ResourceAction,
  ResourceDelete,
  ResourceReading,
  ResourceUpdate,
  StartedOperation,
} from '../arm.ts'
import { READ_API_VERSION } from '../client/api-versions.ts'
import { type ArmCall, responseOf } from '../client/arm-call.ts'
import type { ArmClients } from '../client/arm-clients.ts'
import { readResource } from '../client/get-by-path.ts'
import { assertSafeSegments, buildResourcePath } from '../client/resource-path.ts'
import { ArmFault } from '../errors/arm-fault.ts'
import { parseRetryAfter, requestIdOf } from '../errors/arm-response.ts'
import { applyFieldChanges } from './apply-field-changes.ts'
import { buildPoller, serializePoller } from './poll-operation.ts'

/**
 * What Microsoft.Network shows and does not take (read-only in the models of @azure/arm-network 39.0.0). Sent back
 * they would be ignored at best: `ipConfigurations` of a subnet alone can be megabytes.
 */
const READ_ONLY_PROPERTIES = [
  'provisioningState',
  'resourceGuid',
  'ipConfigurations',
  'ipConfigurationProfiles',
  'privateEndpoints',
  'resourceNavigationLinks',
  'serviceAssociationLinks',
  'purpose',
  'subnets',
  'ipAddress',
  'ipConfiguration',
]

/** A network resource's body as it may be PUT; all else stays as it was read. The given body is left as it is. */
function toWritableResourceBody(body: JsonObject): JsonObject {
  const { etag: _etag, properties, ...rest } = body
  if (typeof properties !== 'object' || properties === null || Array.isArray(properties)) return rest
  const isSubnets = /\/virtualNetworks$/i.test(String(body.type ?? ''))
  const kept = Object.entries(properties).filter(
    ([name]) => !READ_ONLY_PROPERTIES.includes(name) || (name === 'subnets' && isSubnets),
  )
  return { ...rest, properties: Object.fromEntries(kept) }
}

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
  assertSafeSegments(action)
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
  return reading === null ? {} : toWritableResourceBody(applyFieldChanges(reading.body, changes, []))
}

async function send(
  clients: ArmClients,
  call: ArmCall,
  { id, apiVersion }: { id: string; apiVersion: string },
  method: 'put' | 'delete' | 'post',
  etag: string | null,
  suffix = '',
): Promise<StartedOperation> {
  const { subscriptionId, path } = buildResourcePath(id, apiVersion)
  const client = clients.containerService(subscriptionId, READ_API_VERSION)
  const route = client.pathUnchecked(`${clients.origin}${path.replace('?', `${suffix}?`)}`)
  const headers: Record<string, string> = etag === null ? {} : { 'If-Match': etag }
  const answer = await responseOf(call, async () =>
    // The body given here is never sent: `putBody` takes its place in the pipeline.
    method === 'put' ? route.put({ headers, body: {} }) : route[method]({ headers }),
  )
  const poller = buildPoller(answer.headers, clients.origin, { path, subscriptionId, apiVersion })
  return {
    poller: serializePoller(poller),
    requestId: requestIdOf(answer.headers),
    retryAfterMs: parseRetryAfter(answer.headers['retry-after'], Date.now()),
  }
}
