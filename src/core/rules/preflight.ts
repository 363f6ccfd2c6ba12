import type { Finding } from '../../contract/finding.ts'
import type { PolicyVerdict, PrincipalKind } from '../../contract/preflight.ts'
import { idKey, lastSegment } from '../arm/resource-id.ts'
import { equalsArm } from '../arm/words.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { agree, capitalized, counted, listed, listedCode, named } from '../lib/text.ts'
import { type EvaluatedCheck, type EvaluatedPreflight, evaluatePreflight } from '../preflight/preflight.ts'
import type { Need } from '../preflight/required-actions.ts'
import { documented, inferred, observed } from '../references/references.ts'
import { unreadOf } from '../snapshot/authorization-facts.ts'
import { type Check, rule } from './rule.ts'

/** A new role assignment takes up to this time to be effective in all of Azure (configure-kubenet). */
const PROPAGATION_MINUTES = 60

/** Obstacles outside the cluster: permissions, locks, policies, and quota. */
export const checkPreflight: Check = (context) => {
  if (context.isNoChange) return []
  // Permissions, locks, policies, and quota were not read.
  if (context.snapshot.surroundings === null) return clusterFacts(context)
  const preflight = evaluatePreflight(context)
  return [
    ...missing(preflight.checks),
    ...locks(preflight),
    ...policies(preflight, context),
    ...quota(preflight),
    ...newRoles(preflight.checks, context.snapshot.takenAt),
    ...notChecked(preflight, context),
    ...clusterFacts(context),
  ]
}

export const PERM_MISSING = rule<{
  who: PrincipalKind
  principalIds: string[]
  scope: string
  actions: string[]
  need: Need
}>('PERM_MISSING', {
  severity: 'blocker',
  severityOverride: (f) => (f.need === 'change' ? null : 'warning'),
  message: (f) =>
    `${principal(f.who, f.principalIds)} ${named('permission', f.actions)} on \`${f.scope}\`${WITHOUT[f.need]}.`,
  remedy: (f) =>
    `Assign ${f.who === 'caller' ? 'the identity of this service' : 'the cluster identity'} a role with ${f.actions.length === 1 ? 'this permission' : 'these permissions'} on this scope, such as ${roleFor(f.actions)}, and create a new plan.`,
  source: documented(
    'aks-service-permissions',
    'Azure Resource Manager: LinkedAuthorizationFailed',
    'Azure/AKS issues 1945 and 4980',
    'azure-docs issue 117046',
    { text: 'microsoft/tyger pull request 320' },
  ),
})

/** The effect of a missing permission. */
const WITHOUT: Record<Need, string> = {
  change: ', so the change would fail',
  documented: '; AKS documents this access as required, but changes are known to succeed without this access',
  subnetWrites:
    ', so AKS cannot update the subnets that refer to this resource, for example for a Service with a private link service',
  nodeProbe: ', so the job cannot test from the nodes which endpoints are reachable',
  endpointList: ', so the plan cannot use the list of endpoints that AKS reports for the cluster',
  maintenance:
    ', so the plan does not show the planned maintenance windows of the cluster, and jobs cannot wait for these windows',
  measurement: ', so the plan has no measured demand and cannot estimate the cost of data',
}

/** One finding for each principal and scope, with all actions that the principal lacks there. */
function missing(checks: EvaluatedCheck[]): Finding[] {
  const denied = checks.filter(({ result }) => result === 'missing')
  const groups = Map.groupBy(denied, (check) => `${check.who} ${idKey(check.scope)} ${check.need}`)
  return [...groups.values()].flatMap((group) =>
    group.slice(0, 1).map(({ who, principalIds, scope, need }) => {
      const actions = group.map(({ action }) => action)
      return PERM_MISSING.finding({ who, principalIds, scope, actions, need })
    }),
  )
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
    `The \`${f.level}\` lock \`${f.lock}\` on \`${f.scope}\` ${f.blocks ? 'blocks' : 'may block'} this change: ${asClause(f.because)}.`,
  remedy: (f) =>
    f.blocks
      ? `Remove the lock \`${f.lock}\`, create a new plan, and restore the lock after the change.`
      : `Consider removing the lock \`${f.lock}\` before you execute the plan, and restore the lock after the change.`,
  source: observed('lock-resources', 'Azure/AKS issues 621 and 3291', 'azure-aks-docs pull request 427'),
})

function locks(preflight: EvaluatedPreflight): Finding[] {
  return preflight.locks
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
    const addresses = `the ${f.needed === 1 ? 'public IP address' : `${f.needed} public IP addresses`} that AKS would create`
    const policies = `${agree(f.policies, 'policy', 'policies')} ${listed(f.policies.map(({ name, scope }) => `"${name}" (assigned to ${scope})`))}`
    if (f.isCertain) return `The ${policies} ${agree(f.policies, 'denies', 'deny')} ${addresses}.`
    return f.policies.length > 0
      ? `It is unknown whether the ${policies} ${agree(f.policies, 'allows', 'allow')} ${addresses}.`
      : `It is unknown whether Azure Policy allows ${addresses}, because this service could not read ${listed(f.unread)}.`
  },
  remedy: (f) =>
    f.isCertain
      ? `Exempt the node resource group from the ${agree(f.policies, 'policy', 'policies')}, or choose a target for which AKS creates no public IP addresses.`
      : 'Check the policies before you execute the plan, and exempt the node resource group from policies that deny public IP addresses.',
  source: documented('load-balancer-standard', 'requestdisallowedbypolicy-error'),
})

function policies(preflight: EvaluatedPreflight, { snapshot }: PlanningContext): Finding[] {
  const needed = preflight.createdIps
  const ofVerdict = (wanted: PolicyVerdict) =>
    preflight.policies
      .filter(({ verdict }) => verdict === wanted)
      .map(({ name, assignment, scope, definition, because }) => ({
        name,
        assignment,
        scope,
        definition,
        because,
      }))
  const unread =
    needed === 0
      ? []
      : unreadOf([snapshot.surroundings?.authorization.policies.assignments]).map(({ what }) => what)
  const [denying, undecided] = [ofVerdict('denies'), ofVerdict('notDecided')]
  return [
    ...POLICY_MAY_DENY_PIP.when(denying.length > 0, { isCertain: true, needed, policies: denying, unread }),
    ...POLICY_MAY_DENY_PIP.ifAny({ isCertain: false, needed, policies: undecided, unread }),
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
    `The change would exceed the regional quota \`${f.limitName}\`: ${f.current} of ${f.limit} addresses exist, and the change needs ${f.needed} more before AKS removes the old addresses.`,
  remedy: (f) =>
    `Delete at least ${counted(f.atPeak - f.limit, 'public IP address')} that no resource uses, or request a quota of ${f.atPeak} or more. Then create a new plan.`,
  source: inferred('operationnotallowed-publicipcountlimitreached-error'),
})

function quota({ quota: usage }: EvaluatedPreflight): Finding[] {
  if (usage === null) return []
  const { name: limitName, current, needed, atPeak, limit } = usage
  return PIP_QUOTA.when(atPeak > limit, { limitName, current, needed, atPeak, limit })
}

export const PERM_PROPAGATION = rule<{ roles: { roleName: string; scope: string; createdOn: string }[] }>(
  'PERM_PROPAGATION',
  {
    severity: 'warning',
    message: (f) =>
      `${agree(f.roles, 'A role assignment', 'Role assignments')} of the cluster identity ${agree(f.roles, 'is', 'are')} less than 60 min old and may not be effective yet: ${listed(f.roles.map(({ roleName, scope, createdOn }) => `${roleName} on \`${lastSegment(scope)}\` since ${createdOn}`))}.`,
    remedy: 'Wait until 60 min have passed since the last role assignment, and then execute the plan.',
    source: documented('configure-kubenet', 'kubernetes-service-principal'),
  },
)

/** The roles of permissions that only new role assignments grant. */
function newRoles(checks: EvaluatedCheck[], takenAt: string): Finding[] {
  const isNew = (createdOn: string | null) =>
    createdOn !== null && Date.parse(takenAt) - Date.parse(createdOn) < PROPAGATION_MINUTES * 60_000
  const roles = new Map(
    checks
      .filter(({ grantedBy }) => grantedBy.every(({ assignment }) => isNew(assignment.createdOn)))
      .flatMap(({ grantedBy }) => grantedBy)
      .map(({ assignment: { id, scope, createdOn }, roleName }) => [
        idKey(id),
        { roleName, scope, createdOn: createdOn ?? '' },
      ]),
  )
  return PERM_PROPAGATION.ifAny({ roles: [...roles.values()] })
}

export const PERM_NOT_CHECKED = rule<{
  checks: { who: PrincipalKind; scope: string; action: string; because: string }[]
}>('PERM_NOT_CHECKED', {
  severity: 'info',
  message: (f) =>
    `This service could not check all permissions that the plan needs: it is unknown whether ${holders(f.checks)}.`,
  remedy: (f) =>
    `Read the reason for each permission in the report section "Permissions, locks, policies, and quota" (\`preflight\` in the JSON). If this service lacks read access, assign the Reader role to the identity of this service on ${readerScope(f.checks)}. Then create a new plan. Otherwise, check the permission manually.`,
  source: documented('aks-service-permissions', 'this service'),
})

/** Azure lists the role assignments of the cluster identity for a whole subscription. */
function readerScope(checks: { who: PrincipalKind }[]): string {
  const isListed = checks.some(({ who }) => who === 'clusterIdentity')
  return `${isListed ? 'the subscription of ' : ''}the scope that this section shows`
}

/** ``this service has `a` and `b`, and the cluster identity has `c` ``. */
function holders(checks: { who: PrincipalKind; action: string }[]): string {
  return [...Map.groupBy(checks, ({ who }) => who)]
    .map(([who, own]) => {
      const actions = listedCode(distinct(own.map(({ action }) => action)))
      return `${who === 'caller' ? 'this service' : 'the cluster identity'} has ${actions}`
    })
    .join(', and ')
}

export const PREFLIGHT_INCOMPLETE = rule<{ unread: string[] }>('PREFLIGHT_INCOMPLETE', {
  severity: 'info',
  message: (f) =>
    `The check of permissions, locks, policies, and quota is incomplete, because this service could not read ${listed(f.unread)}.`,
  remedy: (f) =>
    `Make sure that the identity of this service can read ${listed(f.unread)}, for example with the Reader role on the subscription. Alternatively, check ${listed(f.unread)} manually.`,
  source: documented('this service'),
})

/** Reports nothing if no surroundings were read: egress reports do not check permissions. */
function notChecked({ checks, createdIps }: EvaluatedPreflight, { snapshot }: PlanningContext): Finding[] {
  const rights = snapshot.surroundings?.authorization
  if (rights === undefined) return []
  const unchecked = checks
    .filter(({ result }) => result === 'notChecked')
    .map(({ who, scope, action, because }) => ({ who, scope, action, because }))
  const unread = unreadOf([rights.locks, ...(createdIps > 0 ? [rights.usages] : [])]).map(({ what }) => what)
  return [...PERM_NOT_CHECKED.ifAny({ checks: unchecked }), ...PREFLIGHT_INCOMPLETE.ifAny({ unread })]
}

export const NRG_LOCKDOWN = rule<{ nodeResourceGroup: string }>('NRG_LOCKDOWN', {
  severity: 'info',
  message: (f) =>
    `The node resource group \`${f.nodeResourceGroup}\` is locked down, so only AKS can change resources in this group.`,
  remedy: 'Continue: no action is required, because AKS itself makes the change.',
  source: documented('node-resource-group-lockdown'),
})

export const SP_CREDENTIALS = rule<{ clientId: string }>('SP_CREDENTIALS', {
  severity: 'info',
  message: (f) =>
    `The cluster uses the service principal \`${f.clientId}\`, and Azure Resource Manager shows neither the permissions of the service principal nor the expiry date of its secret.`,
  remedy: (f) =>
    `Check the expiry date with \`az ad app credential list --id ${f.clientId}\`, and the permissions with \`az role assignment list --assignee ${f.clientId} --all\`. Alternatively, migrate the cluster to a managed identity.`,
  source: documented('kubernetes-service-principal'),
})

function clusterFacts({ snapshot: { cluster } }: PlanningContext): Finding[] {
  const { servicePrincipalClientId: clientId, nodeResourceGroup } = cluster
  const isLockedDown = equalsArm(cluster.nodeResourceGroupRestriction, 'ReadOnly')
  return [
    ...NRG_LOCKDOWN.when(isLockedDown, { nodeResourceGroup }),
    ...(clientId === null ? [] : [SP_CREDENTIALS.finding({ clientId })]),
  ]
}

function principal(who: PrincipalKind, ids: string[]): string {
  if (who === 'caller') return 'The identity of this service lacks'
  return ids.length === 0
    ? 'The cluster identity lacks'
    : `${capitalized(named('cluster identity', ids))} ${agree(ids, 'lacks', 'lack')}`
}

const ROLES: Record<string, string> = {
  'Microsoft.Compute': 'Virtual Machine Contributor',
  'Microsoft.ContainerService': 'Azure Kubernetes Service Contributor Role',
  'Microsoft.Insights': 'Monitoring Reader',
  'Microsoft.ManagedIdentity': 'Managed Identity Operator',
}

/** The built-in role with these permissions, or the roles that have them together. */
function roleFor(actions: string[]): string {
  return listed(distinct(actions.map((action) => ROLES[action.split('/')[0] ?? ''] ?? 'Network Contributor')))
}

/** A sentence as the end of another sentence: without its period, and in lower case unless it starts with an acronym. */
function asClause(sentence: string): string {
  return sentence.replace(/^[A-Z](?=[a-z ])/, (letter) => letter.toLowerCase()).replace(/\.$/, '')
}

function distinct(items: string[]): string[] {
  return [...new Set(items)]
}
