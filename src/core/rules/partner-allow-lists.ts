import type { AllowListUnread } from '../../contract/allow-lists.ts'
import type { Finding } from '../../contract/finding.ts'
import { isAffected, movingOf } from '../allow-lists/allow-lists-plan.ts'
import { lastSegment } from '../arm/resource-id.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { listedUpTo } from '../lib/text.ts'

import { documented, inferred } from '../references/references.ts'
import { type Check, rule } from './rule.ts'

/** How many names a sentence carries; the facts carry all. */
const NAMED = 5

const some = (names: string[]) => listedUpTo(NAMED, names)

/** Which Azure resources still name addresses that the cluster loses, and what was not searched. */
export const checkAllowLists: Check = ({ allowLists, snapshot, ledger, released }) => {
  const isLosing =
    released.length > 0 ||
    ledger.some(({ address, change }) => address !== null && (change === 'lost' || change === 'unknown'))
  if (snapshot.surroundings === null || !isLosing) return []
  return [...staleEntries(allowLists), ...unsearched(allowLists.coverage.unread)]
}

export const ALLOWLIST_NAMES_LOST_ADDRESS = rule<{
  entries: { resourceId: string; place: string; entry: string }[]
  add: string[]
}>('ALLOWLIST_NAMES_LOST_ADDRESS', {
  severity: 'warning',
  message: (f) =>
    `Rules of other Azure resources name addresses that the cluster loses or may lose: ${some(resourceNames(f.entries))}.`,
  remedy: (f) =>
    `${f.add.length === 0 ? 'Add the new addresses as soon as they are known, where allowLists says so' : `Add ${some(f.add)} where allowLists says so, before the change`}, and take the old entries out after it.`,
  source: inferred('egress-outboundtype', { text: 'Azure Resource Graph, read by this service' }),
})

function staleEntries({ impacts }: PlanningContext['allowLists']): Finding[] {
  return ALLOWLIST_NAMES_LOST_ADDRESS.when(impacts.length > 0, {
    entries: impacts.map(({ resourceId, place, entry }) => ({ resourceId, place, entry })),
    add: [...new Set(impacts.flatMap(({ add }) => add))],
  })
}

export const ALLOWLIST_SCAN_INCOMPLETE = rule<{ types: string[] }>('ALLOWLIST_SCAN_INCOMPLETE', {
  severity: 'warning',
  message: (f) =>
    `Not every allow-list could be searched for addresses that the cluster loses; those of ${some(f.types)} may name them unseen.`,
  remedy:
    'Read in allowLists.coverage what is missing and why; give the planning identity Reader rights there, or look yourself.',
  source: documented(
    { text: 'Azure Resource Graph, read by this service' },
    'guidance-for-throttled-requests',
  ),
})

export const ALLOWLIST_PARTS_NOT_SEARCHED = rule<{ types: string[] }>('ALLOWLIST_PARTS_NOT_SEARCHED', {
  severity: 'info',
  message: (f) => `A part of the allow-lists of ${some(f.types)} is never searched by a plan.`,
  remedy: 'Read in allowLists.coverage which part it is, and look there yourself.',
  source: documented('this service'),
})

/** What a plan could not read is a warning; what a plan never reads is information. */
function unsearched(unread: AllowListUnread[]): Finding[] {
  const typesWhere = (isNeverSearched: boolean) => [
    ...new Set<string>(
      unread.filter(({ reason }) => (reason === 'not-searched') === isNeverSearched).map(({ type }) => type),
    ),
  ]
  return [
    ...ALLOWLIST_SCAN_INCOMPLETE.ifAny({ types: typesWhere(false) }),
    ...ALLOWLIST_PARTS_NOT_SEARCHED.ifAny({ types: typesWhere(true) }),
  ]
}

export const CONSUMERS_TO_TELL = rule<{ names: string[] }>('CONSUMERS_TO_TELL', {
  severity: 'info',
  message: (f) => `These consumers know addresses that the cluster loses or may lose: ${some(f.names)}.`,
  remedy: 'Tell each what allowLists.consumers says: what to add before the change, what to drop after it.',
  source: documented('egress-outboundtype'),
})

/** The consumers in the request that know an address that the cluster loses. */
export const checkConsumers: Check = (context) => {
  const moving = movingOf(context.isChange ? context : null)
  const names = context.allowLists.consumers
    .filter((consumer) => isAffected(consumer, moving))
    .map(({ name }) => name)
  return CONSUMERS_TO_TELL.ifAny({ names })
}

function resourceNames(entries: { resourceId: string }[]): string[] {
  return [...new Set(entries.map(({ resourceId }) => resourceId))].map(lastSegment)
}
