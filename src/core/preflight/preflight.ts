import type { ResourceChange } from '../../contract/plan.ts'
import type { LockCheck, PermissionCheck, Preflight, QuotaCheck, Unread } from '../../contract/preflight.ts'
import { nodeGroupId, RESOURCE_TYPES } from '../arm/resource-id.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { memoize } from '../lib/memoize.ts'

import { resourceChanges } from '../resource-changes/resource-changes.ts'
import type { AuthorizationFacts, LockFacts, ReadResult } from '../snapshot/authorization-facts.ts'
import type { ClusterFacts } from '../snapshot/snapshot.ts'
import { checkCaller, checkIdentity, type IdentityVerdict, scopeCovers } from './permissions.ts'
import { policyChecks } from './policies.ts'
import { type RequiredAction, requiredActions } from './required-actions.ts'

/** What each lock on or around the touched resources means for these changes; those that lie elsewhere are left out. */
function lockChecks(
  changes: ResourceChange[],
  rights: AuthorizationFacts | null,
  cluster: ClusterFacts,
): LockCheck[] {
  const locks = rights?.locks
  if (locks === undefined || 'unread' in locks) return []
  return locks.facts.flatMap((lock) => lockCheck(lock, changes, nodeGroupId(cluster)) ?? [])
}

function lockCheck(lock: LockFacts, changes: ResourceChange[], nodeGroup: string): LockCheck | null {
  const touched = changes.filter(
    (change) => change.action !== 'retain' && scopeCovers(lock.scope, change.id ?? nodeGroup),
  )
  const isReadOnly = lock.level.toLowerCase() === 'readonly'
  const stopped = isReadOnly ? touched : touched.filter(({ action }) => action === 'delete')
  const isOnNodeGroup = scopeCovers(lock.scope, nodeGroup) || scopeCovers(nodeGroup, lock.scope)
  const made = (effect: LockCheck['effect'], because: string): LockCheck => ({ ...lock, effect, because })
  if (stopped.length > 0) {
    const list = [...new Set(stopped.map(describeChange))].join('; ')
    return made('blocks', `The plan would ${list}.`)
  }
  // Every write of the cluster is an operation of AKS's, also one that only touches the ranges.
  const isOfAks = ({ owner, action, type }: ResourceChange) =>
    (owner === 'aks' && action !== 'retain') || type === RESOURCE_TYPES.cluster
  if (isOnNodeGroup && changes.some(isOfAks))
    return made('mayBlock', 'AKS is known to refuse operations while anything in the node group is locked.')
  return touched.length > 0 ? made('none', 'The plan deletes nothing under this lock.') : null
}

function describeChange({ action, type, name, count }: ResourceChange): string {
  const kind = type.split('/').at(-1) ?? type
  return name === null ? `${action} ${count} of ${kind}` : `${action} ${kind} ${name}`
}

/**
 * Limits that a new address counts against: all of them, static ones, those of SKU Standard. AKS makes static
 * addresses of SKU Standard or StandardV2 (LB1, NG; that StandardV2 counts as Standard is inferred).
 */
const LIMITS = ['PublicIPAddresses', 'StaticPublicIPAddresses', 'StandardSkuPublicIpAddresses'].map((name) =>
  name.toLowerCase(),
)

/** Old and new addresses exist side by side for a while, so the peak is current and new together (rulebook PIP_QUOTA). */
function quotaOf(needed: number, rights: AuthorizationFacts | null): QuotaCheck | null {
  const usages = rights?.usages
  if (needed === 0 || usages === undefined || 'unread' in usages) return null
  const counted = usages.facts
    .filter(({ name }) => LIMITS.includes(name.toLowerCase()))
    .map((usage) => ({ ...usage, needed, atPeak: usage.current + needed }))
  const tightest = counted.sort((a, b) => a.limit - a.atPeak - (b.limit - b.atPeak))[0]
  if (tightest === undefined) return null
  const { name, current, limit, atPeak } = tightest
  return { name, current, limit, needed, atPeak }
}

/** A permission check with what its finding needs beyond the contract. */
export interface EvaluatedCheck extends PermissionCheck, Pick<RequiredAction, 'isEssential'> {
  grantedBy: IdentityVerdict['grantedBy']
}

export interface EvaluatedPreflight extends Preflight {
  checks: EvaluatedCheck[]
  /** Public IPs that AKS will make. */
  createdIps: number
}

/**
 * Everything that stands in the way of this change outside of the cluster itself. Where nothing is to be
 * changed nothing is needed.
 */
export const evaluatePreflight = memoize((context: PlanningContext): EvaluatedPreflight => {
  const { snapshot, isNoChange, transition } = context
  const rights = snapshot.surroundings?.rights ?? null
  const coverage = coverageOf(rights)
  if (isNoChange || transition === null || transition.support === 'unsupported')
    return { checks: [], locks: [], policies: [], quota: null, coverage, createdIps: 0 }
  const changes = resourceChanges(context)
  const created = changes.filter(
    ({ action, type }) => action === 'create' && type === RESOURCE_TYPES.publicIp,
  )
  const createdIps = created.reduce((sum, { count }) => sum + count, 0)
  return {
    checks: requiredActions(context).map((required) => evaluateCheck(required, context)),
    locks: lockChecks(changes, rights, snapshot.cluster),
    policies: policyChecks(created, snapshot),
    quota: quotaOf(createdIps, rights),
    coverage,
    createdIps,
  }
})

/** The part of it that is the contract. */
export function toPreflight(found: EvaluatedPreflight): Preflight {
  const { createdIps: _, checks, ...rest } = found
  return { checks: checks.map(({ grantedBy: _by, isEssential: _is, ...check }) => check), ...rest }
}

function evaluateCheck(required: RequiredAction, { snapshot }: PlanningContext): EvaluatedCheck {
  const { who, scope, action, isEssential } = required
  const rights = snapshot.surroundings?.rights ?? null
  const verdict =
    who === 'caller'
      ? { ...checkCaller(required, rights), grantedBy: [] }
      : checkIdentity(required, rights, snapshot.cluster)
  const principalIds = who === 'caller' ? [] : snapshot.cluster.identityPrincipalIds
  return { who, principalIds, scope, action, isEssential, ...verdict }
}

/** What was asked and not answered; nothing was asked where the snapshot has no surroundings. */
function coverageOf(rights: AuthorizationFacts | null): Preflight['coverage'] {
  if (rights === null) return { complete: false, unread: [] }
  const { policies } = rights
  const readings: ReadResult<unknown>[] = [
    rights.locks,
    ...Object.values(rights.callerPermissions),
    ...Object.values(rights.roleAssignments),
    ...Object.values(rights.roleDefinitions),
    policies.assignments,
    policies.exemptions,
    policies.customDefinitions,
    ...Object.values(policies.definitions),
    ...Object.values(policies.initiatives),
    rights.usages,
  ]
  const unread: Unread[] = readings.flatMap((each) => ('unread' in each ? [each.unread] : []))
  return { complete: unread.length === 0, unread }
}
