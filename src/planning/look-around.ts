import type { Arm, CallOptions } from '../azure/arm.ts'
import type { ClusterFacts } from '../core/snapshot.ts'
import type { Surroundings } from '../core/surroundings.ts'
import type { ClusterRef } from '../core/target.ts'
import { readAllowLists } from './read-allow-lists.ts'

/** What a reader of surroundings is given. It awaits `cluster` only where it has to know it: each await is a round trip more. */
export interface Around {
  arm: Arm
  options: CallOptions
  ref: ClusterRef
  cluster: Promise<ClusterFacts>
}

/** Reads everything around the cluster at the same time; what may not be read is said in its own part. */
export async function lookAround(around: Around): Promise<Surroundings> {
  const [allowLists] = await Promise.all([readAllowLists(around)])
  return { allowLists }
}
