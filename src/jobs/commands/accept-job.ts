import { toRefusal } from '../../azure/errors/arm-fault.ts'
import type { Approval } from '../../contract/approval.ts'
import type { Job } from '../../contract/job.ts'
import type { Plan } from '../../contract/plan.ts'
import type { StepKey } from '../../contract/steps.ts'
import type { Origin } from '../../core/audit/audit.ts'
import type { JobEvent } from '../../core/job/events.ts'
import { foldEvents } from '../../core/job/fold-events.ts'
import { toJob } from '../../core/job/job-view.ts'
import { nextCheckAt } from '../../core/job/schedule.ts'
import { DomainError, type Precondition } from '../../core/lib/errors.ts'
import { findStaleFacts } from '../../core/plan/staleness.ts'
import { requestReferences } from '../../core/request/request-references.ts'
import type { Snapshot } from '../../core/snapshot/snapshot.ts'
import { auditAllowed } from '../../database/audit/audit-log.ts'
import type { Queries } from '../../database/engine/database.ts'
import type { TransactionHook } from '../../database/stores/idempotency.ts'
import { acquireClusterLock, insertJob, lockHolder } from '../../database/stores/job-store.ts'
import { closePlan, currentStatus, type PlanRow, planRow } from '../../database/stores/plan-store.ts'
import type { JobsDeps } from '../deps.ts'
import type { PlanCache } from '../event-log.ts'
import type { JobOrder } from '../jobs.ts'
import { assertApproved, assertSchedulePossible, resolveHold } from './acceptance-checks.ts'

/** Accepts a plan for execution, or rejects with the `DomainError` that says why not. See `Jobs.accept`. */
export async function acceptJob(
  deps: JobsDeps,
  plans: PlanCache,
  order: JobOrder,
  origin?: Origin,
  witness?: TransactionHook<Job>,
  precondition?: Precondition,
): Promise<Job> {
  const db = deps.database.kysely
  const row = await planRow(db, order.planId)
  const plan = row === null ? null : await plans.get(db, order.planId)
  if (row === null || plan === null) throw new DomainError('PLAN_NOT_FOUND', { planId: order.planId })
  precondition?.(currentStatus(row, deps.now()))
  assertPlanExecutable(row, plan, deps)
  assertSchedulePossible(order.schedule ?? null, deps.now())
  assertAcknowledged(plan, order.acknowledge)
  assertRollbackAvailable(plan, order)
  const holdBefore = resolveHold(plan, order)
  await assertApproved(db, deps, row, resolveExecutor(order, origin))
  assertUnlocked(await lockHolder(db, row.cluster_key))
  if (order.webhook) await deps.webhooks?.check(order.webhook)
  await assertNotStale(deps, plan)
  const job = await db.transaction().execute(async (trx) => {
    const begun = await insertAcceptedJob(trx, deps, plan, { ...order, holdBefore }, origin, precondition)
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
export function assertPlanExecutable(row: PlanRow, plan: Plan, deps: JobsDeps): void {
  const planId = row.id
  switch (currentStatus(row, deps.now())) {
    case 'applicable':
      break
    case 'discarded':
      throw new DomainError('PLAN_DISCARDED', { planId })
    case 'expired':
      throw new DomainError('PLAN_EXPIRED', { planId, expiresAt: row.expires_at.toISOString() })
    case 'executed':
      throw new DomainError('PLAN_ALREADY_EXECUTED', { planId, jobId: row.job_id })
    case 'stale':
      throw new DomainError('PLAN_STALE', { planId, differences: [] })
    case 'noChange':
      throw new DomainError('PLAN_NO_CHANGE', { planId })
    case 'blocked': {
      const blockers = plan.findings.filter((each) => each.severity === 'blocker').map((each) => each.code)
      throw new DomainError('PLAN_BLOCKED', { planId, codes: blockers })
    }
  }
  if (plan.azure !== deps.azure)
    throw new DomainError('PLAN_FOR_OTHER_AZURE', { planId, planned: plan.azure, here: deps.azure })
}

function assertAcknowledged(plan: Plan, acknowledged: string[]): void {
  const known = new Set(plan.findings.map((each) => each.code))
  const unknown = acknowledged.filter((code) => !known.has(code))
  if (unknown.length > 0)
    throw new DomainError(
      'ACKNOWLEDGEMENT_UNKNOWN',
      { codes: unknown, known: plan.acknowledgementsRequired },
      ['/acknowledge'],
    )
  const missing = plan.acknowledgementsRequired.filter((code) => !acknowledged.includes(code))
  if (missing.length > 0)
    throw new DomainError('ACKNOWLEDGEMENT_MISSING', { codes: missing }, ['/acknowledge'])
}

/** Whoever counts on the way back has to hear before that there is none. */
function assertRollbackAvailable(plan: Plan, { onFailure }: JobOrder): void {
  const change = plan.steps.filter(({ key }) => key === 'change-outbound-type')
  const isPossible = change.every(({ undoes }) => undoes.length > 0)
  if (onFailure !== 'rollBack' || isPossible) return
  const { transition, rollback } = plan
  throw new DomainError(
    'ROLLBACK_NOT_AVAILABLE',
    {
      reason: `no edition of the matrix supports ${transition.to} to ${transition.from ?? 'the former type'} undisputed`,
      support: rollback.support,
      routes: rollback.routes.map((each) => each.join(' -> ')),
    },
    ['/onFailure'],
  )
}

function assertUnlocked(holderJobId: string | null): void {
  if (holderJobId !== null) throw new DomainError('CLUSTER_LOCKED', { holderJobId })
}

/** Looks at the cluster once more. A plan that does not hold any more is marked, so that it is not tried again. */
async function assertNotStale(deps: JobsDeps, plan: Plan): Promise<void> {
  const differences = findStaleFacts(plan, await readSnapshot(deps, plan))
  if (differences.length === 0) return
  // What looks like drift may be a job that was accepted meanwhile; then that is the answer.
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
    return await deps.takeSnapshot(plan.cluster, requestReferences(plan.request, plan.prepare), {
      requireComplete: true,
    })
  } catch (error) {
    throw toRefusal(error, plan.cluster)
  }
}

type CheckedOrder = JobOrder & { holdBefore: StepKey | undefined }

/** Lock, plan, job, log and first tick stand or fall together. */
async function insertAcceptedJob(
  trx: Queries,
  deps: JobsDeps,
  plan: Plan,
  order: CheckedOrder,
  origin: Origin | undefined,
  precondition: Precondition | undefined,
): Promise<Job> {
  const row = await planRow(trx, plan.id, true)
  if (row === null) throw new DomainError('PLAN_NOT_FOUND', { planId: plan.id })
  precondition?.(currentStatus(row, deps.now()))
  assertPlanExecutable(row, plan, deps)
  const approvals = await assertApproved(trx, deps, row, resolveExecutor(order, origin))
  const id = deps.newId()
  const at = deps.now()
  const traceparent = deps.observer?.traceparent() ?? undefined
  const accepted = acceptedEvent(at, order, approvals, traceparent)
  const firstLook = nextCheckAt(order.schedule ?? null, at)
  const view = toJob(id, plan, foldEvents(plan, [accepted]))
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
  assertUnlocked(await acquireClusterLock(trx, row.cluster_key, id, at))
  await closePlan(trx, plan.id, 'executed', id)
  if (order.webhook) await deps.webhooks?.add(trx, id, order.by, order.webhook)
  const appended = { hadStarted: false, length: 0, events: [accepted], job: view }
  await deps.webhooks?.publish(trx, row.cluster_key, appended)
  await deps.queue.order(trx, { version: 1, jobId: id, revision: 1 }, firstLook > at ? firstLook : null)
  return view
}

function resolveExecutor(order: JobOrder, origin: Origin | undefined): { id: string | null; name: string } {
  return { id: origin?.actor?.id ?? null, name: order.by }
}

/** Who wanted it, and on whose word: kept in the log, since approvals can say more than the job needed. */
function acceptedEvent(
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
