import type { CampaignReason } from '../../contract/campaign.ts'
import type { Job } from '../../contract/job.ts'
import { MINUTE_MS } from '../lib/durations.ts'
import type { MemberState } from './campaign-state.ts'
import { type PlanFacts, planDifferences } from './plan-facts.ts'

/** The wait before the next attempt, if the error names no time. */
const RETRY_MS = MINUTE_MS
/** Longer than any wait of a member, with a margin for different clocks. */
export const MAX_WAIT_MS = 2 * RETRY_MS
/** The number of consecutive failed attempts or stale plans after which a person must decide. */
const MAX_ATTEMPTS = 10

/** The request for all members, limited to what matters for the decision about a plan. */
export interface MemberTerms {
  acknowledge: readonly string[]
  /** Acknowledged for this member only. */
  acceptedCodes: readonly string[]
  rollBack: boolean
}

const reason = (code: string, message: string): CampaignReason => ({ code, message })

/** The code for accepting a plan without a rollback, in addition to the codes of findings. */
export const WITHOUT_ROLLBACK = 'ROLLBACK_NOT_AVAILABLE'

/** The required codes of the plan that are not acknowledged, including the code for a missing rollback. */
export function missingCodes(
  facts: PlanFacts,
  { acknowledge, acceptedCodes, rollBack }: MemberTerms,
): string[] {
  const required = [...facts.acknowledgements, ...(rollBack && !facts.canRollBack ? [WITHOUT_ROLLBACK] : [])]
  return required.filter((code) => !acknowledge.includes(code) && !acceptedCodes.includes(code))
}

/** A member with a new plan. `former` is the replaced plan, which was stale or had expired. */
export function planned(
  member: MemberState,
  planId: string,
  facts: PlanFacts,
  terms: MemberTerms,
  former: PlanFacts | null,
): MemberState {
  const next = { ...member, planId, shares: facts.shares, notBefore: null }
  if (facts.verdict === 'noChange') return { ...next, status: 'NoChange', waitsFor: null }
  if (facts.verdict === 'blocked') {
    const message = `The plan is blocked: ${facts.blockers.join(', ')}.`
    return { ...next, status: 'Blocked', waitsFor: reason('PLAN_BLOCKED', message) }
  }
  const change = former === null ? null : changeOfPlan(facts, former, member.planId)
  const waitsFor = change ?? openDecision(facts, terms)
  return { ...next, status: waitsFor === null ? 'Ready' : 'NeedsDecision', waitsFor }
}

/** The former plan is still stored, so a person can compare both. */
function changeOfPlan(facts: PlanFacts, former: PlanFacts, formerId: string | null): CampaignReason | null {
  if (former.digest === facts.digest) return null
  const differences = planDifferences(former, facts).join('; ')
  const message = `The cluster has changed, and its new plan differs from the former plan ${formerId}: ${differences}.`
  return reason('PLAN_CHANGED', message)
}

function openDecision(facts: PlanFacts, terms: MemberTerms): CampaignReason | null {
  const missing = missingCodes(facts, terms)
  const findings = missing.filter((code) => code !== WITHOUT_ROLLBACK)
  const noRollback = findings.length < missing.length ? [NO_ROLLBACK] : []
  if (findings.length > 0) {
    const sentence = `The plan requires the acknowledgement of ${missing.join(', ')}.`
    return reason('ACKNOWLEDGEMENT_MISSING', [sentence, ...noRollback].join(' '))
  }
  return noRollback.length > 0 ? reason(WITHOUT_ROLLBACK, NO_ROLLBACK) : null
}

const NO_ROLLBACK = 'The plan has no rollback. If you accept the plan, a failed step is not reverted.'

/** Azure did not answer some reads of a plan. */
export const READS_FAILED = 'READS_FAILED'
/** The number of attempts to read everything. After that, a plan with failed reads is better than none. */
const MAX_READ_ATTEMPTS = 3

/** Whether a member is planned again because reads have failed. */
export function mayReadAgain({ attempts }: MemberState): boolean {
  return attempts < MAX_READ_ATTEMPTS
}

/** Errors that are temporary, or that another person resolves: the service retries. */
const PASSING = [
  'CLUSTER_LOCKED',
  'APPROVAL_MISSING',
  'AZURE_THROTTLED',
  'AZURE_UNREACHABLE',
  'AZURE_UNEXPECTED',
  READS_FAILED,
]
/** Errors of a plan that only a new plan resolves. */
const REPLACING = ['PLAN_STALE', 'PLAN_EXPIRED', 'PLAN_DISCARDED', 'PLAN_NOT_FOUND', 'PLAN_ALREADY_EXECUTED']
/**
 * Errors that may take any time, because they do not depend on the member. Either another person has to act, or Azure
 * throttles the whole subscription.
 */
const UNLIMITED = ['CLUSTER_LOCKED', 'APPROVAL_MISSING', 'AZURE_THROTTLED']

/** The parts of an error that determine the status of a member. */
export interface MemberError {
  code: string
  message: string
  /** When Azure or the call budget allows the next attempt; null if the error names no time. */
  retryAfterMs: number | null
}

/** A member whose plan could not be created. */
export function planningFailed(member: MemberState, error: MemberError, now: Date): MemberState {
  const { code, message } = error
  const attempts = countAttempt(member, code)
  const waitsFor = reason(code, message)
  if (!isPassing(code) || attempts >= MAX_ATTEMPTS)
    return { ...member, status: 'Blocked', waitsFor, attempts }
  return { ...member, waitsFor, attempts, notBefore: retryAt(error, now) }
}

/** A member whose job was not accepted. */
export function startFailed(member: MemberState, error: MemberError, now: Date): MemberState {
  const { code, message } = error
  const attempts = countAttempt(member, code)
  const waitsFor = reason(code, message)
  const next = { ...member, waitsFor, attempts }
  if (attempts >= MAX_ATTEMPTS) return { ...next, status: 'NeedsDecision' }
  if (REPLACING.includes(code)) return { ...next, status: 'Planning' }
  if (isPassing(code)) return { ...next, status: 'Ready', notBefore: retryAt(error, now) }
  return { ...next, status: 'Blocked' }
}

function retryAt({ retryAfterMs }: MemberError, now: Date): Date {
  return new Date(now.getTime() + Math.min(retryAfterMs ?? RETRY_MS, MAX_WAIT_MS))
}

function countAttempt({ attempts }: MemberState, code: string): number {
  return attempts + (UNLIMITED.includes(code) ? 0 : 1)
}

function isPassing(code: string): boolean {
  return PASSING.includes(code) || code === 'INTERNAL'
}

/** A user has canceled the member while its job was running: it is not planned again. */
export const CANCEL_REQUESTED = 'CANCEL_REQUESTED'

/** The data of a job that decides about its member. */
export type EndedJob = Pick<Job, 'status' | 'error'> &
  Partial<Pick<Job, 'preparedAddresses' | 'steps'>> & {
    /** The key of the first step that moves traffic. */
    cutOver?: string | null
  }

/** What a canceled job leaves, as sentences after the first one. */
function leftovers({ preparedAddresses = [], steps = [], cutOver = null }: EndedJob): string {
  const cutover = steps.find(({ key }) => key === cutOver)
  if (cutover === undefined || cutover.startedAt === null || cutover.mayHaveChanged === false)
    return preparedAddresses.length === 0 ? '' : LEFT_BEHIND
  const moved = cutover.status === 'Succeeded' ? 'Traffic has moved' : 'Traffic may have moved'
  return ` ${moved}, although the change is incomplete. ${AFTER_CUTOVER}`
}

const AFTER_CUTOVER =
  'Edit the allow lists as shown in `ip-changes` of the campaign. Then retry the member, or create a rollback plan or a reconcile plan of the job.'

const LEFT_BEHIND =
  ' The addresses that the job created remain. A cleanup plan of the job deletes the unused addresses.'

/** A member whose job has ended; null while the job continues. */
export function jobEnded(member: MemberState, job: EndedJob): MemberState | null {
  const { status, error } = job
  if (status === 'NotStarted' || status === 'Running') return null
  if (status === 'Succeeded') return { ...member, status, waitsFor: null, attempts: 0 }
  if (status === 'Canceled') {
    const message = `The job was canceled.${leftovers(job)}`
    return { ...member, status, waitsFor: reason('JOB_CANCELED', message) }
  }
  const waitsFor = reason(error?.code ?? 'INTERNAL', error?.message ?? 'The job failed.')
  // Nothing was written, so a new plan can continue, unless a user has canceled the member.
  if (error?.code === 'PLAN_STALE' && member.waitsFor?.code === CANCEL_REQUESTED)
    return { ...member, status: 'Canceled', waitsFor }
  if (error?.code === 'PLAN_STALE' && member.attempts + 1 < MAX_ATTEMPTS)
    return { ...member, status: 'Planning', waitsFor, attempts: member.attempts + 1 }
  return { ...member, status: 'Failed', waitsFor }
}
