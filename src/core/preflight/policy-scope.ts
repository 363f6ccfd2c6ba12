import { idKey } from '../resource-id.ts'
import type { PolicyAssignmentFacts, PolicyExemptionFacts } from '../rights-facts.ts'
import { covers } from './scopes.ts'

/** Whether an assignment holds in a resource group: enforced, at or above it, and not excluded there. */
export function appliesTo(assignment: PolicyAssignmentFacts, groupId: string): boolean {
  return (
    assignment.isEnforced &&
    covers(assignment.scope, groupId) &&
    !assignment.notScopes.some((scope) => covers(scope, groupId))
  )
}

/** The exemptions from an assignment that still hold in a resource group at a time (RFC 3339). */
export function exemptionsFrom(
  assignment: PolicyAssignmentFacts,
  exemptions: PolicyExemptionFacts[],
  groupId: string,
  at: string,
): PolicyExemptionFacts[] {
  return exemptions.filter(
    (each) =>
      idKey(each.assignmentId) === idKey(assignment.id) &&
      covers(each.scope, groupId) &&
      (each.expiresOn === null || Date.parse(each.expiresOn) > Date.parse(at)),
  )
}
