import { finding } from '../findings/catalogue.ts'
import type { Finding } from '../plan.ts'
import type { PlanningContext } from '../planning-context.ts'
import { type FoundCheck, type FoundPreflight, preflightOf } from '../preflight/preflight.ts'
import type { Reading } from '../rights-facts.ts'
import type { Check } from './check.ts'

/** A new role reaches every part of Azure within this time (KN). */
const PROPAGATION_MINUTES = 60

/** What stands in the way outside of the cluster: rights, locks, policies and quota (needs N13). */
export const preflight: Check = (context) => {
  if (context.isNoChange) return []
  const found = preflightOf(context)
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

/** One finding for each principal and scope, with all the actions that it lacks there. */
function missing(checks: FoundCheck[]): Finding[] {
  const groups = new Map<string, FoundCheck[]>()
  for (const check of checks.filter(({ result }) => result === 'missing')) {
    const key = `${check.who} ${check.scope.toLowerCase()} ${check.isEssential}`
    groups.set(key, [...(groups.get(key) ?? []), check])
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    if (first === undefined) return []
    const { who, principalIds, scope, isEssential } = first
    const actions = group.map(({ action }) => action)
    return finding('PERM_MISSING', { who, principalIds, scope, actions, isEssential })
  })
}

function locks(found: FoundPreflight): Finding[] {
  return found.locks
    .filter(({ effect }) => effect !== 'none')
    .map(({ name, level, scope, effect, because }) =>
      finding('LOCK_BLOCKS_CHANGE', { lock: name, level, scope, blocks: effect === 'blocks', because }),
    )
}

function policies(found: FoundPreflight, { snapshot }: PlanningContext): Finding[] {
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
    finding('POLICY_MAY_DENY_PIP', { isCertain, needed, policies: list, unread })
  return [
    ...(denying.length > 0 ? [say(true, denying)] : []),
    ...(open.length > 0 || unread.length > 0 ? [say(false, open)] : []),
  ]
}

function quota({ quota: found }: FoundPreflight): Finding[] {
  if (found === null || found.atPeak <= found.limit) return []
  const { name: limitName, current, needed, atPeak, limit } = found
  return [finding('PIP_QUOTA', { limitName, current, needed, atPeak, limit })]
}

/** A right counts as young when everything that gives it is. */
function youngRoles(checks: FoundCheck[], takenAt: string): Finding[] {
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
  return roles.size === 0 ? [] : [finding('PERM_PROPAGATION', { roles: [...roles.values()] })]
}

/** Nothing is said where nobody looked: that is so for reports, which make no promise of rights. */
function unseen({ checks, createdIps }: FoundPreflight, { snapshot }: PlanningContext): Finding[] {
  const rights = snapshot.surroundings?.rights
  if (rights === undefined) return []
  const open = checks
    .filter(({ result }) => result === 'notChecked')
    .map(({ who, scope, action, because }) => ({ who, scope, action, because }))
  const unread = unreadOf([rights.locks, ...(createdIps > 0 ? [rights.usages] : [])])
  return [
    ...(open.length === 0 ? [] : [finding('PERM_NOT_CHECKED', { checks: open })]),
    ...(unread.length === 0 ? [] : [finding('PREFLIGHT_INCOMPLETE', { unread })]),
  ]
}

function clusterFacts({ snapshot: { cluster } }: PlanningContext): Finding[] {
  const { servicePrincipalClientId: clientId, nodeResourceGroup } = cluster
  const isLockedDown = cluster.nodeResourceGroupRestriction?.toLowerCase() === 'readonly'
  return [
    ...(isLockedDown ? [finding('NRG_LOCKDOWN', { nodeResourceGroup })] : []),
    ...(clientId === null ? [] : [finding('SP_CREDENTIALS', { clientId })]),
  ]
}

function unreadOf(readings: (Reading<unknown> | undefined)[]): string[] {
  return readings.flatMap((each) => (each !== undefined && 'unread' in each ? [each.unread.what] : []))
}
