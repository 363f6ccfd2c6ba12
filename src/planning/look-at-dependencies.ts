import type { Surroundings } from '../core/surroundings.ts'
import { mayLeaveByAppliance } from './leaves-by-appliance.ts'
import type { Around } from './look-around.ts'
import { reading } from './reading.ts'

const WHAT = 'Microsoft.ContainerService/managedClusters/outboundNetworkDependenciesEndpoints'

/** What AKS says that the nodes must reach. It waits for nothing: only the cluster's name is needed. */
export async function lookAtDependencies(around: Around): Promise<Surroundings['outboundDependencies']> {
  const { arm, ref, options } = around
  if (!mayLeaveByAppliance(around)) return null
  return reading(WHAT, () => arm.listOutboundDependencies(ref, options))
}
