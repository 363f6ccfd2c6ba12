import { refusalOf } from '../azure/refuse-arm-fault.ts'
import type { Approval } from '../core/access/approval.ts'
import type { Origin } from '../core/audit/audit.ts'
import { compareBasis } from '../core/basis.ts'
import type { JobEvent } from '../core/job/events.ts'
import { foldEvents } from '../core/job/fold-events.ts'
import type { Job } from '../core/job/job.ts'
import { jobView } from '../core/job/job-view.ts'
import { nextLook } from '../core/job/schedule.ts'
import type { Plan } from '../core/plan.ts'
import type { StepKey } from '../core/plan-steps.ts'
import type { Precondition } from '../core/precondition.ts'
import { Refusal } from '../core/refusal.ts'
import { requestedIds } from '../core/requested-ids.ts'
import type { Snapshot } from '../core/snapshot.ts'
import { auditAllowed } from '../database/audit-allowed.ts'
import { lockHolder, takeClusterLock } from '../database/cluster-lock.ts'
import type { Queries } from '../database/database.ts'
import type { Witness } from '../database/idempotency.ts'
import { insertJob } from '../database/job-store.ts'
import { closePlan, type PlanRow, planRow, presentStatus } from '../database/plan-store.ts'
import type { JobsDeps } from './deps.ts'
import type { JobOrder } from './jobs.ts'
import type { PlanCache } from './load-job.ts'
import { holdOf } from './refuse-hold.ts'
import { refuseSchedule } from './refuse-schedule.ts'
import { refuseUnapproved } from './refuse-unapproved.ts'

/** Accepts a plan for execution, or rejects with the `Refusal` that says why not. See `Jobs.accept`. */
export async function acceptJob(
  deps: JobsDeps,
  plans: PlanCache,
  order: JobOrder,
  origin?: Origin,
  witness?: Witness<Job>,
  precondition?: Precondition,
): Promise<Job> {
  const db = deps.database.kysely
  const row = await planRow(db, order.planId)
  const plan = row === null ? null : await plans.get(db, order.planId)
  if (row === null || plan === null) throw new Refusal('PLAN_NOT_FOUND', { planId: order.planId })
  precondition?.(presentStatus(row, deps.now()))
  refuseState(row, plan, deps)
  refuseSchedule(order.schedule ?? null, deps.now())
  refuseAcknowledgements(plan, order.acknowledge)
  refuseRollback(plan, order)
  const holdBefore = holdOf(plan, order)
  await refuseUnapproved(db, deps, row, executorOf(order, origin))
  refuseLocked(await lockHolder(db, row.cluster_key))
  if (order.webhook) await deps.webhooks?.check(order.webhook)
  await refuseStale(deps, plan)
  const job = await db.transaction().execute(async (trx) => {
    const begun = await begin(trx, deps, plan, { ...order, holdBefore }, origin, precondition)
    await witness?.(trx, begun)
    const subject = { clusterId: row.cluster_key, planId: plan.id, jobId: begun.id, reason: order.reason }
    await auditAllowed(trx, deps, origin, subject)
    return begun
  })
  deps.observer?.accepted()
  const { id: jobId, cluster } = job
  deps.logger.info({ jobId, planId: plan.id, cluster: cluster.id, by: order.by }, 'job accepted')
  return job
}

/** Refuses what can be executed no more, or never could. */
export function refuseState(row: PlanRow, plan: Plan, deps: JobsDeps): void {
  const planId = row.id
  switch (presentStatus(row, deps.now())) {
    case 'applicable':
      break
    case 'discarded':
      throw new Refusal('PLAN_DISCARDED', { planId })
    case 'expired':
      throw new Refusal('PLAN_EXPIRED', { planId, expiresAt: row.expires_at.toISOString() })
    case 'executed':
      throw new Refusal('PLAN_ALREADY_EXECUTED', { planId, jobId: row.job_id })
    case 'stale':
      throw new Refusal('PLAN_STALE', { planId, differences: [] })
    case 'noChange':
      throw new Refusal('PLAN_NO_CHANGE', { planId })
    case 'blocked': {
      const blockers = plan.findings.filter((each) => each.severity === 'blocker').map((each) => each.code)
      throw new Refusal('PLAN_BLOCKED', { planId, codes: blockers })
    }
  }
  if (plan.azure !== deps.azure)
    throw new Refusal('PLAN_FOR_OTHER_AZURE', { planId, planned: plan.azure, here: deps.azure })
}

function refuseAcknowledgements(plan: Plan, acknowledged: string[]): void {
  const known = new Set(plan.findings.map((each) => each.code))
  const unknown = acknowledged.filter((code) => !known.has(code))
  if (unknown.length > 0)
    throw new Refusal('ACKNOWLEDGEMENT_UNKNOWN', { codes: unknown, known: plan.acknowledgementsRequired }, [
      '/acknowledge',
    ])
  const missing = plan.acknowledgementsRequired.filter((code) => !acknowledged.includes(code))
  if (missing.length > 0) throw new Refusal('ACKNOWLEDGEMENT_MISSING', { codes: missing }, ['/acknowledge'])
}

/** Whoever counts on the way back has to hear before that there is none. */
function refuseRollback(plan: Plan, { onFailure }: JobOrder): void {
  const change = plan.steps.filter(({ key }) => key === 'change-outbound-type')
  const isPossible = change.every(({ undoes }) => undoes.length > 0)
  if (onFailure !== 'rollBack' || isPossible) return
  const { transition, rollback } = plan
  throw new Refusal(
    'ROLLBACK_NOT_AVAILABLE',
    {
      reason: `no edition of the matrix supports ${transition.to} to ${transition.from ?? 'the former type'} undisputed`,
      support: rollback.support,
      routes: rollback.routes.map((each) => each.join(' -> ')),
    },
    ['/onFailure'],
  )
}

function refuseLocked(holderJobId: string | null): void {
  if (holderJobId !== null) throw new Refusal('CLUSTER_LOCKED', { holderJobId })
}

/** Looks at the cluster once more. A plan that does not hold any more is marked, so that it is not tried again. */
async function refuseStale(deps: JobsDeps, plan: Plan): Promise<void> {
  const differences = compareBasis(plan, await look(deps, plan))
  if (differences.length === 0) return
  // What looks like drift may be a job that was accepted meanwhile; then that is the answer.
  const db = deps.database.kysely
  const row = await planRow(db, plan.id)
  if (row !== null) {
    refuseState(row, plan, deps)
    refuseLocked(await lockHolder(db, row.cluster_key))
  }
  await closePlan(db, plan.id, 'stale')
  throw new Refusal('PLAN_STALE', { planId: plan.id, differences })
}

async function look(deps: JobsDeps, plan: Plan): Promise<Snapshot> {
  try {
    return await deps.takeSnapshot(plan.cluster, requestedIds(plan.request, plan.prepare), {
      mustBeWhole: true,
    })
  } catch (error) {
    throw refusalOf(error, plan.cluster)
  }
}

type CheckedOrder = JobOrder & { holdBefore: StepKey | undefined }

/** Lock, plan, job, log and first tick stand or fall together. */
async function begin(
  trx: Queries,
  deps: JobsDeps,
  plan: Plan,
  order: CheckedOrder,
  origin: Origin | undefined,
  precondition: Precondition | undefined,
): Promise<Job> {
  const row = await planRow(trx, plan.id, true)
  if (row === null) throw new Refusal('PLAN_NOT_FOUND', { planId: plan.id })
  precondition?.(presentStatus(row, deps.now()))
  refuseState(row, plan, deps)
  const approvals = await refuseUnapproved(trx, deps, row, executorOf(order, origin))
  const id = deps.newId()
  const at = deps.now()
  const traceparent = deps.observer?.traceparent() ?? undefined
  const accepted = acceptance(at, order, approvals, traceparent)
  const firstLook = nextLook(order.schedule ?? null, at)
  const view = jobView(id, plan, foldEvents(plan, [accepted]))
  const job = {
    id,
    plan_id: plan.id,
    cluster_key: row.cluster_key,
    status: view.status,
    created_at: at,
    created_by: order.by,
    created_by_id: origin?.actor?.id ?? null,
    from_type: row.from_type,
    to_type: row.to_type,
    next_tick_at: firstLook,
    view: JSON.stringify(view),
  }
  await insertJob(trx, job, [accepted])
  refuseLocked(await takeClusterLock(trx, row.cluster_key, id, at))
  await closePlan(trx, plan.id, 'executed', id)
  if (order.webhook) await deps.webhooks?.add(trx, id, order.by, order.webhook)
  const appended = { hadStarted: false, length: 0, events: [accepted], job: view }
  await deps.webhooks?.publish(trx, row.cluster_key, appended)
  await deps.queue.order(trx, { version: 1, jobId: id, revision: 1 }, firstLook > at ? firstLook : null)
  return view
}

function executorOf(order: JobOrder, origin: Origin | undefined): { id: string | null; name: string } {
  return { id: origin?.actor?.id ?? null, name: order.by }
}

/** Who wanted it, and on whose word: kept in the log, since approvals can say more than the job needed. */
function acceptance(
  at: Date,
  order: CheckedOrder,
  approvals: Approval[],
  traceparent: string | undefined,
): JobEvent {
  const { by, reason, acknowledge, onFailure = 'stop', schedule = null, holdBefore } = order
  const given = approvals.map((each) => ({ id: each.id, by: each.by.name, at: each.at }))
  return {
    type: 'accepted',
    at: at.toISOString(),
    by,
    reason,
    acknowledge,
    onFailure,
    ...(holdBefore === undefined ? {} : { holdBefore }),
    ...(schedule === null ? {} : { schedule }),
    ...(given.length === 0 ? {} : { approvals: given }),
    ...(traceparent === undefined ? {} : { traceparent }),
  }
}
