import type { StepAction } from '../plan-steps.ts'

const WRITES: readonly StepAction['kind'][] = [
  'updateCluster',
  'putResource',
  'deleteResource',
  'upgradeNodeImage',
]

/** Whether the step sends Azure a write, so that an intent has to be recorded and an operation followed. */
export function isWrite({ does }: { does: StepAction }): boolean {
  return WRITES.includes(does.kind)
}
