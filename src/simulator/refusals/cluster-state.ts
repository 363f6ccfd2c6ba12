import { poolsOf } from '../cluster/cluster-facts.ts'
import { type ArmRefusal, aksError } from '../http/arm-error.ts'
import { type JsonObject, textAt } from '../json.ts'
import type { World } from '../world/world.ts'

/** States in which nothing is going on; a failed or canceled cluster takes a new PUT (inferred for Failed). */
const AT_REST = ['Succeeded', 'Failed', 'Canceled']

/** 409 while another operation is in progress on the cluster or on one of its pools; the words are recorded. */
export function operationInProgress(world: World, cluster: JsonObject): ArmRefusal | undefined {
  const state = textAt(cluster, 'properties', 'provisioningState') ?? 'Succeeded'
  const busyPool = poolsOf(cluster).find(
    (pool) => !AT_REST.includes(String(pool.provisioningState ?? 'Succeeded')),
  )
  let what: string
  if (!AT_REST.includes(state)) what = state
  else if (busyPool !== undefined) what = `${busyPool.name} - ${busyPool.provisioningState}`
  else if (world.operationOn(textAt(cluster, 'id') ?? '') !== undefined) what = 'Updating'
  else return undefined
  return aksError(
    409,
    'OperationNotAllowed',
    `Operation is not allowed: Another operation (${what}) is in progress, please wait for it to finish before starting a new operation. See https://aka.ms/aks-pending-operation for more details`,
  )
}

/** A stopped cluster takes only start or delete (rulebook 2, CLUSTER_STOPPED); status and words are inferred. */
export function clusterStopped(cluster: JsonObject): ArmRefusal | undefined {
  if (textAt(cluster, 'properties', 'powerState', 'code') !== 'Stopped') return undefined
  return aksError(
    409,
    'OperationNotAllowed',
    'Operation is not allowed: the managed cluster is stopped. Start the cluster before any other operation. See https://aka.ms/aks-start-stop for more details',
  )
}
