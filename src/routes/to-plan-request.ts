import type { Static } from 'typebox'
import { typeOfKey } from '../core/outbound-type.ts'
import type { ClusterRef, ConsumerRequest, PlanRequest, RequestedTarget } from '../core/target.ts'
import { Problem } from './problems.ts'
import { clusterOf } from './resource-id-faults.ts'
import type { PlanRequestSchema } from './schemas/plan-request.ts'

type Body = Static<typeof PlanRequestSchema>

/** The validated body in the core's words: one way to name a cluster, one way to name a type. */
export function toPlanRequest(body: Body): PlanRequest {
  return {
    cluster: toCluster(body.cluster),
    target: toTarget(body.target),
    authorizedRanges: body.authorizedRanges ?? 'widen',
    ...(body.prepare === undefined ? {} : { prepare: body.prepare }),
    ...(body.upgradeNodeImages === undefined ? {} : { upgradeNodeImages: body.upgradeNodeImages }),
    reason: body.reason ?? null,
    ...(body.consumers === undefined ? {} : { consumers: body.consumers.map(toConsumer) }),
  }
}

function toConsumer(given: NonNullable<Body['consumers']>[number]): ConsumerRequest {
  const { name, contact = null, note = null, addresses = [] } = given
  return { name, contact, note, addresses }
}

function toCluster(cluster: Body['cluster']): ClusterRef {
  if (!('id' in cluster)) return cluster
  const found = clusterOf(cluster.id)
  if (found === null) throw new Problem('RESOURCE_ID_INVALID')
  return found
}

function toTarget(target: RequestedTarget): RequestedTarget {
  const { outboundType, sku } = typeOfKey(target.outboundType)
  if (target.outboundType !== 'managedNATGatewayV2' || sku === null) return target
  return { ...target, outboundType, natGateway: { ...target.natGateway, sku } }
}
