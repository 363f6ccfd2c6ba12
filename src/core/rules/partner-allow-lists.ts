import type { AllowListUnread } from '../../contract/allow-lists.ts'
import type { Finding } from '../../contract/finding.ts'
import { isAffected, movingOf } from '../allow-lists/allow-lists-plan.ts'
import { lastSegment } from '../arm/resource-id.ts'
import { listed } from '../lib/text.ts'

import { type Check, rule } from './rule.ts'

/** How many names a sentence carries; the facts carry all. */
const NAMED = 5

/** Which Azure resources still name addresses that go, and how far that was searched. */
export const checkAllowLists: Check = ({ allowLists: plan, snapshot, ledger, released }) => {
  const isLosing =
    released.length > 0 ||
    ledger.some(({ address, change }) => address !== null && (change === 'lost' || change === 'unknown'))
  if (snapshot.surroundings === null || !isLosing) return []
  return [...named(plan.impacts), ...unsearched(plan.coverage.unread)]
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
  confidence: 'inferred',
  source: 'EO; Azure Resource Graph, read by this service',
})

function named(impacts: { resourceId: string; place: string; entry: string; add: string[] }[]): Finding[] {
  if (impacts.length === 0) return []
  const entries = impacts.map(({ resourceId, place, entry }) => ({ resourceId, place, entry }))
  const add = [...new Set(impacts.flatMap((each) => each.add))]
  return [ALLOWLIST_NAMES_LOST_ADDRESS.finding({ entries, add })]
}

export const ALLOWLIST_SCAN_INCOMPLETE = rule<{ types: string[] }>('ALLOWLIST_SCAN_INCOMPLETE', {
  severity: 'warning',
  message: (f) =>
    `Not every allow-list could be searched for addresses that the cluster loses; those of ${some(f.types)} may name them unseen.`,
  remedy: () =>
    'Read in allowLists.coverage what is missing and why; give the planning identity Reader rights there, or look yourself.',
  confidence: 'documented',
  source: 'Azure Resource Graph, read by this service; ARG1',
})

export const ALLOWLIST_PARTS_NOT_SEARCHED = rule<{ types: string[] }>('ALLOWLIST_PARTS_NOT_SEARCHED', {
  severity: 'info',
  message: (f) => `A part of the allow-lists of ${some(f.types)} is never searched by a plan.`,
  remedy: () => 'Read in allowLists.coverage which part it is, and look there yourself.',
  confidence: 'documented',
  source: 'this service',
})

/** What ARM refused or a bound left out is worth a warning; what is never searched is only said. */
function unsearched(unread: AllowListUnread[]): Finding[] {
  const typesOf = (isOf: (each: AllowListUnread) => boolean) => [
    ...new Set(unread.filter(isOf).map(({ type }) => type as string)),
  ]
  const incomplete = typesOf(({ reason }) => reason !== 'not-searched')
  const never = typesOf(({ reason }) => reason === 'not-searched')
  return [
    ...(incomplete.length === 0 ? [] : [ALLOWLIST_SCAN_INCOMPLETE.finding({ types: incomplete })]),
    ...(never.length === 0 ? [] : [ALLOWLIST_PARTS_NOT_SEARCHED.finding({ types: never })]),
  ]
}

export const CONSUMERS_TO_TELL = rule<{ names: string[] }>('CONSUMERS_TO_TELL', {
  severity: 'info',
  message: (f) => `These consumers know addresses that the cluster loses or may lose: ${some(f.names)}.`,
  remedy: () =>
    'Tell each what allowLists.consumers says: what to add before the change, what to drop after it.',
  confidence: 'documented',
  source: 'EO',
})

/** Whom to tell of those that the request named: all who know an address that goes. */
export const checkConsumers: Check = (context) => {
  const moving = movingOf(context)
  const names = context.allowLists.consumers
    .filter((each) => isAffected(each, moving))
    .map(({ name }) => name)
  return names.length === 0 ? [] : [CONSUMERS_TO_TELL.finding({ names })]
}

function resourceNames(entries: { resourceId: string }[]): string[] {
  return [...new Set(entries.map(({ resourceId }) => resourceId))].map(lastSegment)
}

function some(names: string[]): string {
  if (names.length <= NAMED) return listed(names)
  return `${names.slice(0, NAMED).join(', ')} and ${names.length - NAMED} more`
}
