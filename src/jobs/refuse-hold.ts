import type { Plan } from '../core/plan.ts'
import type { StepKey } from '../core/plan-steps.ts'
import { Refusal } from '../core/refusal.ts'
import type { JobOrder } from './jobs.ts'

/**
 * The step that the job stops before; undefined where no stop is wanted. Whoever counts on one has to hear before
 * that there is nothing to stop before.
 */
export function holdOf(plan: Plan, { holdBeforeCutOver }: JobOrder): StepKey | undefined {
  if (holdBeforeCutOver !== true) return undefined
  const { step: key, because } = plan.cutOver
  const step = plan.steps.find((each) => each.key === key)
  if (step === undefined)
    throw new Refusal('HOLD_NOT_POSSIBLE', { planId: plan.id, reason: because }, ['/holdBeforeCutOver'])
  return step.key
}
