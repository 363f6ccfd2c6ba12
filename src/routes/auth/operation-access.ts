import type { FastifyRequest } from 'fastify'
import { CLUSTER_NAME, type ClusterRef, RESOURCE_GROUP, SUBSCRIPTION_ID } from '../../contract/cluster.ts'
import { clusterKey } from '../../core/access/access-policy.ts'
import { parseClusterId } from '../validation/resource-ids.ts'

/** The resources that a request names. */
export interface Subject {
  cluster: ClusterRef | null
  planId: string | null
  jobId: string | null
  webhookId: string | null
  probeId: string | null
}

const NOTHING: Subject = { cluster: null, planId: null, jobId: null, webhookId: null, probeId: null }
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** How the operation relates to clusters; null for a route that declares nothing. */
export function resolveBinding({
  params,
  routeOptions,
}: FastifyRequest): 'nothing' | 'list' | 'named' | null {
  const names = Object.keys(toFields(params))
  if (['planId', 'jobId', 'probeId', 'clusterName'].some((name) => names.includes(name))) return 'named'
  const subject = routeOptions.config.operation?.subject ?? 'path'
  if (subject === 'path') return null
  return subject === 'body' ? 'named' : subject
}

/** Reads the names in path and body, which may not be validated yet. Invalid names are omitted. */
export function resolveSubject({ params, body }: FastifyRequest): Subject {
  const inPath = toFields(params)
  const inBody = toFields(body)
  const { subscriptionId, resourceGroup, clusterName: name } = inPath
  if (subscriptionId !== undefined)
    return { ...NOTHING, cluster: toClusterRef({ subscriptionId, resourceGroup, name }) }
  if (inPath.jobId !== undefined) return { ...NOTHING, jobId: toId(inPath.jobId) }
  if (inPath.planId !== undefined) return { ...NOTHING, planId: toId(inPath.planId) }
  if (inPath.probeId !== undefined) return { ...NOTHING, probeId: toId(inPath.probeId) }
  if (inPath.webhookId !== undefined) return { ...NOTHING, webhookId: toId(inPath.webhookId) }
  const cluster = toFields(inBody.cluster)
  return {
    ...NOTHING,
    cluster: typeof cluster.id === 'string' ? parseClusterId(cluster.id) : toClusterRef(cluster),
    planId: toId(inBody.planId),
  }
}

/** The key of the cluster that a request concerns; null if there is none, or it is unknown. */
export async function resolveClusterKey(
  { cluster, planId, jobId, probeId }: Subject,
  stores: { planning: ClusterKeys; jobs: ClusterKeys; probes: ClusterKeys },
): Promise<string | null> {
  if (cluster !== null) return clusterKey(cluster)
  if (planId !== null) return stores.planning.clusterKey(planId)
  if (probeId !== null) return stores.probes.clusterKey(probeId)
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
