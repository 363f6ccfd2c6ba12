import { isDeepStrictEqual } from 'node:util'
import { applyFieldChanges } from '../../azure/apply-field-changes.ts'
import type { ClusterReading } from '../../azure/arm.ts'
import { compareClusterBasis } from '../../core/basis.ts'
import type { FieldChange } from '../../core/cluster-write.ts'
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
  if (facts.provisioningState !== 'Succeeded')
    throw new NotSent({ kind: 'busy', what: 'The cluster', state: facts.provisioningState })
  const isBeforeSwitch = job.state.steps['change-outbound-type']?.status !== 'Succeeded'
  const differences = isBeforeSwitch ? compareClusterBasis(job.plan, facts, job.state.applied) : []
  if (differences.length > 0) throw new NotSent({ kind: 'stale', detail: inWords(differences) })
  if (isDeepStrictEqual(applyFieldChanges(body, changes, []), body))
    throw new NotSent({ kind: 'nothingToChange' })
  if (!isBeforeSwitch && facts.outboundType?.toLowerCase() !== job.plan.to.outboundType.toLowerCase())
    throw new NotSent({
      kind: 'stale',
      detail: `The outbound type is ${facts.outboundType} again; ${step.title} is not done.`,
    })
}
