import type { JsonObject } from '../../src/core/json.ts'
import type { ClusterRef } from '../../src/core/target.ts'

export const SUBSCRIPTION = '11111111-1111-1111-1111-111111111111'
export const REF: ClusterRef = { subscriptionId: SUBSCRIPTION, resourceGroup: 'rg-demo', name: 'one' }
export const CLUSTER_PATH = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-demo/providers/Microsoft.ContainerService/managedClusters/one`

/** A small managed cluster's body. */
export function aClusterBody(changes: { eTag?: string; properties?: JsonObject } = {}): JsonObject {
  return {
    id: CLUSTER_PATH.replace('resourceGroups', 'resourcegroups'),
    location: 'eastus',
    name: 'one',
    type: 'Microsoft.ContainerService/ManagedClusters',
    properties: {
      provisioningState: 'Succeeded',
      nodeResourceGroup: 'MC_rg-demo_one_eastus',
      networkProfile: { outboundType: 'loadBalancer' },
      ...changes.properties,
    },
    ...(changes.eTag === undefined ? {} : { eTag: changes.eTag }),
  }
}
