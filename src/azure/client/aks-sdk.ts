/* What this service uses of the AKS SDK. `arm-clients.ts` imports it when it is first needed: loading takes 0.3 s. */
export { createContainerService } from '@azure/arm-containerservice/api'
export { list as listAgentPools } from '@azure/arm-containerservice/api/agentPools'
export {
  get as getManagedCluster,
  listOutboundNetworkDependenciesEndpoints,
} from '@azure/arm-containerservice/api/managedClusters'
