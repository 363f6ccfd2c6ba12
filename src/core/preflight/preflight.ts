import type { ResourceChange } from '../../contract/plan.ts'
import type { LockCheck, PermissionCheck, Preflight, QuotaCheck } from '../../contract/preflight.ts'
import { nodeGroupId, RESOURCE_TYPES } from '../arm/resource-id.ts'
import { resourceTypeNoun } from '../arm/resource-type-names.ts'
import { armWord, equalsArm } from '../arm/words.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { memoize } from '../lib/memoize.ts'
import { listed } from '../lib/text.ts'
import { resourceChanges } from '../resource-changes/resource-changes.ts'
import {
  type AuthorizationFacts,
  factsOf,
  type LockFacts,
  unreadOf,
} from '../snapshot/authorization-facts.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { checkCaller, checkIdentity, type Grant, scopeCovers } from './permissions.ts'
import { policyChecks } from './policies.ts'
import { type RequiredAction, requiredActions } from './required-actions.ts'

/** The effect of a lock on the change; null if the lock does not affect the change. */
function lockCheck(lock: LockFacts, changes: ResourceChange[], nodeGroup: string): LockCheck | null {
  const check = (effect: LockCheck['effect'], because: string): LockCheck => ({ ...lock, effect, because })
  const covered = changes.filter(
    ({ action, id }) => action !== 'retain' && scopeCovers(lock.scope, id ?? nodeGroup),
  )
  const isReadOnly = equalsArm(lock.level, 'ReadOnly')
  const blocked = isReadOnly ? covered : covered.filter(({ action }) => action === 'delete')
  if (blocked.length > 0)
    return check('blocks', `The plan would ${listed([...new Set(blocked.map(describeChange))])}.`)
  const isOnNodeGroup = scopeCovers(lock.scope, nodeGroup) || scopeCovers(nodeGroup, lock.scope)
  // Every write of the cluster is an operation of AKS, even if it changes only the authorized IP ranges.
  const isByAks = ({ owner, action, type }: ResourceChange) =>
    (owner === 'aks' && action !== 'retain') || type === RESOURCE_TYPES.cluster
  if (isOnNodeGroup && changes.some(isByAks))
    return check(
      'mayBlock',
      'Users report that AKS rejects operations while anything in the node resource group is locked.',
    )
  return covered.length > 0 ? check('none', 'The plan deletes nothing under this lock.') : null
}

function describeChange({ action, type, name, count }: ResourceChange): string {
  const kind = resourceTypeNoun(type)
  return name === null
    ? `${action} ${count} resource${count === 1 ? '' : 's'} of type ${kind}`
    : `${action} the ${kind} \`${name}\``
}

/**
 * The limits, in lower case, that a new address counts against. AKS creates static addresses of SKU Standard or
 * StandardV2 (load-balancer-standard, nat-gateway; that StandardV2 counts as Standard is inferred).
 */
const LIMITS = ['PublicIPAddresses', 'StaticPublicIPAddresses', 'StandardSkuPublicIpAddresses']

/** Old and new addresses temporarily exist at the same time, so the peak is the sum of both. */
function quotaOf(needed: number, rights: AuthorizationFacts | null): QuotaCheck | null {
  if (needed === 0) return null
  const [tightest] = (factsOf(rights?.usages) ?? [])
    .filter(({ name }) => armWord(name, LIMITS) !== null)
    .map(({ name, current, limit }) => ({ name, current, limit, needed, atPeak: current + needed }))
    .sort((a, b) => a.limit - a.atPeak - (b.limit - b.atPeak))
  return tightest ?? null
}

/** A permission check with the additional facts of its finding. */
export interface EvaluatedCheck extends PermissionCheck, Pick<RequiredAction, 'need'> {
  grantedBy: Grant['grantedBy']
}

export interface EvaluatedPreflight extends Preflight {
  checks: EvaluatedCheck[]
  /** The number of public IPs that AKS will create. */
  createdIps: number
}

/** The obstacles outside the cluster to this change. A plan without a change has none. */
export const evaluatePreflight = memoize((context: PlanningContext): EvaluatedPreflight => {
  const { snapshot, isNoChange, transition } = context
  const rights = snapshot.surroundings?.authorization ?? null
  const coverage = coverageOf(rights)
  if (isNoChange || transition === null || transition.support === 'unsupported')
    return { checks: [], locks: [], policies: [], quota: null, coverage, createdIps: 0 }
  const changes = resourceChanges(context)
  const created = changes.filter(
    ({ action, type }) => action === 'create' && type === RESOURCE_TYPES.publicIp,
  )
  const locks = factsOf(rights?.locks) ?? []
  const nodeGroup = nodeGroupId(snapshot.cluster)
  const createdIps = created.reduce((sum, { count }) => sum + count, 0)
  return {
    checks: [
      ...requiredActions(context).map((required) => evaluateCheck(required, context)),
      ...metricChecks(snapshot),
    ],
    locks: locks.flatMap((lock) => lockCheck(lock, changes, nodeGroup) ?? []),
    policies: policyChecks(created, snapshot),
    quota: quotaOf(createdIps, rights),
    coverage,
    createdIps,
  }
})

/** The preflight as plans show it. */
export function toPreflight(evaluated: EvaluatedPreflight): Preflight {
  const { createdIps: _, checks, ...rest } = evaluated
  return { checks: checks.map(({ grantedBy: _by, need: _need, ...check }) => check), ...rest }
}

function evaluateCheck(
  required: RequiredAction,
  { snapshot: { cluster, surroundings } }: PlanningContext,
): EvaluatedCheck {
  const { who, scope, action, need } = required
  const rights = surroundings?.authorization ?? null
  const isCaller = who === 'caller'
  const grant = isCaller ? checkCaller(required, rights) : checkIdentity(required, rights, cluster)
  return {
    who,
    principalIds: isCaller ? [] : cluster.identityPrincipalIds,
    scope,
    action,
    need,
    ...grant,
  }
}

/** The read itself shows whether this service may read the metrics of a resource. */
function metricChecks({ surroundings }: Snapshot): EvaluatedCheck[] {
  return (surroundings?.demand?.resources ?? []).map(({ id, read }) => ({
    who: 'caller',
    principalIds: [],
    scope: id,
    action: 'Microsoft.Insights/metrics/read',
    need: 'measurement',
    grantedBy: [],
    ...('facts' in read
      ? { result: 'allowed', because: 'Azure Monitor returned the metrics of this resource.' }
      : read.unread.reason === 'denied'
        ? { result: 'missing', because: 'Azure denied this identity the metrics of this resource.' }
        : { result: 'notChecked', because: `The metrics could not be read (${read.unread.code}).` }),
  }))
}

/** The reads that failed. Without surroundings in the snapshot nothing was read. */
function coverageOf(rights: AuthorizationFacts | null): Preflight['coverage'] {
  if (rights === null) return { complete: false, unread: [] }
  const { policies } = rights
  const unread = unreadOf([
    rights.locks,
    ...Object.values(rights.callerPermissions),
    rights.preparationGroup,
    ...Object.values(rights.roleAssignments),
    ...Object.values(rights.roleDefinitions),
    policies.assignments,
    policies.exemptions,
    policies.customDefinitions,
    ...Object.values(policies.definitions),
    ...Object.values(policies.initiatives),
    rights.usages,
  ])
  return { complete: unread.length === 0, unread }
}
