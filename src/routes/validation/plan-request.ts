import type { ClusterRef } from '../../contract/cluster.ts'
import type { PlanRequest } from '../../contract/plan-request.ts'
import type { Fault } from '../../contract/problem.ts'
import type { RequestedTarget } from '../../contract/target.ts'
import { typeOfKey } from '../../core/arm/outbound-type.ts'
import { textOrNull } from '../../core/lib/text.ts'
import type { PlanningRequest } from '../../core/request/plan-request.ts'
import { Problem } from '../problems/problems.ts'
import {
  CONSUMER_RULES,
  PREPARATION_PART_RULES,
  PREPARATION_RULES,
  TARGET_RULES,
} from './plan-request-rules.ts'
import { labelErrors, probeUrlRules } from './request-rules.ts'
import { parseClusterId } from './resource-ids.ts'
import { checkRules, isObject } from './rules.ts'

/**
 * Rules between the parameters of a plan request that a schema cannot express. They read the body before validation, so
 * that their errors are reported together with the errors of the schema.
 */
export function planRequestErrors(body: unknown): Fault[] {
  return [
    ...checkRules('body', TARGET_RULES, body),
    ...preparationErrors(body),
    ...checkRules('body', CONSUMER_RULES, body),
    ...checkRules('body', probeUrlRules('/verifyFromNodes'), body),
    ...labelErrors(body),
  ]
}

/** Rules for the parts of `prepare` that `target` supports, in a plan request or in a part of a campaign. */
export function preparationErrors(body: unknown): Fault[] {
  if (!isObject(body) || !isObject(body.target) || !isObject(body.prepare)) return []
  const misplaced = checkRules('body', PREPARATION_PART_RULES, body)
  return misplaced.length > 0 ? misplaced : checkRules('body', PREPARATION_RULES, body)
}

/** The validated body as a request for the core, with one form for the cluster and one form for the outbound type. */
export function toPlanRequest(body: PlanRequest): PlanningRequest {
  return {
    ...body,
    cluster: toCluster(body.cluster),
    target: toTarget(body.target),
    authorizedRanges: body.authorizedRanges ?? 'widen',
    reason: textOrNull(body.reason),
  }
}

function toCluster(cluster: PlanRequest['cluster']): ClusterRef {
  if (!('id' in cluster)) return cluster
  const found = parseClusterId(cluster.id)
  if (found === null) throw new Problem('RESOURCE_ID_INVALID')
  return found
}

/** The target with ARM's spelling of its outbound type. */
export function toTarget(target: RequestedTarget): RequestedTarget {
  const { outboundType, sku } = typeOfKey(target.outboundType)
  if (target.outboundType !== 'managedNATGatewayV2' || sku === null) return target
  return { ...target, outboundType, natGateway: { ...target.natGateway, sku } }
}
