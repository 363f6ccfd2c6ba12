import type { StepAction } from '../plan-steps.ts'

/** Whether the step sends Azure a write, so that an intent has to be recorded and an operation followed. */
export function isWrite({ does }: { does: StepAction }): boolean {
  return does.kind === 'updateCluster' || does.kind === 'putResource' || does.kind === 'deleteResource'
}
