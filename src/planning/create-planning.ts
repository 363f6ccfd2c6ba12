import { refusalOf } from '../azure/refuse-arm-fault.ts'
import { clusterKey } from '../core/access/reach.ts'
import type { Origin } from '../core/audit/audit.ts'
import type { Job } from '../core/job/job.ts'
import type { Plan } from '../core/plan.ts'
import { plan } from '../core/planner.ts'
import type { PlanningPolicy } from '../core/planning-context.ts'
import type { Precondition } from '../core/precondition.ts'
import { Refusal } from '../core/refusal.ts'
import { reportEgress } from '../core/report-egress.ts'
import { requestedIds } from '../core/requested-ids.ts'
import type { Snapshot } from '../core/snapshot.ts'
import type { ClusterRef, PlanRequest } from '../core/target.ts'
import { auditAllowed } from '../database/audit-allowed.ts'
import { Cursors } from '../database/cursors.ts'
import type { Database } from '../database/database.ts'
import type { Witness } from '../database/idempotency.ts'
import { jobText } from '../database/job-store.ts'
import {
  closePlan,
  insertPlan,
  listPlanRows,
  type PlanRow,
  planRow,
  planStatus,
  planText,
  presentStatus,
} from '../database/plan-store.ts'
import { cleanUpRequest } from './clean-up-request.ts'
import type { Planning, PlanSummary, StoredPlan } from './planning.ts'
import { rollbackRequest } from './rollback-request.ts'
import type { SnapshotOptions, TakeSnapshot } from './take-snapshot.ts'

export interface PlanningDeps {
  database: Database
  takeSnapshot: TakeSnapshot
  policy: PlanningPolicy
  azure: 'simulated' | 'azure'
  planTtlMinutes: number
  now: () => Date
  /** UUID version 7: ids grow with time, and lists rely on it. */
  newId: () => string
}

/** What routes may ask of planning: look, think, store. */
export function createPlanning(deps: PlanningDeps): Planning {
  const db = deps.database.kysely
  const cursors = new Cursors(db)
  const getPlanText = async (planId: string) => known(planId, await planText(db, planId, deps.now()))
  const getPlan = async (planId: string) => JSON.parse((await getPlanText(planId)).text) as StoredPlan
  const makePlan = async (
    request: PlanRequest,
    by: string,
    origin?: Origin,
    witness?: Witness<StoredPlan>,
    jobId: string | null = null,
  ) => {
    const { target, prepare, cleanUp } = request
    const around = { surroundings: true, request, ...(prepare === undefined ? {} : { prepare }) }
    const snapshot = await look(deps, request.cluster, requestedIds(target, prepare, cleanUp), around)
    const made = plan(snapshot, request, deps.policy, stamp(deps, by))
    const subject = { clusterId: clusterKey(made.cluster), planId: made.id, jobId, reason: made.reason }
    await db.transaction().execute(async (trx) => {
      await insertPlan(trx, made, origin?.actor?.id)
      await witness?.(trx, made)
      await auditAllowed(trx, deps, origin, subject)
    })
    return made
  }
  return {
    makePlan: (request, by, origin, witness) => makePlan(request, by, origin, witness),
    getPlanText,
    getPlan,
    getPlanStatus: async (planId) => known(planId, await planStatus(db, planId, deps.now())),
    async listPlans(query) {
      const now = deps.now()
      const { items, next } = await cursors.page('plans', query, (filter) => listPlanRows(db, filter, now))
      return { items: items.map((row) => summary(row, now)), next }
    },
    discardPlan: (planId, origin, precondition) => discard(deps, planId, origin, precondition),
    readEgress: async (cluster) => reportEgress(await look(deps, cluster, [], {}), deps.policy, deps.azure),
    async makeCleanUpPlan(jobId, by, origin, witness) {
      const text = await jobText(db, jobId)
      if (text === null) throw new Refusal('JOB_NOT_FOUND', { jobId })
      const job = JSON.parse(text) as Job
      const request = cleanUpRequest(job, (await getPlan(job.planId)) as Plan)
      return makePlan(request, by, origin, witness, jobId)
    },
    async makeRollbackPlan(jobId, by, origin, witness) {
      const job = await jobText(db, jobId)
      if (job === null) throw new Refusal('JOB_NOT_FOUND', { jobId })
      const { planId, actions } = JSON.parse(job) as { planId: string; actions: { rollbackPlan: boolean } }
      const made = (await getPlan(planId)) as Plan
      return makePlan(rollbackRequest(jobId, made, actions.rollbackPlan), by, origin, witness, jobId)
    },
    clusterKey: async (planId) => (await planRow(db, planId))?.cluster_key ?? null,
  }
}

function known<T>(planId: string, found: T | null): T {
  if (found === null) throw new Refusal('PLAN_NOT_FOUND', { planId })
  return found
}

async function look(
  deps: PlanningDeps,
  cluster: ClusterRef,
  ids: string[],
  options: SnapshotOptions,
): Promise<Snapshot> {
  try {
    return await deps.takeSnapshot(cluster, ids, options)
  } catch (error) {
    throw refusalOf(error, cluster)
  }
}

function stamp(deps: PlanningDeps, createdBy: string) {
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
async function discard(
  deps: PlanningDeps,
  planId: string,
  origin: Origin | undefined,
  precondition: Precondition | undefined,
): Promise<void> {
  await deps.database.kysely.transaction().execute(async (trx) => {
    const row = await planRow(trx, planId, true)
    if (row === null) throw new Refusal('PLAN_NOT_FOUND', { planId })
    precondition?.(presentStatus(row, deps.now()))
    if (row.state === 'executed') throw new Refusal('PLAN_IN_USE', { planId, jobId: row.job_id })
    await closePlan(trx, planId, 'discarded')
    const subject = { clusterId: row.cluster_key, planId: row.id, jobId: null, reason: null }
    await auditAllowed(trx, deps, origin, subject)
  })
}

function summary(row: PlanRow, now: Date): PlanSummary {
  return {
    id: row.id,
    status: presentStatus(row, now),
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
