import type { Plan } from '../../contract/plan.ts'
import type { JobEvent, Observations } from './events.ts'
import { applyToProbes, CUTOVER_PROBE, noProbes } from './job-probes.ts'
import {
  applyToHold,
  initialHold,
  isWrite,
  type JobState,
  type StepState,
  setSchedule,
  type WriteState,
} from './job-state.ts'
import { clearFaults, NO_FAULTS, recordFault } from './retry-policy.ts'

/** Folds a job's log, oldest first, into its state. Pure. */
export function foldEvents(plan: Pick<Plan, 'steps'>, events: readonly JobEvent[]): JobState {
  const state = emptyState(plan)
  for (const event of events) apply(state, event)
  return state
}

function emptyState(plan: Pick<Plan, 'steps'>): JobState {
  const steps = plan.steps.map((step) => [step.key, pendingStep(isWrite(step))] as const)
  return {
    lastEventAt: '',
    status: 'NotStarted',
    acceptedAt: '',
    by: '',
    approvals: [],
    reason: null,
    labels: {},
    startedAt: null,
    finishedAt: null,
    cancelRequestedAt: null,
    cancellation: null,
    isAbortWanted: false,
    abortRequestedAt: null,
    schedule: null,
    beginsAt: null,
    onFailure: 'stop',
    hold: null,
    rollback: null,
    error: null,
    warnings: [],
    steps: Object.fromEntries(steps),
    current: null,
    applied: [],
    observed: {},
    probes: noProbes(),
    length: 0,
  }
}

function pendingStep(isWrite: boolean): StepState {
  return {
    status: 'Pending',
    startedAt: null,
    finishedAt: null,
    isWrite,
    attempts: 0,
    lostWrites: 0,
    refusedWrites: 0,
    write: { phase: 'none' },
    faults: NO_FAULTS,
    notBefore: null,
  }
}

function apply(state: JobState, event: JobEvent): void {
  state.length++
  state.lastEventAt = event.at
  switch (event.type) {
    case 'accepted':
      state.acceptedAt = event.at
      state.by = event.by
      state.approvals = event.approvals ?? []
      state.reason = event.reason
      state.labels = event.labels ?? {}
      setSchedule(state, event.schedule ?? null, event.at)
      state.onFailure = event.onFailure ?? 'stop'
      state.hold = initialHold(event.holdBefore)
      return
    case 'cancelRequested':
      state.cancelRequestedAt ??= event.at
      state.cancellation ??= {
        by: event.by,
        reason: event.reason ?? null,
        ...(event.withdrawnApproval === undefined ? {} : { withdrawnApproval: event.withdrawnApproval }),
      }
      state.isAbortWanted ||= event.abort === true
      return
    case 'rescheduled':
    case 'startDelayed':
      setSchedule(state, event.type === 'rescheduled' ? event.schedule : state.schedule, event.at)
      return
    case 'held':
    case 'released':
      applyToHold(state, event)
      return
    case 'probeStarted':
    case 'probed':
    case 'probeCompared':
      applyToProbes(state.probes, event)
      return
    case 'rollbackStarted':
      startRollback(state, event)
      return
    case 'ended':
      end(state, event)
      return
    default:
      applyToStep(state, stepOf(state, event.step), event)
  }
}

type StepEvent = Exclude<
  Extract<JobEvent, { step: unknown }>,
  { type: 'held' | 'probeStarted' | 'probed' | 'probeCompared' }
>

function applyToStep(state: JobState, step: StepState, event: StepEvent): void {
  switch (event.type) {
    case 'stepStarted':
      state.status = 'Running'
      state.startedAt ??= event.at
      state.beginsAt = null
      state.current = event.step
      step.status = 'Running'
      step.startedAt = event.at
      if (!step.isWrite) step.attempts++
      return
    case 'stepSucceeded':
      state.applied.push(...changesOf(step.write))
      Object.assign(state.observed, event.observed ?? {}, allPrepared(state, event.observed))
      finish(state, step, 'Succeeded', event.at)
      return
    case 'stepSkipped':
      finish(state, step, 'Skipped', event.at)
      return
    case 'warned': {
      const { warnings } = event.step === CUTOVER_PROBE ? state.probes : state
      warnings.push(event.message)
      return
    }
    case 'faulted':
      if (!step.isWrite) step.attempts++
      recordFault(step, event)
      return
    case 'recovered':
      clearFaults(step, null)
      return
    case 'rechecked':
      clearFaults(step, null)
      applyToHold(state, event)
      return
    case 'abortRequested':
      state.abortRequestedAt = event.at
      if (event.refusal !== null)
        state.warnings.push(
          `Azure did not abort the operation: ${event.refusal.code}: ${event.refusal.message}`,
        )
      return
    default:
      applyToWrite(step, event)
  }
}

type WriteEvent = Extract<
  StepEvent,
  {
    type:
      | 'writeIntended'
      | 'writeAccepted'
      | 'writeRefused'
      | 'writeNotSeen'
      | 'writeLost'
      | 'writeAdopted'
      | 'pollMoved'
      | 'operationEnded'
  }
>

function applyToWrite(step: StepState, event: WriteEvent): void {
  const changes = changesOf(step.write)
  switch (event.type) {
    case 'writeIntended':
      step.attempts++
      step.write = { phase: 'intended', etag: event.etag, at: event.at, changes: event.changes }
      step.notBefore = null
      return
    case 'writeAccepted':
      step.write = { phase: 'accepted', poller: event.poller, at: event.at, changes }
      clearFaults(step, event.pollAt)
      return
    case 'pollMoved':
      step.write = { phase: 'accepted', poller: event.poller, at: sinceOf(step.write, event.at), changes }
      clearFaults(step, event.pollAt)
      return
    case 'writeRefused':
      step.refusedWrites++
      step.write = { phase: 'none' }
      recordFault(step, event)
      return
    case 'writeNotSeen':
      step.write = { phase: 'notSeen', etag: etagOf(step.write), at: event.at, changes }
      step.notBefore = event.lookAgainAt
      return
    case 'writeLost':
      step.lostWrites++
      step.write = { phase: 'none' }
      clearFaults(step, null)
      return
    case 'writeAdopted':
      step.write = { phase: 'adopted', at: event.at, changes }
      clearFaults(step, null)
      return
    case 'operationEnded':
      step.write = { phase: 'ended', at: event.at, changes }
      clearFaults(step, null)
      return
  }
}

/** Each preparing step reports only its own address. */
function allPrepared({ observed }: JobState, reported: Observations | null): Observations {
  if (reported?.prepared === undefined) return {}
  return { prepared: [...(observed.prepared ?? []), ...reported.prepared] }
}

/** Ends the failed step, skips the remaining steps of the plan, and adds the steps of the rollback. */
function startRollback(state: JobState, event: Extract<JobEvent, { type: 'rollbackStarted' }>): void {
  state.rollback = { error: event.error, steps: event.steps }
  for (const step of Object.values(state.steps)) {
    if (step.status === 'Running') {
      step.status = 'Failed'
      step.finishedAt = event.at
    } else if (step.status === 'Pending') step.status = 'Skipped'
  }
  for (const step of event.steps) state.steps[step.key] = pendingStep(isWrite(step))
  state.current = null
}

function end(state: JobState, event: Extract<JobEvent, { type: 'ended' }>): void {
  state.status = event.status
  state.error = event.error
  state.finishedAt = event.at
  state.beginsAt = null
  if (event.status === 'Succeeded' && state.cancelRequestedAt !== null) state.warnings.push(CANCELED_TOO_LATE)
  const rest = event.status === 'Canceled' ? 'Canceled' : 'Skipped'
  for (const step of Object.values(state.steps)) {
    if (step.status === 'Running') {
      step.status = event.status === 'Failed' ? 'Failed' : rest
      step.finishedAt = event.at
    } else if (step.status === 'Pending') step.status = rest
  }
  state.current = null
}

const CANCELED_TOO_LATE =
  'The cancellation came after the change of the outbound type. The job completed the remaining steps because nodes would otherwise have been locked out of the API server.'

function finish(state: JobState, step: StepState, status: 'Succeeded' | 'Skipped', at: string): void {
  step.status = status
  step.finishedAt = at
  step.notBefore = null
  state.current = null
}

function stepOf(state: JobState, key: string): StepState {
  const step = state.steps[key]
  if (step === undefined) throw new Error(`the log names a step that the plan does not have: ${key}`)
  return step
}

function changesOf(write: WriteState) {
  return write.phase === 'none' ? [] : write.changes
}

function etagOf(write: WriteState): string | null {
  return write.phase === 'intended' || write.phase === 'notSeen' ? write.etag : null
}

function sinceOf(write: WriteState, fallback: string): string {
  return write.phase === 'none' ? fallback : write.at
}
