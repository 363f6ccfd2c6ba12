import { once } from '../once.ts'
import type { PermissionCheck, Preflight } from '../plan-preflight.ts'
import type { PlanningContext } from '../planning-context.ts'
import { TYPES } from '../resource-changes/change.ts'
import { resourceChanges } from '../resource-changes/resource-changes.ts'
import type { Reading, RightsFacts } from '../rights-facts.ts'
import type { Unread } from '../snapshot.ts'
import { checkCaller } from './caller-check.ts'
import { checkIdentity, type IdentityVerdict } from './identity-check.ts'
import { lockChecks } from './locks.ts'
import { policyChecks } from './policies.ts'
import { quotaOf } from './quota.ts'
import { type RequiredAction, requiredActions } from './required-actions.ts'

/** A permission check with what its finding needs beyond the contract. */
export interface FoundCheck extends PermissionCheck, Pick<RequiredAction, 'isEssential'> {
  grantedBy: IdentityVerdict['grantedBy']
}

export interface FoundPreflight extends Preflight {
  checks: FoundCheck[]
  /** Public IPs that AKS will make. */
  createdIps: number
}

/**
 * Everything that stands in the way of this change outside of the cluster itself. Where nothing is to be
 * changed nothing is needed.
 */
export const preflightOf = once((context: PlanningContext): FoundPreflight => {
  const { snapshot, isNoChange, transition } = context
  const rights = snapshot.surroundings?.rights ?? null
  const coverage = coverageOf(rights)
  if (isNoChange || transition === null || transition.support === 'unsupported')
    return { checks: [], locks: [], policies: [], quota: null, coverage, createdIps: 0 }
  const changes = resourceChanges(context)
  const created = changes.filter(({ action, type }) => action === 'create' && type === TYPES.publicIp)
  const createdIps = created.reduce((sum, { count }) => sum + count, 0)
  return {
    checks: requiredActions(context).map((required) => checkOf(required, context)),
    locks: lockChecks(changes, rights, snapshot.cluster),
    policies: policyChecks(created, snapshot),
    quota: quotaOf(createdIps, rights),
    coverage,
    createdIps,
  }
})

/** The part of it that is the contract. */
export function asContract(found: FoundPreflight): Preflight {
  const { createdIps: _, checks, ...rest } = found
  return { checks: checks.map(({ grantedBy: _by, isEssential: _is, ...check }) => check), ...rest }
}

function checkOf(required: RequiredAction, { snapshot }: PlanningContext): FoundCheck {
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
function coverageOf(rights: RightsFacts | null): Preflight['coverage'] {
  if (rights === null) return { complete: false, unread: [] }
  const { policies } = rights
  const readings: Reading<unknown>[] = [
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
