import type { AllowListUnread } from '../allow-lists/facts.ts'
import { finding } from '../findings/catalogue.ts'
import type { Finding } from '../plan.ts'
import type { Check } from './check.ts'

/** Which Azure resources still name addresses that go, and how far that was searched (ALLOWLIST_SCAN). */
export const allowLists: Check = ({ allowLists: plan, snapshot, ledger, released }) => {
  const isLosing =
    released.length > 0 ||
    ledger.some(({ address, change }) => address !== null && (change === 'lost' || change === 'unknown'))
  if (snapshot.surroundings === null || !isLosing) return []
  return [...named(plan.impacts), ...unsearched(plan.coverage.unread)]
}

function named(impacts: { resourceId: string; place: string; entry: string; add: string[] }[]): Finding[] {
  if (impacts.length === 0) return []
  const entries = impacts.map(({ resourceId, place, entry }) => ({ resourceId, place, entry }))
  const add = [...new Set(impacts.flatMap((each) => each.add))]
  return [finding('ALLOWLIST_NAMES_LOST_ADDRESS', { entries, add })]
}

/** What ARM refused or a bound left out is worth a warning; what is never searched is only said. */
function unsearched(unread: AllowListUnread[]): Finding[] {
  const typesOf = (isOf: (each: AllowListUnread) => boolean) => [
    ...new Set(unread.filter(isOf).map(({ type }) => type as string)),
  ]
  const incomplete = typesOf(({ reason }) => reason !== 'not-searched')
  const never = typesOf(({ reason }) => reason === 'not-searched')
  return [
    ...(incomplete.length === 0 ? [] : [finding('ALLOWLIST_SCAN_INCOMPLETE', { types: incomplete })]),
    ...(never.length === 0 ? [] : [finding('ALLOWLIST_PARTS_NOT_SEARCHED', { types: never })]),
  ]
}
