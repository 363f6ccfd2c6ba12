import type { FastifyRequest } from 'fastify'
import { CLUSTER_NAME, type ClusterRef, RESOURCE_GROUP, SUBSCRIPTION_ID } from '../../contract/cluster.ts'
import { clusterKey } from '../../core/access/access-policy.ts'
import { parseClusterId } from '../validation/resource-ids.ts'
import type { Grant } from './caller.ts'

/** What a request is about, as far as the request itself tells. */
export interface Subject {
  cluster: ClusterRef | null
  planId: string | null
  jobId: string | null
  webhookId: string | null
}

/**
 * What operations are about whose path does not name it. `nothing` of anybody's clusters; `list`: the query
 * behind it is limited to what the caller may see; `body`: its body names a cluster or a plan. An operation
 * whose path names a plan, job or cluster is about that; any other that is not here is refused to everybody.
 */
const OPERATION_SUBJECTS: Readonly<Record<string, 'nothing' | 'list' | 'body'>> = {
  listTransitions: 'nothing',
  getMetrics: 'nothing',
  listPlans: 'list',
  listJobs: 'list',
  listAudit: 'list',
  // A webhook is its owner's, and whatever it tells is limited to what the owner may see.
  createWebhook: 'list',
  listWebhooks: 'list',
  getWebhook: 'list',
  updateWebhook: 'list',
  deleteWebhook: 'list',
  rotateWebhookSecret: 'list',
  pingWebhook: 'list',
  listDeliveries: 'list',
  getDelivery: 'list',
  replayDeliveries: 'list',
  createPlan: 'body',
  createJob: 'body',
}

const NOTHING: Subject = { cluster: null, planId: null, jobId: null, webhookId: null }
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** How the operation is bound to clusters; null when nothing says so. */
export function resolveBinding({
  params,
  routeOptions,
}: FastifyRequest): 'nothing' | 'list' | 'named' | null {
  const names = Object.keys((params ?? {}) as object)
  if (['planId', 'jobId', 'clusterName'].some((each) => names.includes(each))) return 'named'
  const subject = OPERATION_SUBJECTS[routeOptions.config.operation ?? '']
  return subject === 'body' ? 'named' : (subject ?? null)
}

/** Reads the names out of path and body, which need not have been validated yet; what is unsound is left out. */
export function resolveSubject({ params, body }: FastifyRequest): Subject {
  const inPath = toFields(params)
  const inBody = toFields(body)
  const { subscriptionId, resourceGroup, clusterName: name } = inPath
  if (subscriptionId !== undefined)
    return { ...NOTHING, cluster: toClusterRef({ subscriptionId, resourceGroup, name }) }
  if (inPath.jobId !== undefined) return { ...NOTHING, jobId: toId(inPath.jobId) }
  if (inPath.planId !== undefined) return { ...NOTHING, planId: toId(inPath.planId) }
  if (inPath.webhookId !== undefined) return { ...NOTHING, webhookId: toId(inPath.webhookId) }
  const cluster = toFields(inBody.cluster)
  return {
    ...NOTHING,
    cluster: typeof cluster.id === 'string' ? parseClusterId(cluster.id) : toClusterRef(cluster),
    planId: toId(inBody.planId),
  }
}

/** The key of the cluster that a request is about; null where there is none, or nobody knows it. */
export async function resolveClusterKey(
  { cluster, planId, jobId }: Subject,
  stores: { planning: ClusterKeys; jobs: ClusterKeys },
): Promise<string | null> {
  if (cluster !== null) return clusterKey(cluster)
  if (planId !== null) return stores.planning.clusterKey(planId)
  return jobId === null ? null : stores.jobs.clusterKey(jobId)
}

export interface ClusterKeys {
  clusterKey(id: string): Promise<string | null>
}

function toClusterRef({ subscriptionId, resourceGroup, name }: Record<string, unknown>): ClusterRef | null {
  if (!matchesPattern(subscriptionId, SUBSCRIPTION_ID) || !matchesPattern(resourceGroup, RESOURCE_GROUP))
    return null
  return matchesPattern(name, CLUSTER_NAME) ? { subscriptionId, resourceGroup, name } : null
}

function matchesPattern(value: unknown, pattern: string): value is string {
  return typeof value === 'string' && new RegExp(pattern, 'u').test(value)
}

function toId(value: unknown): string | null {
  return typeof value === 'string' && ID.test(value) ? value : null
}

function toFields(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

/**
 * What each operation asks of its caller. An operation that is not here is refused to everybody, so a new
 * one cannot be open by oversight.
 */
export const REQUIRED_GRANTS: Readonly<Record<string, Grant>> = {
  listTransitions: 'Egress.Read',
  getClusterEgress: 'Egress.Read',
  createPlan: 'Egress.Plan',
  listPlans: 'Egress.Read',
  getPlan: 'Egress.Read',
  getIpChanges: 'Egress.Read',
  discardPlan: 'Egress.Plan',
  createJob: 'Egress.Execute',
  listJobs: 'Egress.Read',
  getJob: 'Egress.Read',
  listJobEvents: 'Egress.Read',
  cancelJob: 'Egress.Execute',
  releaseJob: 'Egress.Execute',
  createRollbackPlan: 'Egress.Plan',
  createCleanUpPlan: 'Egress.Plan',
  listApprovals: 'Egress.Read',
  approvePlan: 'Egress.Approve',
  withdrawApproval: 'Egress.Approve',
  listAudit: 'Egress.Audit',
  getMetrics: 'Egress.Read',
  createWebhook: 'Egress.Read',
  listWebhooks: 'Egress.Read',
  getWebhook: 'Egress.Read',
  updateWebhook: 'Egress.Read',
  deleteWebhook: 'Egress.Read',
  rotateWebhookSecret: 'Egress.Read',
  pingWebhook: 'Egress.Read',
  listDeliveries: 'Egress.Read',
  getDelivery: 'Egress.Read',
  replayDeliveries: 'Egress.Read',
}
