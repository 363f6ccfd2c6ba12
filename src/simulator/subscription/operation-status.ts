import { gatewayError } from '../arm/arm-error.ts'
import type { ArmHandler, ArmResponse } from '../arm/arm-request.ts'
import { operationHeaders } from '../arm/operation-headers.ts'
import type { JsonObject } from '../lib/json.ts'
import type { Operation } from '../world/operation.ts'
import type { World } from '../world/world.ts'

/** The error that recording 4 shows together with a successful status. */
const NOT_LATEST = {
  code: 'NotLatestOperation',
  message:
    "Cannot proceed with the operation. Either the operation has been preempted by another one, or the information needed by the operation failed to be saved (or hasn't been saved yet).",
}

/** GET …/operations/{id}: the status of a long-running operation, in the form of its provider. */
export const getOperation: ArmHandler = (world, request): ArmResponse => {
  const operation = findOperation(world, request.path.names.at(-1))
  if (operation.dialect === 'network')
    return {
      status: 200,
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'x-ms-ratelimit-remaining-subscription-global-reads': '3749',
      },
      body: networkStatus(operation),
    }
  return {
    status: 200,
    headers: { 'content-type': 'application/json' },
    text: JSON.stringify(clusterStatus(operation, world.clock.now()), null, 1),
  }
}

/** GET …/operationresults/{id}: 202 while the operation runs, then 204, with the URL again; recorded for a DELETE. */
export const getOperationResult: ArmHandler = (world, request): ArmResponse => {
  const operation = findOperation(world, request.path.names.at(-1))
  const headers = operationHeaders(world, request, operation)
  return { status: operation.status === 'InProgress' ? 202 : 204, headers }
}

function findOperation(world: World, id: string | undefined): Operation {
  const operation = world.operation(id ?? '')
  if (operation === undefined) throw gatewayError(404, 'NotFound', 'The entity was not found.')
  return operation
}

/** The statuses of a running operation on a cluster, in order (recordings of October 2025). */
const PHASES = [
  'InProgress',
  'ProvisioningControlPlane',
  'ReconcilingDNS',
  'ReconcilingAddons',
  'ProvisioningNetworkResources',
  'CreatingAgentPools: 0/1 nodes completed',
]

/** It is inferred that all phases have the same duration, and that updates show the phases of a creation. */
function phaseOf({ kind, startMs, endMs }: Operation, now: number): string {
  const isShown = endMs !== null && (kind === 'create' || kind === 'update')
  const share = isShown ? (now - startMs) / (endMs - startMs) : 0
  return PHASES[Math.min(PHASES.length - 1, Math.floor(share * PHASES.length))] ?? 'InProgress'
}

/** Only name, status and times. An error is a separate member (recordings 4 and 8a). */
function clusterStatus(operation: Operation, now: number): JsonObject {
  const shown: JsonObject = {
    name: operation.id,
    status: operation.status === 'InProgress' ? phaseOf(operation, now) : operation.status,
    startTime: withTicks(operation.startMs),
  }
  if (operation.status !== 'InProgress' && operation.endMs !== null)
    shown.endTime = withTicks(operation.endMs)
  if (operation.status === 'Failed' || operation.status === 'Canceled') shown.error = { ...operation.failure }
  else if (operation.errorInSuccess) shown.error = NOT_LATEST
  return shown
}

function networkStatus(operation: Operation): JsonObject {
  return operation.status === 'Failed'
    ? { status: 'Failed', error: { ...operation.failure, details: [] } }
    : { status: operation.status }
}

/** Azure's times have seven digits after the point; a millisecond clock fills four of them with a fixed tail. */
function withTicks(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('Z', '1234Z')
}
