import type { Arm, CallOptions } from '../../azure/arm.ts'
import { ArmFault, toUnread } from '../../azure/errors/arm-fault.ts'
import type { ClusterRef } from '../../contract/cluster.ts'
import type { Unread } from '../../contract/preflight.ts'
import type { RequestedPreparation } from '../../contract/preparation.ts'
import type { PlanningRequest } from '../../core/request/plan-request.ts'
import type { NetworkCollection } from '../../core/snapshot/assemble.ts'
import type { ReadResult } from '../../core/snapshot/authorization-facts.ts'
import type { ClusterFacts } from '../../core/snapshot/snapshot.ts'

/** The input of a reader. It awaits `cluster` or `network` only where it has to: each await is another round trip. */
export interface ReadContext {
  arm: Arm
  options: CallOptions
  ref: ClusterRef
  /** Ids of the addresses that the request itself names. */
  requestedIds: string[]
  /** The resources that the request prepares, in a resource group whose permissions then matter. */
  prepare?: RequestedPreparation
  cluster: Promise<ClusterFacts>
  /** The cluster's network, as completely as it could be read. */
  network: Promise<NetworkCollection>
  /** The network in the cluster's own subscription, which is known after the first round. */
  ownNetwork: Promise<NetworkCollection>
  /** The requested change; null where every target is possible. */
  request: Pick<
    PlanningRequest,
    'target' | 'upgradeNodeImages' | 'verifyFromNodes' | 'prepare' | 'cleanUp'
  > | null
}

/**
 * Reads, or reports why not, also to `onFault`. Rejects only with what is not an `ArmFault`, which is an error of this
 * service.
 */
export async function tryRead<T>(
  what: string,
  read: () => Promise<T>,
  onFault?: (unread: Unread, fault: ArmFault) => void,
): Promise<ReadResult<T>> {
  try {
    return { facts: await read() }
  } catch (error) {
    if (!(error instanceof ArmFault)) throw error
    const unread = toUnread(what, error)
    onFault?.(unread, error)
    return { unread }
  }
}
