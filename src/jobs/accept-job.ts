import { refusalOf } from '../azure/refuse-arm-fault.ts'
import { compareBasis } from '../core/basis.ts'
import type { JobEvent } from '../core/job/events.ts'
import { foldEvents } from '../core/job/fold-events.ts'
import type { Job } from '../core/job/job.ts'
import { jobView } from '../core/job/job-view.ts'
import type { Plan } from '../core/plan.ts'
import { Refusal } from '../core/refusal.ts'
import { requestedIds } from '../core/requested-ids.ts'
import type { Snapshot } from '../core/snapshot.ts'
import { lockHolder, takeClusterLock } from '../database/cluster-lock.ts'
import type { Queries } from '../database/database.ts'
import { insertJob } from '../database/job-store.ts'
import { closePlan, type PlanRow, planRow, presentStatus } from '../database/plan-store.ts'
import type { JobsDeps } from './deps.ts'
import type { JobOrder } from './jobs.ts'
import type { PlanCache } from './load-job.ts'

/** Accepts a plan for execution, or rejects with the `Refusal` that says why not. See `Jobs.accept`. */
export async function acceptJob(deps: JobsDeps, plans: PlanCache, order: JobOrder): Promise<Job> {
  const db = deps.database.kysely
  const row = await planRow(db, order.planId)
  const plan = row === null ? null : await plans.get(db, order.planId)
  if (row === null || plan === null) throw new Refusal('PLAN_NOT_FOUND', { planId: order.planId })
  refuseState(row, plan, deps)
  refuseAcknowledgements(plan, order.acknowledge)
  refuseLocked(await lockHolder(db, row.cluster_key))
  await refuseStale(deps, plan)
  const job = await db.transaction().execute((trx) => begin(trx, deps, plan, order))
  deps.observer?.accepted()
  const { id: jobId, cluster } = job
  deps.logger.info({ jobId, planId: plan.id, cluster: cluster.id, by: order.by }, 'job accepted')
  return job
}

function refuseState(row: PlanRow, plan: Plan, deps: JobsDeps): void {
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
    return await deps.takeSnapshot(plan.cluster, requestedIds(plan.request))
  } catch (error) {
    throw refusalOf(error, plan.cluster)
  }
}

/** Lock, plan, job, log and first tick stand or fall together. */
async function begin(trx: Queries, deps: JobsDeps, plan: Plan, order: JobOrder): Promise<Job> {
  const row = await planRow(trx, plan.id, true)
  if (row === null) throw new Refusal('PLAN_NOT_FOUND', { planId: plan.id })
  refuseState(row, plan, deps)
  const id = deps.newId()
  const at = deps.now()
  const { by, reason, acknowledge } = order
  const traceparent = deps.observer?.traceparent() ?? undefined
  const accepted: JobEvent = {
    type: 'accepted',
    at: at.toISOString(),
    by,
    reason,
    acknowledge,
    ...(traceparent === undefined ? {} : { traceparent }),
  }
  const view = jobView(id, plan, foldEvents(plan, [accepted]))
  const job = {
    id,
    plan_id: plan.id,
    cluster_key: row.cluster_key,
    status: view.status,
    created_at: at,
    next_tick_at: at,
    view: JSON.stringify(view),
  }
  await insertJob(trx, job, [accepted])
  refuseLocked(await takeClusterLock(trx, row.cluster_key, id, at))
  await closePlan(trx, plan.id, 'executed', id)
  await deps.queue.order(trx, { version: 1, jobId: id, revision: 1 }, null)
  return view
}
