import type { Expectation, Step } from './plan-steps.ts'

/** A step before it is put in its row. */
export type StepDraft = Omit<Step, 'requires'>

/** Every resource that was written has to come to rest. */
export function provisioned(): Expectation {
  return { path: '/properties/provisioningState', equals: 'Succeeded' }
}
