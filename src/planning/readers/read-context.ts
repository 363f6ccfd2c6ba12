import type { Arm, CallOptions } from '../../azure/arm.ts'
import { ArmFault } from '../../azure/errors/arm-fault.ts'
import type { ClusterRef } from '../../contract/cluster.ts'
import type { Unread } from '../../contract/preflight.ts'
import type { RequestedPreparation } from '../../contract/preparation.ts'
import type { PlanningRequest } from '../../core/request/plan-request.ts'
import type { NetworkCollection } from '../../core/snapshot/assemble.ts'
import type { ReadResult } from '../../core/snapshot/authorization-facts.ts'
import type { ClusterFacts } from '../../core/snapshot/snapshot.ts'

/** What a reader of surroundings is given. It awaits `cluster` or `network` only where it has to: each await is a round trip more. */
export interface ReadContext {
  arm: Arm
  options: CallOptions
  ref: ClusterRef
  /** Ids of the addresses that the request itself names. */
  requestedIds: string[]
  /** What the request wants to have made; it goes into a resource group whose rights then count. */
  prepare?: RequestedPreparation
  cluster: Promise<ClusterFacts>
  /** The cluster's network, as completely as it could be read. */
  network: Promise<NetworkCollection>
  /** What the plan is asked for; null where every target is of interest. */
  request: Pick<PlanningRequest, 'target' | 'upgradeNodeImages' | 'prepare' | 'cleanUp'> | null
}

/** Reads, or says why not; rejects only with what is no `ArmFault`, which is a fault of this service. */
export async function tryRead<T>(what: string, read: () => Promise<T>): Promise<ReadResult<T>> {
  try {
    return { facts: await read() }
  } catch (error) {
    return { unread: toUnread(what, error) }
  }
}

/** A read that failed, as a plan tells it. */
export function toUnread(what: string, error: unknown): Unread {
  if (!(error instanceof ArmFault)) throw error
  const reason = error.kind === 'denied' ? 'denied' : error.kind === 'not-found' ? 'not-found' : 'failed'
  return { what, reason, code: error.code, message: error.message }
}
