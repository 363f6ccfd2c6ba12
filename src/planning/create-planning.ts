import { toRefusal } from '../azure/errors/arm-fault.ts'
import type { AzureMode, ClusterRef } from '../contract/cluster.ts'
import type { ActiveJob, Job, JobResult } from '../contract/job.ts'
import type { Plan } from '../contract/plan.ts'
import { type ClusterScope, clusterKey, inScope } from '../core/access/access-policy.ts'
import type { Origin } from '../core/audit/audit.ts'
import type { PlanningPolicy } from '../core/context/planning-context.ts'
import { DomainError, type Precondition } from '../core/lib/errors.ts'
import { compareTargets } from '../core/planner/compare-targets.ts'
import { buildEgressReport } from '../core/planner/egress-report.ts'
import { buildPlan } from '../core/planner/planner.ts'
import { type PlanningRequest, requestReferences } from '../core/request/plan-request.ts'
import type { Snapshot } from '../core/snapshot/snapshot.ts'
import { type PlanMessage, planMessage } from '../core/webhooks/messages.ts'
import { auditAllowed } from '../database/audit/audit-log.ts'
import type { Database, Queries } from '../database/engine/database.ts'
import { Cursors } from '../database/stores/cursors.ts'
import type { TransactionHook } from '../database/stores/idempotency.ts'
import { jobText, jobTextsBetween, lockingJobText } from '../database/stores/job-store.ts'
import { closePlan, insertPlan, listPlanRows, planDocument, planRow } from '../database/stores/plan-store.ts'
import {
  type NeedsApproval,
  type PlanState,
  planState,
  planText,
  planVersion,
  toPlanSummary,
} from '../database/stores/plan-view.ts'
import { ClusterScopes } from '../database/stores/visible-clusters.ts'
import { singleFlight, withTimeout } from '../lib/promises.ts'
import type { Planning, PlanVersion } from './planning.ts'
import type { PriceService } from './prices/price-service.ts'
import {
  buildCleanupRequest,
  buildReconcileRequest,
  buildRollbackRequest,
  followUpConsumers,
} from './requests/follow-up-requests.ts'
import type { SnapshotOptions, TakeSnapshot } from './snapshot/take-snapshot.ts'

export interface PlanningDeps {
  database: Database
  takeSnapshot: TakeSnapshot
  policy: PlanningPolicy
  /** List prices; without them, cost estimates use the built-in table. */
  prices?: PriceService
  azure: AzureMode
  planTtlMinutes: number
  /** How long a caller waits for the reads of a plan or of an egress report. Default: without a limit. */
  planTimeoutMs?: number
  /** Reads clusters for egress reports, after those for plans. Default: `takeSnapshot`. */
  takeReportSnapshot?: TakeSnapshot
  /** How long a plan that requires an approval can be approved. It can be executed for `planTtlMinutes` after that. */
  approvalTtlMinutes?: number
  /** The clusters whose plans require a second person's approval. Default: none. */
  approvalScope?: () => ClusterScope
  /** Orders the webhook messages about a plan, in the transaction that changes it. */
  announce?: (trx: Queries, clusterKey: string, message: PlanMessage) => Promise<void>
  now: () => Date
  /** UUID version 7: ids grow with time, and lists rely on it. */
  newId: () => string
}

/** Planning reads a snapshot of the cluster, builds the plan from it, and stores the plan. */
export function createPlanning(deps: PlanningDeps): Planning {
  const db = deps.database.kysely
  const cursors = new Cursors(db)
  const scopes = new ClusterScopes(db)
  const needsApproval = (key: string) => inScope(approvalScope(deps), key)
  const versions = singleFlight<PlanVersion>()
  const getPlanText = async (planId: string) => {
    const row = requirePlan(planId, await planDocument(db, planId))
    const state = planState(row, deps.now(), needsApproval)
    return { ...toVersion(state), text: planText(row, state) }
  }
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
    const key = clusterKey(request.cluster)
    const [read, activeJob] = await Promise.all([
      readSnapshot(deps, deps.takeSnapshot, request.cluster, ids, options),
      readActiveJob(db, key),
    ])
    const snapshot = { ...read, activeJob }
    const window = approvalWindow(deps, key)
    const plan = buildPlan(snapshot, request, policyFor(snapshot, deps), buildPlanStamp(deps, by, window))
    const subject = { clusterId: clusterKey(plan.cluster), planId: plan.id, jobId, reason: plan.reason }
    return db.transaction().execute(async (trx) => {
      await insertPlan(trx, plan, origin?.actor?.id, window)
      const row = requirePlan(plan.id, await planRow(trx, plan.id))
      const state = planState(row, deps.now(), needsApproval)
      const stored: Plan = { ...plan, ...state }
      if (state.approval === 'pending') {
        const summary = toPlanSummary(row, deps.now(), needsApproval)
        await deps.announce?.(trx, key, planMessage('plan.approval.requested', deps.now(), summary))
      }
      await hook?.(trx, stored)
      await auditAllowed(trx, deps, origin, subject)
      return stored
    })
  }
  const loadJobWithPlan = async (jobId: string) => {
    const text = await jobText(db, jobId)
    if (text === null) throw new DomainError('JOB_NOT_FOUND', { jobId })
    const job = JSON.parse(text) as Job
    return { job, plan: await getPlan(job.planId), read: await readAddresses(db, job) }
  }
  const readForReport = (cluster: ClusterRef, options: SnapshotOptions) =>
    readSnapshot(deps, deps.takeReportSnapshot ?? deps.takeSnapshot, cluster, [], options)
  return {
    makePlan: (request, by, origin, hook) => makePlan(request, by, origin, hook),
    getPlanText,
    getPlan,
    getPlanVersion: (planId) =>
      versions(planId, async () => {
        const row = requirePlan(planId, await planRow(db, planId))
        return toVersion(planState(row, deps.now(), needsApproval))
      }),
    async listPlans(query) {
      const now = deps.now()
      const required = query.approval === undefined ? [] : await scopes.resolve(approvalScope(deps))
      const { items, next } = await cursors.page('plans', query, (filter) =>
        listPlanRows(db, filter, now, required),
      )
      return { items: items.map((row) => toPlanSummary(row, now, needsApproval)), next }
    },
    discardPlan: (planId, origin, precondition) =>
      discardStoredPlan(deps, needsApproval, planId, origin, precondition),
    readEgress: async (cluster) =>
      buildEgressReport(await readForReport(cluster, { maintenance: true }), deps.policy, deps.azure),
    async compareTargets(cluster) {
      const snapshot = await readForReport(cluster, { surroundings: true })
      return compareTargets(snapshot, policyFor(snapshot, deps), deps.azure)
    },
    async makeCleanupPlan(jobId, by, origin, hook) {
      const source = await loadJobWithPlan(jobId)
      const request = buildCleanupRequest(source.job, source.plan)
      return makePlan(followUp(request, source), by, origin, hook, jobId)
    },
    async makeRollbackPlan(jobId, by, origin, hook) {
      const source = await loadJobWithPlan(jobId)
      const request = buildRollbackRequest(source.job, source.plan)
      return makePlan(followUp(request, source), by, origin, hook, jobId)
    },
    async makeReconcilePlan(jobId, by, origin, hook) {
      const source = await loadJobWithPlan(jobId)
      const request = buildReconcileRequest(source.job, source.plan)
      return makePlan(followUp(request, source), by, origin, hook, jobId)
    },
    clusterKey: async (planId) => (await planRow(db, planId))?.cluster_key ?? null,
  }
}

/** The job that a plan follows, and the addresses that it or a later job has read. */
interface JobWithPlan {
  job: Job
  plan: Plan
  read: JobResult | null
}

/** A plan that follows a job has the labels and consumers of the job. */
function followUp(request: PlanningRequest, { job, plan, read }: JobWithPlan): PlanningRequest {
  const { labels } = job
  const consumers = followUpConsumers(job, plan, read)
  return {
    ...request,
    ...(labels === undefined ? {} : { labels }),
    ...(consumers.length === 0 ? {} : { consumers }),
  }
}

/** How many later jobs are searched for addresses: a reconcile follows soon. */
const MAX_LATER_JOBS = 20

/** The addresses that the job read at its end, or else the next job that succeeded: the reports of the job show them. */
async function readAddresses(db: Queries, { id, result, cluster }: Job): Promise<JobResult | null> {
  if (result !== null) return result
  const later = await jobTextsBetween(db, clusterKey(cluster), { after: id, first: 'oldest' }, MAX_LATER_JOBS)
  const jobs = later.map(({ view }) => JSON.parse(view) as Job)
  return jobs.find((job) => job.status === 'Succeeded' && job.result !== null)?.result ?? null
}

/** The job that holds the lock on a cluster; null if there is none. */
async function readActiveJob(db: Queries, key: string): Promise<ActiveJob | null> {
  const text = await lockingJobText(db, key)
  if (text === null) return null
  const { id, status, beginsAt = null, hold } = JSON.parse(text) as Job
  return { id, status, beginsAt, isHeld: hold?.status === 'Held' }
}

function policyFor({ cluster }: Snapshot, { policy, prices }: PlanningDeps): PlanningPolicy {
  const list = prices?.current(cluster.location)
  return list === undefined ? policy : { ...policy, prices: list }
}

function requirePlan<T>(planId: string, found: T | null): T {
  if (found === null) throw new DomainError('PLAN_NOT_FOUND', { planId })
  return found
}

/** The reads that are under way when the time is over continue, and other callers share their results. */
async function readSnapshot(
  { planTimeoutMs }: PlanningDeps,
  take: TakeSnapshot,
  cluster: ClusterRef,
  ids: string[],
  options: SnapshotOptions,
): Promise<Snapshot> {
  let isWanted = true
  try {
    const snapshot = take(cluster, ids, { ...options, isWanted: () => isWanted })
    return await (planTimeoutMs === undefined
      ? snapshot
      : withTimeout(snapshot, planTimeoutMs, () => timeoutError(planTimeoutMs)))
  } catch (error) {
    throw toRefusal(error, cluster)
  } finally {
    isWanted = false
  }
}

function timeoutError(limitMs: number): DomainError {
  return new DomainError('PLANNING_TIMED_OUT', { seconds: Math.round(limitMs / 1_000) })
}

function approvalScope(deps: PlanningDeps): ClusterScope {
  return deps.approvalScope?.() ?? []
}

function toVersion(state: PlanState): PlanVersion {
  const { approval, jobId } = state
  return {
    version: planVersion(state),
    isPending: approval === 'pending',
    isApproved: approval === 'approved',
    jobId,
  }
}

/** The end of the approval window of a new plan; null if its cluster requires no approval. */
function approvalWindow(deps: PlanningDeps, key: string): Date | null {
  if (!inScope(approvalScope(deps), key)) return null
  return new Date(deps.now().getTime() + (deps.approvalTtlMinutes ?? deps.planTtlMinutes) * 60_000)
}

/** Whenever a plan is approved, the full lifetime of a plan remains to execute it. */
function buildPlanStamp(deps: PlanningDeps, createdBy: string, window: Date | null) {
  const now = deps.now()
  const expires = new Date((window ?? now).getTime() + deps.planTtlMinutes * 60_000)
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
  needsApproval: NeedsApproval,
  planId: string,
  origin: Origin | undefined,
  precondition: Precondition | undefined,
): Promise<void> {
  await deps.database.kysely.transaction().execute(async (trx) => {
    const row = await planRow(trx, planId, true)
    if (row === null) throw new DomainError('PLAN_NOT_FOUND', { planId })
    precondition?.(planVersion(planState(row, deps.now(), needsApproval)))
    if (row.state === 'executed') throw new DomainError('PLAN_IN_USE', { planId, jobId: row.job_id })
    await closePlan(trx, planId, 'discarded')
    const subject = { clusterId: row.cluster_key, planId: row.id, jobId: null, reason: null }
    await auditAllowed(trx, deps, origin, subject)
  })
}
