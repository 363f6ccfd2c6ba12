import { isDeepStrictEqual } from 'node:util'
import { applyFieldChanges } from '../../azure/apply-field-changes.ts'
import type { ClusterReading } from '../../azure/arm.ts'
import { compareClusterBasis } from '../../core/basis.ts'
import type { FieldChange } from '../../core/cluster-write.ts'
import { isUndo } from '../../core/job/undo-steps.ts'
import type { Step } from '../../core/plan-steps.ts'
import type { LoadedJob } from '../load-job.ts'
import { inWords } from './check-freshness.ts'
import { NotSent } from './not-sent.ts'

/**
 * Throws `NotSent` when the fresh reading speaks against sending. Before the switch everything must be as
 * planned, apart from what the job itself has written; after it only the outbound type.
 */
export function refuseSending(
  job: LoadedJob,
  step: Step,
  { facts, body }: ClusterReading,
  changes: FieldChange[],
): void {
  // What has failed is what a way back mends; only an operation under way is in its way.
  const isAtRest = isUndo(step)
    ? !/ing$/.test(facts.provisioningState)
    : facts.provisioningState === 'Succeeded'
  if (!isAtRest) throw new NotSent({ kind: 'busy', what: 'The cluster', state: facts.provisioningState })
  const isBeforeSwitch = !isUndo(step) && job.state.steps['change-outbound-type']?.status !== 'Succeeded'
  const differences = isBeforeSwitch ? compareClusterBasis(job.plan, facts, job.state.applied) : []
  if (differences.length > 0) throw new NotSent({ kind: 'stale', detail: inWords(differences) })
  const isShown = isDeepStrictEqual(applyFieldChanges(body, changes, []), body)
  if (isShown && facts.provisioningState === 'Succeeded') throw new NotSent({ kind: 'nothingToChange' })
  if (
    !isBeforeSwitch &&
    !isUndo(step) &&
    facts.outboundType?.toLowerCase() !== job.plan.to.outboundType.toLowerCase()
  )
    throw new NotSent({
      kind: 'stale',
      detail: `The outbound type is ${facts.outboundType} again; ${step.title} is not done.`,
    })
}
