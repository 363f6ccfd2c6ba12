import type { FastifyRequest } from 'fastify'
import { clusterKey } from '../../core/access/reach.ts'
import type { ClusterRef } from '../../core/target.ts'
import { clusterOf } from '../resource-id-faults.ts'
import { CLUSTER_NAME, RESOURCE_GROUP, SUBSCRIPTION_ID } from '../schemas/names.ts'

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
const SUBJECTS: Readonly<Record<string, 'nothing' | 'list' | 'body'>> = {
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
export function bindingOf({ params, routeOptions }: FastifyRequest): 'nothing' | 'list' | 'named' | null {
  const names = Object.keys((params ?? {}) as object)
  if (['planId', 'jobId', 'clusterName'].some((each) => names.includes(each))) return 'named'
  const subject = SUBJECTS[routeOptions.config.operation ?? '']
  return subject === 'body' ? 'named' : (subject ?? null)
}

/** Reads the names out of path and body, which need not have been validated yet; what is unsound is left out. */
export function subjectOf({ params, body }: FastifyRequest): Subject {
  const inPath = fields(params)
  const inBody = fields(body)
  const { subscriptionId, resourceGroup, clusterName: name } = inPath
  if (subscriptionId !== undefined)
    return { ...NOTHING, cluster: named({ subscriptionId, resourceGroup, name }) }
  if (inPath.jobId !== undefined) return { ...NOTHING, jobId: id(inPath.jobId) }
  if (inPath.planId !== undefined) return { ...NOTHING, planId: id(inPath.planId) }
  if (inPath.webhookId !== undefined) return { ...NOTHING, webhookId: id(inPath.webhookId) }
  const cluster = fields(inBody.cluster)
  return {
    ...NOTHING,
    cluster: typeof cluster.id === 'string' ? clusterOf(cluster.id) : named(cluster),
    planId: id(inBody.planId),
  }
}

/** The key of the cluster that a request is about; null where there is none, or nobody knows it. */
export async function clusterKeyOf(
  { cluster, planId, jobId }: Subject,
  rooms: { planning: ClusterKeys; jobs: ClusterKeys },
): Promise<string | null> {
  if (cluster !== null) return clusterKey(cluster)
  if (planId !== null) return rooms.planning.clusterKey(planId)
  return jobId === null ? null : rooms.jobs.clusterKey(jobId)
}

interface ClusterKeys {
  clusterKey(id: string): Promise<string | null>
}

function named({ subscriptionId, resourceGroup, name }: Record<string, unknown>): ClusterRef | null {
  if (!isLike(subscriptionId, SUBSCRIPTION_ID) || !isLike(resourceGroup, RESOURCE_GROUP)) return null
  return isLike(name, CLUSTER_NAME) ? { subscriptionId, resourceGroup, name } : null
}

function isLike(value: unknown, pattern: string): value is string {
  return typeof value === 'string' && new RegExp(pattern, 'u').test(value)
}

function id(value: unknown): string | null {
  return typeof value === 'string' && ID.test(value) ? value : null
}

function fields(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
