import { type ContainerServiceContext, createContainerService } from '@azure/arm-containerservice/api'
import { list } from '@azure/arm-containerservice/api/agentPools'
import { listByManagedCluster } from '@azure/arm-containerservice/api/maintenanceConfigurations'
import {
  get,
  listOutboundNetworkDependenciesEndpoints,
} from '@azure/arm-containerservice/api/managedClusters'
import type { ClusterRef } from '../../contract/cluster.ts'

interface Pages {
  byPage(): AsyncIterableIterator<unknown>
}

/** The parts of the AKS SDK that this service uses, for one subscription and API version. */
export interface AksClient {
  /** The pipeline of all requests, and a method for requests to any path, which adds no API version. */
  context: ContainerServiceContext
  getCluster(ref: ClusterRef): Promise<unknown>
  listAgentPools(ref: ClusterRef): Pages
  listOutboundDependencies(ref: ClusterRef): Pages
  listMaintenanceConfigurations(ref: ClusterRef): Pages
}

export function createAksClient(...settings: Parameters<typeof createContainerService>): AksClient {
  const context = createContainerService(...settings)
  return {
    context,
    getCluster: ({ resourceGroup, name }) => get(context, resourceGroup, name),
    listAgentPools: ({ resourceGroup, name }) => list(context, resourceGroup, name),
    listOutboundDependencies: ({ resourceGroup, name }) =>
      listOutboundNetworkDependenciesEndpoints(context, resourceGroup, name),
    listMaintenanceConfigurations: ({ resourceGroup, name }) =>
      listByManagedCluster(context, resourceGroup, name),
  }
}
