import type { Job, JobResult } from '../../../src/contract/job.ts'
import type { Plan } from '../../../src/contract/plan.ts'
import type { StepKey } from '../../../src/contract/steps.ts'
import type { JobEvent } from '../../../src/core/job/events.ts'
import { foldEvents } from '../../../src/core/job/fold-events.ts'
import { jobError } from '../../../src/core/job/job-error.ts'
import { type JobOutcome, toJobOutcome } from '../../../src/core/job/job-outcome.ts'
import { buildRollbackSteps } from '../../../src/core/job/rollback-steps.ts'

const SWITCH = 'change-outbound-type'
const ID = '01990000-0000-7000-8000-000000000002'
const WRITES = ['updateCluster', 'putResource', 'deleteResource', 'upgradeNodeImage']

type Untimed = JobEvent extends infer E ? (E extends { at: string } ? Omit<E, 'at'> : never) : never

/** The job of a plan after these events, which are 90 s apart. */
export function outcomeOf(plan: Plan, events: Untimed[], laterJob: Job | null = null): JobOutcome {
  const log = events.map((event, index) => ({
    ...event,
    at: new Date(Date.UTC(2026, 8, 1, 0, 5, index * 90)).toISOString(),
  })) as JobEvent[]
  return toJobOutcome(ID, plan, foldEvents(plan, log), laterJob)
}

const accepted = (more: object = {}): Untimed =>
  ({ type: 'accepted', by: 'ann@example.com', reason: 'CHG-1234', acknowledge: [], ...more }) as Untimed

function done(plan: Plan, key: StepKey, observed: object | null = null): Untimed[] {
  const isWrite = plan.steps.some((step) => step.key === key && WRITES.includes(step.does.kind))
  const intent: Untimed[] =
    isWrite || key.startsWith('undo-') ? [{ type: 'writeIntended', step: key, etag: null, changes: [] }] : []
  return [{ type: 'stepStarted', step: key }, ...intent, { type: 'stepSucceeded', step: key, observed }]
}

/** All steps before this one succeeded; each created resource has an address. */
function until(plan: Plan, end: StepKey | null): Untimed[] {
  const index = plan.steps.findIndex(({ key }) => key === end)
  const steps = end === null ? plan.steps : plan.steps.slice(0, index)
  let count = 0
  return steps.flatMap(({ key, does }) => {
    const isAddress = does.kind === 'putResource' && /publicIPAddresses\/[^/]+$/.test(does.id)
    const prepared = isAddress ? { prepared: [{ resourceId: does.id, address: `20.9.9.${++count}` }] } : null
    return done(plan, key, key === 'discover-egress-ips' ? resultOf(plan) : prepared)
  })
}

/** What the cluster uses after the change: the expected addresses, with values for those unknown at plan time. */
function resultOf(plan: Plan): Pick<JobResult, 'outboundType' | 'egressIps' | 'leftBehind'> {
  let count = 0
  return {
    outboundType: plan.to.outboundType,
    egressIps: plan.egressIps.flatMap(({ change, address, family, resourceId, knownAt }) => {
      if (change !== 'kept' && change !== 'added') return []
      return [{ address: address ?? `20.${knownAt === 'prepare' ? 9 : 7}.9.${++count}`, family, resourceId }]
    }),
    leftBehind: [],
  }
}

/** A job that failed while Azure changed the outbound type, before and after a later job read the addresses. */
export function interruptedOutcomes(plan: Plan): { failed: JobOutcome; confirmed: JobOutcome } {
  const error = jobError('ARM_OPERATION_FAILED', SWITCH, {
    arm: { code: 'Conflict', message: 'The subnet is in use.', requestId: null },
  })
  const events: Untimed[] = [
    accepted(),
    ...until(plan, SWITCH),
    { type: 'stepStarted', step: SWITCH },
    { type: 'writeIntended', step: SWITCH, etag: null, changes: [] },
    { type: 'ended', status: 'Failed', error },
  ]
  const { job } = outcomeOf(plan, [accepted(), ...until(plan, null)])
  const laterJob = { ...job, id: '01990000-0000-7000-8000-000000000003' }
  return { failed: outcomeOf(plan, events), confirmed: outcomeOf(plan, events, laterJob) }
}

/** One job of each kind, with its name. */
export function demoOutcomes(planOf: (name: string) => Plan): Record<string, JobOutcome> {
  const [plan, prepared] = [planOf('to-be-accepted'), planOf('prepared')]
  const cutover = prepared.cutOver.step as StepKey
  const atHold = [...until(prepared, cutover), { type: 'held', step: cutover } as Untimed]
  const held = accepted({ holdBefore: cutover })
  const released: Untimed = { type: 'released', by: 'bob@example.com', reason: null }
  const error = jobError('ARM_OPERATION_FAILED', SWITCH, {
    arm: { code: 'Conflict', message: 'The `subnet` is in use.', requestId: null },
  })
  // The step reads the subnet before it writes.
  const unavailable = jobError('ARM_UNAVAILABLE', cutover, {
    arm: { code: 'ServiceUnavailable', message: 'The service is `unavailable`.', requestId: null },
  })
  const moved = [...atHold, released, ...done(prepared, cutover)]
  const unfinished: Untimed[] = [
    { type: 'stepStarted', step: SWITCH },
    { type: 'writeIntended', step: SWITCH, etag: null, changes: [] },
  ]
  const steps = buildRollbackSteps(
    prepared,
    foldEvents(
      prepared,
      [held, ...moved, ...unfinished].map((event) => ({
        ...event,
        at: '2026-09-01T00:00:00.000Z',
      })) as JobEvent[],
    ),
  )
  const old = prepared.egressIps.flatMap(({ address, family, resourceId, change }) =>
    address === null || change === 'added' ? [] : [{ address, family, resourceId }],
  )
  const undone = steps.flatMap(({ key }) =>
    done(
      prepared,
      key,
      key === 'undo-discover-egress-ips' ? { ...resultOf(prepared), egressIps: old } : null,
    ),
  )
  const failed: Untimed = { type: 'ended', status: 'Failed', error }
  const canceled: Untimed[] = [
    { type: 'cancelRequested', by: 'ann@example.com' },
    { type: 'ended', status: 'Canceled', error: null },
  ]
  return {
    'job-succeeded': outcomeOf(plan, [
      accepted(),
      ...until(plan, null),
      { type: 'ended', status: 'Succeeded', error: null },
    ]),
    'job-held': outcomeOf(prepared, [held, ...atHold]),
    'job-unconfirmed': outcomeOf(prepared, [held, ...moved]),
    'job-failed': outcomeOf(prepared, [
      held,
      ...atHold,
      released,
      { type: 'stepStarted', step: cutover },
      { type: 'ended', status: 'Failed', error: unavailable },
    ]),
    'job-reverted': outcomeOf(prepared, [
      held,
      ...moved,
      ...unfinished,
      { type: 'rollbackStarted', error, steps },
      ...undone,
      failed,
    ]),
    'job-canceled': outcomeOf(plan, [accepted(), ...canceled]),
    'job-canceled-at-hold': outcomeOf(prepared, [held, ...atHold, ...canceled]),
  }
}
