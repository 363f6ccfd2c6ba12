import { toRefusal } from '../azure/errors/arm-fault.ts'
import type { AzureMode, ClusterRef } from '../contract/cluster.ts'
import type { ActiveJob, Job } from '../contract/job.ts'
import type { Plan, PlanSummary } from '../contract/plan.ts'
import { clusterKey } from '../core/access/access-policy.ts'
import type { Origin } from '../core/audit/audit.ts'
import type { PlanningPolicy } from '../core/context/planning-context.ts'
import { DomainError, type Precondition } from '../core/lib/errors.ts'
import { compareTargets } from '../core/planner/compare-targets.ts'
import { buildEgressReport } from '../core/planner/egress-report.ts'
import { buildPlan } from '../core/planner/planner.ts'
import type { PlanningRequest } from '../core/request/plan-request.ts'
import { requestReferences } from '../core/request/request-references.ts'
import type { Snapshot } from '../core/snapshot/snapshot.ts'
import { auditAllowed } from '../database/audit/audit-log.ts'
import type { Database, Queries } from '../database/engine/database.ts'
import { Cursors } from '../database/stores/cursors.ts'
import type { TransactionHook } from '../database/stores/idempotency.ts'
import { jobText, lockingJobText } from '../database/stores/job-store.ts'
import {
  closePlan,
  currentStatus,
  insertPlan,
  listPlanRows,
  type PlanRow,
  planRow,
  planStatus,
  planText,
} from '../database/stores/plan-store.ts'
import type { Planning } from './planning.ts'
import { buildCleanupRequest } from './requests/cleanup-request.ts'
import { buildReconcileRequest } from './requests/reconcile-request.ts'
import { buildRollbackRequest } from './requests/rollback-request.ts'
import type { SnapshotOptions, TakeSnapshot } from './snapshot/take-snapshot.ts'

export interface PlanningDeps {
  database: Database
  takeSnapshot: TakeSnapshot
  policy: PlanningPolicy
  azure: AzureMode
  planTtlMinutes: number
  now: () => Date
  /** UUID version 7: ids grow with time, and lists rely on it. */
  newId: () => string
}

/** Planning reads a snapshot of the cluster, builds the plan from it, and stores the plan. */
export function createPlanning(deps: PlanningDeps): Planning {
  const db = deps.database.kysely
  const cursors = new Cursors(db)
  const getPlanText = async (planId: string) => requirePlan(planId, await planText(db, planId, deps.now()))
  const getPlan = async (planId: string) => JSON.parse((await getPlanText(planId)).text) as Plan
  const makePlan = async (
    request: PlanningRequest,
    by: string,
    origin?: Origin,
    hook?: TransactionHook<Plan>,
    jobId: string | null = null,
  ) => {
    const { target, prepare, cleanUp } = request
    const ids = requestReferences(target, prepare, cleanUp)
    const options = {
      surroundings: true,
      maintenance: true,
      request,
      ...(prepare === undefined ? {} : { prepare }),
    }
    const [read, activeJob] = await Promise.all([
      readSnapshot(deps, request.cluster, ids, options),
      readActiveJob(db, clusterKey(request.cluster)),
    ])
    const snapshot = { ...read, activeJob }
    const plan = buildPlan(snapshot, request, deps.policy, buildPlanStamp(deps, by))
    const subject = { clusterId: clusterKey(plan.cluster), planId: plan.id, jobId, reason: plan.reason }
    await db.transaction().execute(async (trx) => {
      await insertPlan(trx, plan, origin?.actor?.id)
      await hook?.(trx, plan)
      await auditAllowed(trx, deps, origin, subject)
    })
    return plan
  }
  const loadJobWithPlan = async (jobId: string) => {
    const text = await jobText(db, jobId)
    if (text === null) throw new DomainError('JOB_NOT_FOUND', { jobId })
    const job = JSON.parse(text) as Job
    return { job, plan: await getPlan(job.planId) }
  }
  return {
    makePlan: (request, by, origin, hook) => makePlan(request, by, origin, hook),
    getPlanText,
    getPlan,
    getPlanStatus: async (planId) => requirePlan(planId, await planStatus(db, planId, deps.now())),
    async listPlans(query) {
      const now = deps.now()
      const { items, next } = await cursors.page('plans', query, (filter) => listPlanRows(db, filter, now))
      return { items: items.map((row) => toPlanSummary(row, now)), next }
    },
    discardPlan: (planId, origin, precondition) => discardStoredPlan(deps, planId, origin, precondition),
    readEgress: async (cluster) =>
      buildEgressReport(
        await readSnapshot(deps, cluster, [], { maintenance: true }),
        deps.policy,
        deps.azure,
      ),
    compareTargets: async (cluster) =>
      compareTargets(await readSnapshot(deps, cluster, [], { surroundings: true }), deps.policy, deps.azure),
    async makeCleanupPlan(jobId, by, origin, hook) {
      const { job, plan } = await loadJobWithPlan(jobId)
      return makePlan(buildCleanupRequest(job, plan), by, origin, hook, jobId)
    },
    async makeRollbackPlan(jobId, by, origin, hook) {
      const { job, plan } = await loadJobWithPlan(jobId)
      const request = buildRollbackRequest(jobId, plan, job.actions.rollbackPlan)
      return makePlan(request, by, origin, hook, jobId)
    },
    async makeReconcilePlan(jobId, by, origin, hook) {
      const { job, plan } = await loadJobWithPlan(jobId)
      return makePlan(buildReconcileRequest(job, plan), by, origin, hook, jobId)
    },
    clusterKey: async (planId) => (await planRow(db, planId))?.cluster_key ?? null,
  }
}

/** The job that holds the lock on a cluster; null if there is none. */
async function readActiveJob(db: Queries, key: string): Promise<ActiveJob | null> {
  const text = await lockingJobText(db, key)
  if (text === null) return null
  const { id, status, beginsAt = null, hold } = JSON.parse(text) as Job
  return { id, status, beginsAt, isHeld: hold?.status === 'Held' }
}

function requirePlan<T>(planId: string, found: T | null): T {
  if (found === null) throw new DomainError('PLAN_NOT_FOUND', { planId })
  return found
}

async function readSnapshot(
  deps: PlanningDeps,
  cluster: ClusterRef,
  ids: string[],
  options: SnapshotOptions,
): Promise<Snapshot> {
  try {
    return await deps.takeSnapshot(cluster, ids, options)
  } catch (error) {
    throw toRefusal(error, cluster)
  }
}

function buildPlanStamp(deps: PlanningDeps, createdBy: string) {
  const now = deps.now()
  const expires = new Date(now.getTime() + deps.planTtlMinutes * 60_000)
  return {
    id: deps.newId(),
    createdAt: now.toISOString(),
    expiresAt: expires.toISOString(),
    createdBy,
    azure: deps.azure,
  }
}

/** Discarding twice is no error; a plan that is being or has been executed cannot be discarded any more. */
async function discardStoredPlan(
  deps: PlanningDeps,
  planId: string,
  origin: Origin | undefined,
  precondition: Precondition | undefined,
): Promise<void> {
  await deps.database.kysely.transaction().execute(async (trx) => {
    const row = await planRow(trx, planId, true)
    if (row === null) throw new DomainError('PLAN_NOT_FOUND', { planId })
    precondition?.(currentStatus(row, deps.now()))
    if (row.state === 'executed') throw new DomainError('PLAN_IN_USE', { planId, jobId: row.job_id })
    await closePlan(trx, planId, 'discarded')
    const subject = { clusterId: row.cluster_key, planId: row.id, jobId: null, reason: null }
    await auditAllowed(trx, deps, origin, subject)
  })
}

function toPlanSummary(row: PlanRow, now: Date): PlanSummary {
  return {
    id: row.id,
    status: currentStatus(row, now),
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    createdBy: row.created_by,
    cluster: {
      subscriptionId: row.subscription_id,
      resourceGroup: row.resource_group,
      name: row.cluster_name,
    },
    from: row.from_type,
    to: row.to_type,
  }
}
