import type { Surroundings } from '../core/surroundings.ts'
import type { Around } from './look-around.ts'
import { unreadOf } from './reading.ts'

const WHAT = 'Microsoft.ContainerService/managedClusters/outboundNetworkDependenciesEndpoints'

/**
 * What AKS says that the nodes must reach. It waits for nothing: only the cluster's name is needed. Not asked where
 * no plan could come of it that sends nodes out by an appliance.
 */
export async function lookAtDependencies(around: Around): Promise<Surroundings['outboundDependencies']> {
  const { arm, ref, options, request } = around
  const isNeeded =
    request === null ||
    request.target.outboundType === 'userDefinedRouting' ||
    request.upgradeNodeImages === true
  if (!isNeeded) return null
  try {
    return { value: await arm.listOutboundDependencies(ref, options), unread: null }
  } catch (error) {
    return { value: null, unread: unreadOf(WHAT, error) }
  }
}
