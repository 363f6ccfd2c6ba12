import type { Plan } from '../../contract/plan.ts'
import { idKey } from '../arm/resource-id.ts'
import type { JobState } from './job-state.ts'

/** What a later cleanup job has removed of the leftovers of a job. */
export interface LaterCleanup {
  jobId: string
  /** The IDs of deleted and detached resources and routes, and the removed authorized IP ranges. */
  removed: string[]
}

/** The resources and ranges that the steps of a cleanup have removed so far. */
export function removedParts({ steps }: Plan, state: Pick<JobState, 'steps'>): string[] {
  const done = steps.filter(
    ({ key }) => key.startsWith('clean-up-') && state.steps[key]?.status === 'Succeeded',
  )
  return done.flatMap(({ does }) => {
    if (does.kind === 'deleteResource' || does.kind === 'putResource') return [does.id]
    if (does.kind !== 'updateCluster') return []
    return does.changes.flatMap((change) => (change.op === 'subtractCidrs' ? change.cidrs : []))
  })
}

/** Whether later cleanups have removed a resource or a range. */
export function isRemoved(part: string, cleanups: readonly LaterCleanup[]): boolean {
  return cleanups.some(({ removed }) => removed.some((other) => idKey(other) === idKey(part)))
}
