import type { Finding } from '../../contract/finding.ts'
import type { PrincipalKind } from '../../contract/preflight.ts'
import { lastSegment } from '../arm/resource-id.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { listed } from '../lib/text.ts'
import { type EvaluatedCheck, type EvaluatedPreflight, evaluatePreflight } from '../preflight/preflight.ts'
import type { ReadResult } from '../snapshot/authorization-facts.ts'
import { type Check, rule } from './rule.ts'

/** A new role reaches every part of Azure within this time (configure-kubenet). */
const PROPAGATION_MINUTES = 60

/** What stands in the way outside of the cluster: rights, locks, policies and quota. */
export const checkPreflight: Check = (context) => {
  if (context.isNoChange) return []
  const found = evaluatePreflight(context)
  return [
    ...missing(found.checks),
    ...locks(found),
    ...policies(found, context),
    ...quota(found),
    ...youngRoles(found.checks, context.snapshot.takenAt),
    ...unseen(found, context),
    ...clusterFacts(context),
  ]
}

export const PERM_MISSING = rule<{
  who: PrincipalKind
  principalIds: string[]
  scope: string
  actions: string[]
  isEssential: boolean
}>('PERM_MISSING', {
  severity: 'blocker',
  severityOverride: (f) => (f.isEssential ? null : 'warning'),
  message: (f) =>
    `${principal(f.who, f.principalIds)} lacks ${listed(f.actions)} on ${f.scope}.${
      f.isEssential ? '' : ' It is documented as needed, and changes are known to succeed without it.'
    }`,
  remedy: (f) =>
    `Give ${f.who === 'caller' ? 'it' : 'the identity'} a role with ${listed(f.actions)} there (${roleFor(f.actions)} has it), and plan again.`,
  confidence: 'documented',
  source: 'PERM; LinkedAuthorizationFailed; Azure/AKS issue 1945',
})

/** One finding for each principal and scope, with all the actions that it lacks there. */
function missing(checks: EvaluatedCheck[]): Finding[] {
  const groups = new Map<string, EvaluatedCheck[]>()
  for (const check of checks.filter(({ result }) => result === 'missing')) {
    const key = `${check.who} ${check.scope.toLowerCase()} ${check.isEssential}`
    groups.set(key, [...(groups.get(key) ?? []), check])
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    if (first === undefined) return []
    const { who, principalIds, scope, isEssential } = first
    const actions = group.map(({ action }) => action)
    return PERM_MISSING.finding({ who, principalIds, scope, actions, isEssential })
  })
}

export const LOCK_BLOCKS_CHANGE = rule<{
  lock: string
  level: string
  scope: string
  blocks: boolean
  because: string
}>('LOCK_BLOCKS_CHANGE', {
  severity: 'blocker',
  severityOverride: (f) => (f.blocks ? null : 'warning'),
  message: (f) =>
    `The ${f.level} lock ${f.lock} on ${f.scope} ${f.blocks ? 'stops' : 'may stop'} this change. ${f.because}`,
  remedy: (f) =>
    f.blocks
      ? `Remove the lock ${f.lock} for the time of the change, and plan again.`
      : `Better remove the lock ${f.lock} for the time of the change.`,
  confidence: 'observed',
  source: 'lock-resources; Azure/AKS issues 621 and 3291; azure-aks-docs pull request 427',
})

function locks(found: EvaluatedPreflight): Finding[] {
  return found.locks
    .filter(({ effect }) => effect !== 'none')
    .map(({ name, level, scope, effect, because }) =>
      LOCK_BLOCKS_CHANGE.finding({ lock: name, level, scope, blocks: effect === 'blocks', because }),
    )
}

export const POLICY_MAY_DENY_PIP = rule<{
  isCertain: boolean
  needed: number
  policies: { name: string; assignment: string; scope: string; definition: string; because: string }[]
  unread: string[]
}>('POLICY_MAY_DENY_PIP', {
  severity: 'blocker',
  severityOverride: (f) => (f.isCertain ? null : 'warning'),
  message: (f) => {
    const made = `the ${f.needed} public IP${f.needed === 1 ? '' : 's'} that AKS would make`
    const names = listed(f.policies.map(({ name, scope }) => `"${name}" (assigned to ${scope})`))
    if (f.isCertain) return `Azure Policy denies ${made}: ${names}.`
    return f.policies.length > 0
      ? `Whether Azure Policy lets ${made} through is not decided: ${names}.`
      : `Whether Azure Policy lets ${made} through is not decided: ${listed(f.unread)} could not be read.`
  },
  remedy: (f) =>
    f.isCertain
      ? 'Exempt the node resource group from the policy, or use addresses of your own or user-defined routing.'
      : 'Look at these policies before the change; exempt the node resource group where they deny public IPs.',
  confidence: 'documented',
  source: 'load-balancer-standard (LB1); requestdisallowedbypolicy-error (SA)',
})

function policies(found: EvaluatedPreflight, { snapshot }: PlanningContext): Finding[] {
  const needed = found.createdIps
  const of = (verdict: string) =>
    found.policies
      .filter((each) => each.verdict === verdict)
      .map(({ name, assignment, scope, definition, because }) => ({
        name,
        assignment,
        scope,
        definition,
        because,
      }))
  const [denying, open] = [of('denies'), of('notDecided')]
  const unread = needed === 0 ? [] : unreadOf([snapshot.surroundings?.rights.policies.assignments])
  const say = (isCertain: boolean, list: typeof open) =>
    POLICY_MAY_DENY_PIP.finding({ isCertain, needed, policies: list, unread })
  return [
    ...(denying.length > 0 ? [say(true, denying)] : []),
    ...(open.length > 0 || unread.length > 0 ? [say(false, open)] : []),
  ]
}

export const PIP_QUOTA = rule<{
  limitName: string
  current: number
  needed: number
  atPeak: number
  limit: number
}>('PIP_QUOTA', {
  severity: 'blocker',
  message: (f) =>
    `The region has ${f.current} of ${f.limit} ${f.limitName}; with ${f.needed} more before the old ones go it would be ${f.atPeak}.`,
  remedy: (f) =>
    `Free at least ${f.atPeak - f.limit} or have the quota raised to ${f.atPeak} or more, and plan again.`,
  confidence: 'inferred',
  source: 'operationnotallowed-publicipcountlimitreached-error (SA)',
})

function quota({ quota: found }: EvaluatedPreflight): Finding[] {
  if (found === null || found.atPeak <= found.limit) return []
  const { name: limitName, current, needed, atPeak, limit } = found
  return [PIP_QUOTA.finding({ limitName, current, needed, atPeak, limit })]
}

export const PERM_PROPAGATION = rule<{ roles: { roleName: string; scope: string; createdOn: string }[] }>(
  'PERM_PROPAGATION',
  {
    severity: 'warning',
    message: (f) =>
      `Rights of the cluster's identity are less than 60 minutes old and may not have spread yet: ${listed(f.roles.map(({ roleName, scope, createdOn }) => `${roleName} on ${lastSegment(scope)} since ${createdOn}`))}.`,
    remedy: () => 'Wait until 60 minutes have passed since the role was given.',
    confidence: 'documented',
    source: 'configure-kubenet (KN); kubernetes-service-principal',
  },
)

/** A right counts as young when everything that gives it is. */
function youngRoles(checks: EvaluatedCheck[], takenAt: string): Finding[] {
  const isYoung = (createdOn: string | null) =>
    createdOn !== null && Date.parse(takenAt) - Date.parse(createdOn) < PROPAGATION_MINUTES * 60_000
  const young = checks
    .filter(({ grantedBy }) => grantedBy.every(({ assignment }) => isYoung(assignment.createdOn)))
    .flatMap(({ grantedBy }) => grantedBy)
  const roles = new Map(
    young.map(({ assignment: { id, scope, createdOn }, roleName }) => [
      id.toLowerCase(),
      { roleName, scope, createdOn: createdOn ?? '' },
    ]),
  )
  return roles.size === 0 ? [] : [PERM_PROPAGATION.finding({ roles: [...roles.values()] })]
}

export const PERM_NOT_CHECKED = rule<{
  checks: { who: PrincipalKind; scope: string; action: string; because: string }[]
}>('PERM_NOT_CHECKED', {
  severity: 'info',
  message: (f) =>
    `${f.checks.length} permission${f.checks.length === 1 ? '' : 's'} that the plan needs could not be checked: ${listed(distinct(f.checks.map((each) => `${each.action} (${each.who === 'caller' ? 'this service' : 'the cluster'})`)))}.`,
  remedy: () =>
    'Let this service read role assignments, role definitions and permissions (Reader does), or check them by hand; the plan lists each under preflight.',
  confidence: 'documented',
  source: 'PERM; this service',
})

export const PREFLIGHT_INCOMPLETE = rule<{ unread: string[] }>('PREFLIGHT_INCOMPLETE', {
  severity: 'info',
  message: (f) => `The preflight was made without ${listed(f.unread)}, which could not be read.`,
  remedy: () => 'Give this service Reader rights on the subscription, or look at them by hand.',
  confidence: 'documented',
  source: 'this service',
})

/** Nothing is said where nobody looked: that is so for reports, which make no promise of rights. */
function unseen({ checks, createdIps }: EvaluatedPreflight, { snapshot }: PlanningContext): Finding[] {
  const rights = snapshot.surroundings?.rights
  if (rights === undefined) return []
  const open = checks
    .filter(({ result }) => result === 'notChecked')
    .map(({ who, scope, action, because }) => ({ who, scope, action, because }))
  const unread = unreadOf([rights.locks, ...(createdIps > 0 ? [rights.usages] : [])])
  return [
    ...(open.length === 0 ? [] : [PERM_NOT_CHECKED.finding({ checks: open })]),
    ...(unread.length === 0 ? [] : [PREFLIGHT_INCOMPLETE.finding({ unread })]),
  ]
}

export const NRG_LOCKDOWN = rule<{ nodeResourceGroup: string }>('NRG_LOCKDOWN', {
  severity: 'info',
  message: (f) =>
    `The node resource group ${f.nodeResourceGroup} is locked down: nobody but AKS can change anything in it.`,
  remedy: () => 'Nothing to do: AKS makes this change itself.',
  confidence: 'documented',
  source: 'node-resource-group-lockdown (NRG)',
})

export const SP_CREDENTIALS = rule<{ clientId: string }>('SP_CREDENTIALS', {
  severity: 'info',
  message: (f) =>
    `The cluster uses the service principal ${f.clientId}; whether its secret is still good and what it may do cannot be seen in ARM.`,
  remedy: () => 'Make sure that its secret has not expired, or move the cluster to a managed identity.',
  confidence: 'documented',
  source: 'kubernetes-service-principal',
})

function clusterFacts({ snapshot: { cluster } }: PlanningContext): Finding[] {
  const { servicePrincipalClientId: clientId, nodeResourceGroup } = cluster
  const isLockedDown = cluster.nodeResourceGroupRestriction?.toLowerCase() === 'readonly'
  return [
    ...(isLockedDown ? [NRG_LOCKDOWN.finding({ nodeResourceGroup })] : []),
    ...(clientId === null ? [] : [SP_CREDENTIALS.finding({ clientId })]),
  ]
}

function unreadOf(readings: (ReadResult<unknown> | undefined)[]): string[] {
  return readings.flatMap((each) => (each !== undefined && 'unread' in each ? [each.unread.what] : []))
}

function principal(who: PrincipalKind, ids: string[]): string {
  if (who === 'caller') return 'The identity that this service runs as'
  return `The cluster's identity ${listed(ids)}`
}

function roleFor(actions: string[]): string {
  return actions.some((action) => action.startsWith('Microsoft.ContainerService/'))
    ? 'Azure Kubernetes Service Contributor Role'
    : 'Network Contributor'
}

function distinct(items: string[]): string[] {
  return [...new Set(items)]
}
