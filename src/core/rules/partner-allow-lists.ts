import type { AllowListUnread } from '../../contract/allow-lists.ts'
import type { Finding } from '../../contract/finding.ts'
import { isAffected, movingOf } from '../allow-lists/allow-lists-plan.ts'
import { lastSegment } from '../arm/resource-id.ts'
import { resourceTypeName } from '../arm/resource-type-names.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { listedUpTo } from '../lib/text.ts'
import { documented, inferred } from '../references/references.ts'
import { type Check, rule } from './rule.ts'

/** The most names in a sentence. The facts contain all names. */
const MAX_NAMES = 5

const firstNames = (names: string[]) => listedUpTo(MAX_NAMES, names)
const typeNames = (types: string[]) => firstNames(types.map(resourceTypeName))

/** Azure resources whose rules contain addresses that the cluster loses, and allow lists that were not searched. */
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
    `Rules of other Azure resources contain addresses that the cluster loses or may lose: ${firstNames(resourceNames(f.entries))}.`,
  remedy: (f) =>
    `${f.add.length === 0 ? 'Add the new addresses as soon as they are known' : `Add ${firstNames(f.add)} before the change`}, and remove the old entries after the change; \`allowLists\` shows where.`,
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
    `Some allow lists of these resource types could not be searched and may contain addresses that the cluster loses: ${typeNames(f.types)}.`,
  remedy:
    'Read in `allowLists.coverage` which lists are missing and why. Assign the Reader role there to the planning identity, or search these lists manually.',
  source: documented(
    { text: 'Azure Resource Graph, read by this service' },
    'guidance-for-throttled-requests',
  ),
})

export const ALLOWLIST_PARTS_NOT_SEARCHED = rule<{ types: string[] }>('ALLOWLIST_PARTS_NOT_SEARCHED', {
  severity: 'info',
  message: (f) =>
    `A plan never searches some parts of the allow lists of these resource types: ${typeNames(f.types)}.`,
  remedy: 'Read in `allowLists.coverage` which parts these are, and search them manually.',
  source: documented('this service'),
})

/** Lists that a plan could not read cause a warning; lists that a plan never reads cause an info finding. */
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
  message: (f) =>
    `These consumers have allow lists with addresses that the cluster loses or may lose: ${firstNames(f.names)}.`,
  remedy:
    'Inform each consumer which addresses to add before the change and which to remove after it; `allowLists.consumers` lists them.',
  source: documented('egress-outboundtype'),
})

/** The consumers in the request whose allow lists contain an address that the cluster loses. */
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
