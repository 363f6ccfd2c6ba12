import type { PermissionCheck } from '../../contract/preflight.ts'
import { idKey, lastSegment } from '../arm/resource-id.ts'
import { foldCase } from '../lib/fold-case.ts'
import { matchesWildcard } from '../lib/wildcard.ts'
import {
  type AuthorizationFacts,
  factsOf,
  type PermissionFacts,
  type RoleAssignmentFacts,
  type RoleDefinitionFacts,
} from '../snapshot/authorization-facts.ts'
import type { ClusterFacts } from '../snapshot/snapshot.ts'
import type { RequiredAction } from './required-actions.ts'

/** Whether a role's pattern matches an action, ignoring case: `*` is any text (Azure RBAC, role definitions). */
export function matchesAction(pattern: string, action: string): boolean {
  return matchesWildcard(foldCase(pattern), foldCase(action))
}

/** Whether a role permits an action. The `notActions` of a role apply to that role only. */
export function permitsAction(permissions: PermissionFacts[], action: string): boolean {
  const includesAction = (patterns: string[]) => patterns.some((pattern) => matchesAction(pattern, action))
  return permissions.some(({ actions, notActions }) => includesAction(actions) && !includesAction(notActions))
}

/**
 * Whether the caller has a permission. An empty answer of ARM is a denial. A rejected read is not: an identity that may
 * not read permissions can still have them.
 */
export function checkCaller({ scope, action }: RequiredAction, rights: AuthorizationFacts | null): Grant {
  const permissions = rights?.callerPermissions[idKey(scope)]
  if (permissions === undefined)
    return notChecked('This service did not query Azure for its own permissions at this scope.')
  if ('unread' in permissions)
    return notChecked(
      permissions.unread.reason === 'denied'
        ? 'This identity is not allowed to read its permissions at this scope.'
        : `Azure did not return the permissions of this identity at this scope (${permissions.unread.code}).`,
    )
  if (permissions.facts.length === 0) return missing('This identity has no role at this scope or above.')
  return permitsAction(permissions.facts, action)
    ? {
        result: 'allowed',
        because: 'A role of this identity allows this action at this scope.',
        grantedBy: [],
      }
    : missing('No role of this identity at this scope or above allows this action.')
}

/**
 * Whether a setting on `scope` applies to `id`: to the resource itself and to everything below it. The root and
 * management groups apply to all: ARM lists them for a subscription only if they are above it.
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

/** Whether a principal has a permission. */
export interface Grant extends Pick<PermissionCheck, 'result' | 'because'> {
  /** The role assignments of the cluster's identity that grant it. */
  grantedBy: { assignment: RoleAssignmentFacts; roleName: string }[]
}

/** Whether the cluster's identity has a permission, from its role assignments and their definitions. */
export function checkIdentity(
  { scope, action }: RequiredAction,
  rights: AuthorizationFacts | null,
  cluster: ClusterFacts,
): Grant {
  if (cluster.identityPrincipalIds.length === 0)
    return notChecked(
      cluster.servicePrincipalClientId === null
        ? 'Azure Resource Manager shows no identity of the cluster.'
        : 'The cluster uses a service principal, whose object ID is not visible in Azure Resource Manager.',
    )
  const subscription = idKey(scope.split('/')[2] ?? '')
  const assignments = rights?.roleAssignments[subscription]
  if (assignments === undefined)
    return notChecked('This service did not request the role assignments at this scope from Azure.')
  if ('unread' in assignments)
    return notChecked(
      assignments.unread.reason === 'denied'
        ? 'This service is not allowed to read the role assignments of the subscription.'
        : `Azure did not return the role assignments of the subscription (${assignments.unread.code}).`,
    )
  const covering = assignments.facts.filter((assignment) => scopeCovers(assignment.scope, scope))
  return checkRoles(action, covering, factsOf(rights?.roleDefinitions[subscription]) ?? [])
}

function checkRoles(action: string, assignments: RoleAssignmentFacts[], roles: RoleDefinitionFacts[]): Grant {
  const assigned = assignments.map((assignment) => ({
    assignment,
    // A role has one ID under each subscription and one without; the last segment is the same.
    role: roles.find(({ id }) => idKey(lastSegment(id)) === idKey(lastSegment(assignment.roleDefinitionId))),
  }))
  const granting = assigned.flatMap(({ assignment, role }) =>
    role !== undefined && permitsAction(role.permissions, action)
      ? [{ assignment, roleName: role.roleName }]
      : [],
  )
  const grantedBy = granting.filter(({ assignment }) => assignment.condition === null)
  if (grantedBy.length > 0) {
    const roleNames = new Set(grantedBy.map(({ roleName }) => roleName))
    return { result: 'allowed', because: `Granted by ${[...roleNames].join(' and ')}.`, grantedBy }
  }
  if (granting.length > 0)
    return notChecked('A role that grants this action has a condition, which is not evaluated.')
  if (assigned.some(({ role }) => role === undefined))
    return notChecked('A role that is assigned at this scope could not be read.')
  return missing('No role of this identity at this scope or above allows this action.')
}

function missing(because: string): Grant {
  return { result: 'missing', because, grantedBy: [] }
}

function notChecked(because: string): Grant {
  return { result: 'notChecked', because, grantedBy: [] }
}
