import { clusterRefOf } from '../arm/managed-cluster.ts'
import { changeEgress, provisionClusterResources } from '../egress/change-egress.ts'
import { type JsonObject, textAt, withProperties } from '../lib/json.ts'
import { finishNetworkOperation } from '../network/network-operations.ts'
import type { Operation } from '../world/operation.ts'
import type { World } from '../world/world.ts'
import { withPowerState } from './cluster-operations.ts'
import { configurationsOf } from './maintenance-configurations.ts'
import { saveCluster } from './merge-cluster.ts'
import { withNewImage } from './pools.ts'

/** Completes every operation whose time has come, and reports each operation. Called before each request is handled. */
export function finishDueOperations(world: World, finished: (operation: Operation) => void): void {
  for (const operation of world.due()) {
    finishOperation(world, operation)
    finished(operation)
  }
}

function finishOperation(world: World, operation: Operation): void {
  const status = operation.failure === null ? 'Succeeded' : 'Failed'
  world.saveOperation({ ...operation, status })
  if (operation.dialect === 'network') {
    finishNetworkOperation(world, operation)
    return
  }
  // A run-command changes nothing.
  if (operation.dialect === 'compute') return
  const cluster = world.get(operation.resourceId)
  if (cluster !== undefined) finishCluster(world, operation, cluster, status)
}

/**
 * After a failed operation, the body keeps the requested state with provisioningState Failed, and the resources are
 * unchanged: AKS keeps its goal (inferred).
 */
function finishCluster(world: World, operation: Operation, cluster: JsonObject, status: string): void {
  if (status === 'Succeeded' && operation.effect.kind === 'delete-cluster') {
    removeCluster(world, cluster)
    return
  }
  const changed = status === 'Succeeded' ? applyEffect(world, operation, cluster) : cluster
  saveCluster(world, changed, status)
}

function applyEffect(world: World, operation: Operation, cluster: JsonObject): JsonObject {
  const { effect } = operation
  switch (effect.kind) {
    case 'update-cluster': {
      const { ignored, before, accessBefore } = effect.change
      if (ignored)
        return withProperties(cluster, { networkProfile: before, apiServerAccessProfile: accessBefore })
      return withProperties(cluster, { networkProfile: changeEgress(world, cluster, effect.change) })
    }
    case 'create-cluster':
      return withProperties(provisionClusterResources(world, cluster), {
        identityProfile: kubeletIdentity(world, cluster),
      })
    case 'upgrade-node-image':
      return withNewImage(cluster, effect.pool)
    case 'set-power':
      return withPowerState(cluster, effect.code)
    case 'delete-cluster':
    case 'settle-network-resource':
    case 'none':
      return cluster
  }
}

/** The kubelet identity appears when the creation has ended (test/data/recordings). */
function kubeletIdentity(world: World, cluster: JsonObject): JsonObject {
  const { subscription, name } = clusterRefOf(cluster)
  const group = textAt(cluster, 'properties', 'nodeResourceGroup')
  return {
    kubeletidentity: {
      resourceId: `/subscriptions/${subscription}/resourcegroups/${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}-agentpool`,
      clientId: world.nextGuid(),
      objectId: world.nextGuid(),
    },
  }
}

/** The node resource group is deleted with its cluster. */
function removeCluster(world: World, cluster: JsonObject): void {
  const { subscription } = clusterRefOf(cluster)
  const resourceGroup = textAt(cluster, 'properties', 'nodeResourceGroup') ?? ''
  const prefix = `/subscriptions/${subscription}/resourcegroups/${resourceGroup}`.toLowerCase()
  for (const body of world.all()) {
    const id = (textAt(body, 'id') ?? '').toLowerCase()
    if (id === prefix || id.startsWith(`${prefix}/`)) world.remove(id)
  }
  for (const body of configurationsOf(world, cluster)) world.remove(textAt(body, 'id') ?? '')
  world.remove(textAt(cluster, 'id') ?? '')
}
