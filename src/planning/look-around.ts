import type { Arm, CallOptions } from '../azure/arm.ts'
import type { RequestedPreparation } from '../core/preparation/requested-preparation.ts'
import type { ClusterFacts } from '../core/snapshot.ts'
import type { Surroundings } from '../core/surroundings.ts'
import type { ClusterRef } from '../core/target.ts'
import { readRights } from './read-rights.ts'

/** What a reader of surroundings is given. It awaits `cluster` only where it has to know it: each await is a round trip more. */
export interface Around {
  arm: Arm
  options: CallOptions
  ref: ClusterRef
  /** Ids of the addresses that the request itself names. */
  requestedIds: string[]
  /** What the request wants to have made; it goes into a resource group whose rights then count. */
  prepare?: RequestedPreparation
  cluster: Promise<ClusterFacts>
}

/** Reads everything around the cluster at the same time; what may not be read is said in its own part. */
export async function lookAround(around: Around): Promise<Surroundings> {
  const [rights] = await Promise.all([readRights(around)])
  return { rights }
}
