import type { Job } from '../../contract/job.ts'

/** What a caller may do on the cluster of a job, by its roles and the access policy. */
export interface CallerPermissions {
  plan: boolean
  execute: boolean
}

/**
 * The operations that the state of a job and the permissions of a caller allow. A release is an action only during the
 * hold: a release in advance is accepted, but a button for it would be pressed too early.
 */
export function callerActions(
  { actions, isHeld }: { actions: Job['actions']; isHeld: boolean },
  { plan, execute }: CallerPermissions,
): Job['actions'] {
  return {
    cancel: execute && actions.cancel,
    release: execute && isHeld,
    rollbackPlan: plan && actions.rollbackPlan,
    cleanUpPlan: plan && actions.cleanUpPlan,
    // Views of earlier versions lack these members.
    reschedule: execute && actions.reschedule === true,
    reconcilePlan: plan && actions.reconcilePlan === true,
  }
}
