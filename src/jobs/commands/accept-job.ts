import { toRefusal } from '../../azure/errors/arm-fault.ts'
import type { Approval } from '../../contract/approval.ts'
import type { Job } from '../../contract/job.ts'
import type { Plan } from '../../contract/plan.ts'
import { CLUSTER_WINDOW, type Schedule } from '../../contract/schedule.ts'
import type { StepKey } from '../../contract/steps.ts'
import type { JobEvent } from '../../core/job/events.ts'
import { foldEvents } from '../../core/job/fold-events.ts'
import { toJob } from '../../core/job/job-view.ts'
import { nextCheckAt } from '../../core/job/schedule.ts'
import { DomainError } from '../../core/lib/errors.ts'
import { findStaleFacts } from '../../core/plan/staleness.ts'
import type { Snapshot } from '../../core/snapshot/snapshot.ts'
import { auditAllowed } from '../../database/audit/audit-log.ts'
import type { Queries } from '../../database/engine/database.ts'
import { acquireClusterLock, insertJob, lockHolder } from '../../database/stores/job-store.ts'
import { labelEntries } from '../../database/stores/list-query.ts'
import { closePlan, type PlanRow, planRow } from '../../database/stores/plan-store.ts'
import { planState, planVersion } from '../../database/stores/plan-view.ts'
import type { JobsDeps } from '../deps.ts'
import type { PlanCache } from '../event-log.ts'
import type { CallContext, JobOrder } from '../jobs.ts'
import { readPlanSnapshot } from '../steps/check-freshness.ts'
import {
  assertAcknowledged,
  assertApproved,
  assertOnlyOnce,
  assertPlanExecutable,
  assertRollbackAvailable,
  assertUnlocked,
  requirePlanRow,
  resolveHold,
} from './acceptance-checks.ts'
import { assertSchedulePossible, mergeSchedule, resolveSchedule } from './resolve-schedule.ts'

/** Accepts a plan for execution, or rejects with a `DomainError` that contains the reason. See `Jobs.accept`. */
export async function acceptJob(
  deps: JobsDeps,
  plans: PlanCache,
  order: JobOrder,
  call: CallContext<Job> = {},
): Promise<Job> {
  const db = deps.database.kysely
  const { planId, by, reason, webhook } = order
  const row = await requirePlanRow(db, planId)
  const plan = await plans.get(db, planId)
  if (plan === null) throw new DomainError('PLAN_NOT_FOUND', { planId })
  await assertOnlyOnce(db, row, order)
  call.precondition?.(versionOf(row, deps))
  assertPlanExecutable(row, plan, deps)
  const resolve = () => resolveFirstSchedule(deps, plan, order)
  const known = order.schedule?.window === CLUSTER_WINDOW ? null : await resolve()
  assertAcknowledged(plan, order.acknowledge)
  assertRollbackAvailable(plan, order)
  const holdBefore = resolveHold(plan, order)
  await assertApproved(db, deps, row, executorOf(order, call))
  assertUnlocked(await lockHolder(db, row.cluster_key))
  if (webhook) await deps.webhooks?.check(webhook)
  // Both reads run at the same time, so that reading the window of the cluster takes no additional time.
  const [schedule] = await Promise.all([known ?? resolve(), assertNotStale(deps, plan)])
  const job = await db.transaction().execute(async (trx) => {
    const accepted = await insertAcceptedJob(
      trx,
      deps,
      plan,
      { ...order, labels: order.labels ?? plan.labels, schedule, holdBefore },
      call,
    )
    await call.hook?.(trx, accepted)
    const subject = { clusterId: row.cluster_key, planId: plan.id, jobId: accepted.id, reason }
    await auditAllowed(trx, deps, call.origin, subject)
    return accepted
  })
  deps.observer?.accepted()
  deps.logger.info({ jobId: job.id, planId: plan.id, cluster: job.cluster.id, by }, 'job accepted')
  return job
}

function versionOf(row: PlanRow, { now, needsApproval }: JobsDeps): string {
  return planVersion(planState(row, now(), needsApproval))
}

/** The schedule of a new job; throws SCHEDULE_IMPOSSIBLE if the job could not begin. */
async function resolveFirstSchedule(deps: JobsDeps, plan: Plan, order: JobOrder): Promise<Schedule | null> {
  const schedule = mergeSchedule(null, await resolveSchedule(deps, plan.cluster, order.schedule ?? {}))
  assertSchedulePossible(schedule, deps.now())
  return schedule
}

/** Reads the cluster again. A stale plan is marked, so that no later request executes it. */
async function assertNotStale(deps: JobsDeps, plan: Plan): Promise<void> {
  const differences = findStaleFacts(plan, await readSnapshot(deps, plan))
  if (differences.length === 0) return
  // The change may come from another job that was accepted at the same time. The error then names that job.
  const db = deps.database.kysely
  const row = await planRow(db, plan.id)
  if (row !== null) {
    assertPlanExecutable(row, plan, deps)
    assertUnlocked(await lockHolder(db, row.cluster_key))
  }
  await closePlan(db, plan.id, 'stale')
  throw new DomainError('PLAN_STALE', { planId: plan.id, differences })
}

async function readSnapshot(deps: JobsDeps, plan: Plan): Promise<Snapshot> {
  try {
    return await readPlanSnapshot(deps, plan)
  } catch (error) {
    throw toRefusal(error, plan.cluster)
  }
}

type CheckedOrder = Omit<JobOrder, 'schedule'> & {
  schedule: Schedule | null
  holdBefore: StepKey | undefined
}

/** Stores job, log, lock, plan status and first tick in one transaction. */
async function insertAcceptedJob(
  trx: Queries,
  deps: JobsDeps,
  plan: Plan,
  order: CheckedOrder,
  call: CallContext<Job>,
): Promise<Job> {
  const row = await requirePlanRow(trx, plan.id, true)
  await assertOnlyOnce(trx, row, order)
  call.precondition?.(versionOf(row, deps))
  assertPlanExecutable(row, plan, deps)
  const executor = executorOf(order, call)
  const approvals = await assertApproved(trx, deps, row, executor)
  const id = deps.newId()
  const at = deps.now()
  const traceparent = deps.observer?.traceparent() ?? undefined
  const accepted = acceptedEvent(at, order, approvals, traceparent)
  const firstCheck = nextCheckAt(order.schedule, at)
  const view = toJob(id, plan, foldEvents(plan, [accepted]))
  const job = {
    id,
    plan_id: plan.id,
    cluster_key: row.cluster_key,
    status: view.status,
    created_at: at,
    created_by: executor.name,
    created_by_id: executor.id,
    from_type: row.from_type,
    to_type: row.to_type,
    next_tick_at: firstCheck,
    labels: labelEntries(view.labels),
    view: JSON.stringify(view),
  }
  await insertJob(trx, job, [accepted])
  assertUnlocked(await acquireClusterLock(trx, row.cluster_key, id, at))
  await closePlan(trx, plan.id, 'executed', id)
  if (order.webhook) await deps.webhooks?.add(trx, id, order.by, order.webhook)
  const appended = { hadStarted: false, length: 0, events: [accepted], job: view }
  await deps.webhooks?.publish(trx, row.cluster_key, appended)
  await deps.queue.order(trx, { version: 1, jobId: id, revision: 1 }, firstCheck > at ? firstCheck : null)
  return view
}

function executorOf({ by: name }: Pick<JobOrder, 'by'>, { origin }: CallContext<Job>) {
  return { id: origin?.actor?.id ?? null, name }
}

/** The caller that requested the job, and the approvals. The log keeps all approvals, even if the job did not need them. */
function acceptedEvent(
  at: Date,
  order: CheckedOrder,
  approvals: Approval[],
  traceparent: string | undefined,
): JobEvent {
  const { by, reason, labels = {}, acknowledge, onFailure = 'stop', schedule, holdBefore } = order
  const valid = approvals.map((approval) => ({ id: approval.id, by: approval.by.name, at: approval.at }))
  return {
    type: 'accepted',
    at: at.toISOString(),
    by,
    reason,
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
    acknowledge,
    onFailure,
    ...(holdBefore === undefined ? {} : { holdBefore }),
    ...(schedule === null ? {} : { schedule }),
    ...(valid.length === 0 ? {} : { approvals: valid }),
    ...(traceparent === undefined ? {} : { traceparent }),
  }
}
