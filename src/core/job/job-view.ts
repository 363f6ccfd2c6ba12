import type { Plan } from '../plan.ts'
import { endWarnings } from './end-warnings.ts'
import { canBeReleased, holdView } from './hold.ts'
import type { Job, JobResult, JobStep } from './job.ts'
import type { JobState } from './job-state.ts'
import { mayHaveWritten } from './may-have-written.ts'

/** The job as callers see it: a pure function of its plan and its folded log. */
export function jobView(id: string, plan: Plan, state: JobState): Job {
  const all = [...plan.steps, ...(state.rollback?.steps ?? [])]
  const steps = all.map((step) => stepView(step.key, step.title, state))
  const isFinal = state.finishedAt !== null
  return {
    id,
    planId: plan.id,
    cluster: {
      id: plan.cluster.id,
      subscriptionId: plan.cluster.subscriptionId,
      resourceGroup: plan.cluster.resourceGroup,
      name: plan.cluster.name,
    },
    status: state.status,
    azure: plan.azure,
    createdBy: state.by,
    reason: state.reason,
    approvals: state.approvals,
    progress: {
      done: steps.filter(
        (step) => step.status === 'Succeeded' || (step.status === 'Skipped' && step.finishedAt !== null),
      ).length,
      total: steps.length,
    },
    currentStep: state.current,
    steps,
    timestamps: {
      acceptedAt: state.acceptedAt,
      startedAt: state.startedAt,
      finishedAt: state.finishedAt,
      cancelRequestedAt: state.cancelRequestedAt,
    },
    onFailure: state.onFailure,
    schedule: state.schedule,
    hold: holdView(state),
    rollback: rollbackOf(state),
    error: state.error ?? state.rollback?.error ?? null,
    warnings: [...state.warnings, ...endWarnings(plan, state)],
    preparedAddresses: state.observed.prepared ?? [],
    result: resultOf(state),
    actions: {
      cancel: !isFinal,
      release: canBeReleased(state),
      rollbackPlan: isFinal && hasSwitched(state) && plan.rollback.target !== null && !isBack(state),
      cleanUpPlan: isFinal,
    },
  }
}

/** It has succeeded when every step of the way back has. */
function rollbackOf({ rollback, steps, finishedAt }: JobState): Job['rollback'] {
  if (rollback === null) return null
  const isDone = rollback.steps.every((step) =>
    ['Succeeded', 'Skipped'].includes(steps[step.key]?.status ?? ''),
  )
  if (finishedAt === null) return { status: 'Running' }
  return { status: isDone ? 'Succeeded' : 'Failed' }
}

function stepView(key: JobStep['key'], title: string, state: JobState): JobStep {
  const step = state.steps[key]
  return {
    key,
    title,
    status: step?.status ?? 'Pending',
    startedAt: step?.startedAt ?? null,
    finishedAt: step?.finishedAt ?? null,
    attempts: step?.attempts ?? 0,
  }
}

/** Only what was read back is said; null until the addresses are known. */
function resultOf({ observed }: JobState): JobResult | null {
  if (observed.outboundType === undefined || observed.egressIps === undefined) return null
  return {
    outboundType: observed.outboundType,
    natGatewaySku: observed.natGatewaySku ?? null,
    egressIps: observed.egressIps,
    authorizedIPRanges: observed.authorizedIPRanges ?? [],
    leftBehind: observed.leftBehind ?? [],
  }
}

/** Whether the job itself has taken its change back. */
function isBack(state: JobState): boolean {
  return rollbackOf(state)?.status === 'Succeeded'
}

/** Whether the outbound type was, or may have been, changed: otherwise there is no plan back to the former one. */
function hasSwitched(state: JobState): boolean {
  return mayHaveWritten(state, 'change-outbound-type')
}
