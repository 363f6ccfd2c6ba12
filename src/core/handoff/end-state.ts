import type { HandoffTool } from '../../contract/handoff.ts'
import { isObject, type Json, type JsonObject } from '../../contract/json.ts'
import type { TypeKey } from '../../contract/outbound-type.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { needsLateAuthorization } from '../plan/steps/build-steps.ts'
import type { Evidence } from '../references/references.ts'
import { fieldChanges, NAT_GATEWAY_PATH } from '../target/cluster-patch.ts'

/**
 * The end state of the cluster's `properties` as a merge patch (RFC 7396): null removes a field. The profile of another
 * outbound type must be removed explicitly, because AKS keeps parts of it and rejects it in the next update.
 */
export function endState(context: PlanningContext): JsonObject {
  const root: JsonObject = {}
  for (const change of fieldChanges(context.target, context.snapshot.cluster)) {
    if (change.op === 'set') setAt(root, change.path, change.value)
    else if (change.op === 'remove' && isKnownField(context, change.path)) setAt(root, change.path, null)
  }
  const ranges = completeRanges(context)
  if (ranges !== null) setAt(root, '/properties/apiServerAccessProfile/authorizedIPRanges', ranges)
  return root
}

/** A Standard NAT gateway is written with an API version that has no fields for SKUs and customer-provided addresses. */
function isKnownField({ to }: PlanningContext, path: string): boolean {
  return to !== 'managedNATGateway' || !path.startsWith(`${NAT_GATEWAY_PATH}/`)
}

function setAt(root: JsonObject, path: string, value: Json): void {
  const segments = path.split('/').slice(2)
  const last = segments.pop() ?? ''
  let at = root
  for (const segment of segments) at = childOf(at, segment)
  at[last] = value
}

function childOf(parent: JsonObject, key: string): JsonObject {
  const present = parent[key]
  if (isObject(present)) return present
  const child: JsonObject = {}
  parent[key] = child
  return child
}

/** The profiles of the cluster's body, each of which belongs to some outbound types. */
type Profile = 'loadBalancerProfile' | 'natGatewayProfile'

const PROFILES: Partial<Record<TypeKey, Profile>> = {
  loadBalancer: 'loadBalancerProfile',
  managedNATGateway: 'natGatewayProfile',
  managedNATGatewayV2: 'natGatewayProfile',
}

/**
 * What happens to the profile of the former outbound type in code that describes the whole cluster, as sentences. Merging
 * does not remove fields, so a profile that stays must be replaced. `isDescribed`: the new code contains the target's profile.
 */
export function profileInstructions(
  { from, to, completes, isNoChange }: PlanningContext,
  isDescribed: boolean,
  nameOf: (profile: Profile) => string,
): string[] {
  const type = completes === null ? from : completes.former
  const former = type === null ? undefined : PROFILES[type]
  if (former === undefined || isNoChange) return []
  if (former !== PROFILES[to]) return [`Remove ${nameOf(former)}, which belongs to the former outbound type.`]
  return isDescribed ? [`Replace ${nameOf(former)} as a whole.`] : []
}

/** The end state without the fields that it removes, for code that describes the whole cluster. */
export function describedState(patch: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(patch).flatMap(([key, value]) => {
      if (value === null || value === undefined) return []
      return [[key, isObject(value) ? describedState(value) : value]]
    }),
  )
}

/**
 * The whole list of authorized IP ranges after the plan. Null if the plan does not change it, or if some of its
 * addresses do not exist yet: tools replace the list, so an incomplete list would lock nodes out.
 */
export function completeRanges(context: PlanningContext): string[] | null {
  const { current, add } = context.ranges
  return add.length === 0 || addsUnknownRanges(context) ? null : [...current, ...add]
}

/** Whether the job adds ranges that are unknown at plan time. */
export function addsUnknownRanges(context: PlanningContext): boolean {
  return context.isChange && (context.ranges.addPrepared.length > 0 || needsLateAuthorization(context))
}

/** What a builder returns for one tool. */
export interface ToolCode {
  /** The end state of the cluster; null if the tool cannot express it. */
  code: string | null
  /** The resources that the plan prepares; null if there are none, or if the tool cannot express them. */
  prepared: string | null
  validFor: HandoffTool['validFor']
  /** Sentences; empty if there is nothing to warn of. */
  warnings: string[]
  evidence: Evidence
}

/** A fragment of several parts with a blank line between them; null if there is none. */
export function joinParts(parts: string[]): string | null {
  return parts.length === 0 ? null : `${parts.join('\n\n')}\n`
}
