import type { Step } from '../plan-steps.ts'
import type { JobState } from './job-state.ts'

/** Whether a write of this step was, or may have been, taken; not where Azure refused each one, or none arrived. */
export function mayHaveWritten({ steps }: Pick<JobState, 'steps'>, key: Step['key']): boolean {
  const step = steps[key]
  return step !== undefined && step.attempts > step.refusedWrites + step.lostWrites
}
