import type { PermissionCheck } from '../../contract/preflight.ts'
import { idKey, lastSegment } from '../arm/resource-id.ts'
import type {
  AuthorizationFacts,
  PermissionFacts,
  ReadResult,
  RoleAssignmentFacts,
  RoleDefinitionFacts,
} from '../snapshot/authorization-facts.ts'
import type { ClusterFacts } from '../snapshot/snapshot.ts'
import type { RequiredAction } from './required-actions.ts'

/**
 * Whether a role's pattern names an action: without regard to case, and `*` stands for any text, slashes too
 * (Azure RBAC, role definitions: "Actions format").
 */
export function matchesAction(pattern: string, action: string): boolean {
  const [first = '', ...rest] = pattern.toLowerCase().split('*')
  const text = action.toLowerCase()
  const last = rest.pop()
  if (last === undefined) return text === first
  if (!text.startsWith(first)) return false
  // Between the fixed ends each part is looked for behind the one before it, as early as possible.
  let position = first.length
  for (const part of rest) {
    const found = text.indexOf(part, position)
    if (found < 0) return false
    position = found + part.length
  }
  return text.length - last.length >= position && text.endsWith(last)
}

/** What one role's `notActions` take away is only taken from that role: another one may give it again. */
export function permitsAction(permissions: PermissionFacts[], action: string): boolean {
  const names = (patterns: string[]) => patterns.some((pattern) => matchesAction(pattern, action))
  return permissions.some(({ actions, notActions }) => names(actions) && !names(notActions))
}

/**
 * What ARM says that the caller may do there. An empty answer is a denial; a refused question is none: who may
 * not read permissions may still have them (a role without `Microsoft.Authorization/permissions/read`).
 */
export function checkCaller(
  required: RequiredAction,
  rights: AuthorizationFacts | null,
): Pick<PermissionCheck, 'result' | 'because'> {
  const permissions = rights?.callerPermissions[idKey(required.scope)]
  if (permissions === undefined)
    return { result: 'notChecked', because: 'The permissions there were not asked for.' }
  if ('unread' in permissions) {
    const because =
      permissions.unread.reason === 'denied'
        ? 'Azure refuses to say what this identity may do there.'
        : 'What this identity may do there could not be read.'
    return { result: 'notChecked', because }
  }
  if (permissions.facts.length === 0)
    return { result: 'missing', because: 'This identity has no role there or above.' }
  return permitsAction(permissions.facts, required.action)
    ? { result: 'allowed', because: 'A role of this identity allows it there.' }
    : { result: 'missing', because: 'No role of this identity there or above allows it.' }
}

/**
 * Whether what is set on `scope` holds for `id`: on itself and on everything below it, compared as ARM does.
 * The root and management groups count as above: ARM lists them for a subscription only where they are.
 */
export function scopeCovers(scope: string, id: string): boolean {
  const above = idKey(scope).replace(/\/+$/, '')
  if (above === '' || isManagementGroup(scope)) return true
  const below = idKey(id)
  return below === above || below.startsWith(`${above}/`)
}

function isManagementGroup(scope: string): boolean {
  return /^\/providers\/Microsoft\.Management\/managementGroups\/[^/]+\/?$/i.test(scope)
}

export interface IdentityVerdict extends Pick<PermissionCheck, 'result' | 'because'> {
  /** The assignments that give it; all of them may be too young to have spread. */
  grantedBy: { assignment: RoleAssignmentFacts; roleName: string }[]
}

/** What the cluster's own identity may do, from its role assignments and the definitions that these name. */
export function checkIdentity(
  required: RequiredAction,
  rights: AuthorizationFacts | null,
  cluster: ClusterFacts,
): IdentityVerdict {
  if (cluster.identityPrincipalIds.length === 0)
    return notChecked(
      cluster.servicePrincipalClientId === null
        ? 'ARM shows no identity of the cluster.'
        : 'The cluster uses a service principal, whose object id ARM does not show.',
    )
  const subscription = idKey(required.scope.split('/')[2] ?? '')
  const assignments = rights?.roleAssignments[subscription]
  if (assignments === undefined) return notChecked('The role assignments there were not asked for.')
  if ('unread' in assignments) return notChecked('The role assignments there could not be read.')
  const covering = assignments.facts.filter((each) => scopeCovers(each.scope, required.scope))
  return verdictOf(required, covering, rights?.roleDefinitions[subscription])
}

function verdictOf(
  { action }: RequiredAction,
  covering: RoleAssignmentFacts[],
  definitions: ReadResult<RoleDefinitionFacts[]> | undefined,
): IdentityVerdict {
  const known = definitions !== undefined && 'facts' in definitions ? definitions.facts : []
  const joined = covering.map((assignment) => ({
    assignment,
    // The same role has an id under each subscription and one without; its last part is the same.
    role: known.find(({ id }) => idKey(lastSegment(id)) === idKey(lastSegment(assignment.roleDefinitionId))),
  }))
  const giving = joined.flatMap(({ assignment, role }) =>
    role !== undefined && permitsAction(role.permissions, action)
      ? [{ assignment, roleName: role.roleName }]
      : [],
  )
  const grantedBy = giving.filter(({ assignment }) => assignment.condition === null)
  if (grantedBy.length > 0) {
    const names = [...new Set(grantedBy.map(({ roleName }) => roleName))]
    return { result: 'allowed', because: `Given by ${names.join(' and ')}.`, grantedBy }
  }
  if (giving.length > 0) return notChecked('A role that gives it has a condition, which is not evaluated.')
  if (joined.some(({ role }) => role === undefined))
    return notChecked('A role that is assigned there could not be read.')
  return {
    result: 'missing',
    because: 'No role of this identity there or above allows it.',
    grantedBy: [],
  }
}

function notChecked(because: string): IdentityVerdict {
  return { result: 'notChecked', because, grantedBy: [] }
}
