import type { PermissionCheck } from '../plan-preflight.ts'
import { idKey, nameOf } from '../resource-id.ts'
import type { Reading, RightsFacts, RoleAssignmentFacts, RoleDefinitionFacts } from '../rights-facts.ts'
import type { ClusterFacts } from '../snapshot.ts'
import { allows } from './actions.ts'
import type { RequiredAction } from './required-actions.ts'
import { covers } from './scopes.ts'

export interface IdentityVerdict extends Pick<PermissionCheck, 'result' | 'because'> {
  /** The assignments that give it; all of them may be too young to have spread. */
  grantedBy: { assignment: RoleAssignmentFacts; roleName: string }[]
}

/** What the cluster's own identity may do, from its role assignments and the definitions that these name. */
export function checkIdentity(
  required: RequiredAction,
  rights: RightsFacts | null,
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
  const covering = assignments.facts.filter((each) => covers(each.scope, required.scope))
  return verdictOf(required, covering, rights?.roleDefinitions[subscription])
}

function verdictOf(
  { action }: RequiredAction,
  covering: RoleAssignmentFacts[],
  definitions: Reading<RoleDefinitionFacts[]> | undefined,
): IdentityVerdict {
  const known = definitions !== undefined && 'facts' in definitions ? definitions.facts : []
  const joined = covering.map((assignment) => ({
    assignment,
    // The same role has an id under each subscription and one without; its last part is the same.
    role: known.find(({ id }) => idKey(nameOf(id)) === idKey(nameOf(assignment.roleDefinitionId))),
  }))
  const giving = joined.flatMap(({ assignment, role }) =>
    role !== undefined && allows(role.permissions, action) ? [{ assignment, roleName: role.roleName }] : [],
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
