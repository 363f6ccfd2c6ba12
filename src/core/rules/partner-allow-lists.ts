import {
  type AllowListImpact,
  type AllowListUnread,
  INEFFECTIVE_REASONS,
} from '../../contract/allow-lists.ts'
import type { Finding } from '../../contract/finding.ts'
import { allowsFormerAddress, isAffected, movingOf } from '../allow-lists/allow-lists-plan.ts'
import { lastSegment } from '../arm/resource-id.ts'
import { resourceTypeName } from '../arm/resource-type-names.ts'
import { type HiddenAddresses, hiddenAddresses } from '../context/address-changes.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { agree, capitalized, listed, listedUpTo, these } from '../lib/text.ts'
import { documented, inferred } from '../references/references.ts'
import { allowHidden } from './hidden-addresses.ts'
import { type Check, rule } from './rule.ts'

type IneffectiveReason = (typeof INEFFECTIVE_REASONS)[number]

/** The most names in a sentence. The facts contain all names. */
const MAX_NAMES = 5

const firstNames = (names: string[]) => listedUpTo(MAX_NAMES, names)
const typeNames = (types: string[]) => firstNames(types.map((type) => `"${resourceTypeName(type)}"`))

/** Azure resources whose rules contain addresses that the cluster loses, and allow lists that were not searched. */
export const checkAllowLists: Check = (context) => {
  const { allowLists, snapshot, ledger, released, moves } = context
  const isLosing = ledger.some(
    ({ address, change }) => address !== null && (change === 'lost' || change === 'unknown'),
  )
  if (snapshot.surroundings === null || (!isLosing && released.length + moves.length === 0)) return []
  return [...staleEntries(context), ...unsearched(allowLists.coverage.unread)]
}

export const ALLOWLIST_NAMES_LOST_ADDRESS = rule<{
  entries: { resourceId: string; place: string; entry: string }[]
  /** What the lists must allow: addresses that exist, and the largest number of those that a list gets later. */
  add: string[]
  addLater: number
  /** What readers can do with the later addresses if no job reports them, because ARM never shows them. */
  hidden?: HiddenAddresses
  /** Whether the cluster loses or may lose a listed address. Otherwise, packets move between addresses that it keeps. */
  isLosing: boolean
}>('ALLOWLIST_NAMES_LOST_ADDRESS', {
  severity: 'warning',
  message: (f) =>
    f.isLosing
      ? `Rules of ${resources(f.entries)} contain addresses that the cluster loses or may lose.`
      : `Rules of ${resources(f.entries)} contain egress addresses of the cluster, but some traffic uses other addresses after the change.`,
  remedy: (f) =>
    `${additions(f)
      .map((text) => `${capitalized(text)}. `)
      .join(
        '',
      )}${f.isLosing ? 'After the change, remove only the entries that the report section "Allow lists of other resources" (`allowLists` in the JSON) marks for removal.' : 'The report section "Allow lists of other resources" (`allowLists` in the JSON) lists the rules.'}`,
  source: inferred('egress-outboundtype', { text: 'Azure Resource Graph, read by this service' }),
})

export const ALLOWLIST_ENTRY_INEFFECTIVE = rule<{
  entries: { resourceId: string; place: string; entry: string; reason: IneffectiveReason }[]
}>('ALLOWLIST_ENTRY_INEFFECTIVE', {
  severity: 'warning',
  message: (f) =>
    `Rules of ${resources(f.entries)} contain egress addresses of the cluster, but these rules have no effect on the cluster's traffic, because ${listed(reasonsIn(f.entries))}.`,
  remedy: (f) =>
    `Do not add the new addresses to these rules. If the cluster uses ${these('resource', idsIn(f.entries))}, give the subnets of the cluster access with virtual network rules or private endpoints. After the change, remove from these rules all addresses that the cluster no longer uses.`,
  source: documented('storage-network-security-limitations', 'virtual-network-service-endpoints-overview'),
})

const INEFFECTIVE_BECAUSE: Record<IneffectiveReason, string> = {
  sameRegion: 'storage accounts ignore IP rules for requests from the same region',
  serviceEndpoint: 'the subnets have service endpoints for these services',
}

function reasonsIn(entries: { reason: IneffectiveReason }[]): string[] {
  const reasons = new Set(entries.map(({ reason }) => reason))
  return INEFFECTIVE_REASONS.filter((reason) => reasons.has(reason)).map(
    (reason) => INEFFECTIVE_BECAUSE[reason],
  )
}

function additions(f: { add: string[]; addLater: number; hidden?: HiddenAddresses }): string[] {
  return [
    ...(f.add.length === 0 ? [] : [`add ${firstNames(f.add)} to these rules before the cutover`]),
    ...(f.addLater === 0
      ? []
      : [laterAdditions(f.add.length === 0 ? 'the new addresses' : 'the other new addresses', f.hidden)]),
  ]
}

function laterAdditions(addresses: string, hidden?: HiddenAddresses): string {
  return hidden === undefined
    ? `add ${addresses} to these rules as soon as the job reports these addresses`
    : allowHidden(hidden, addresses, 'these rules')
}

/** An entry that applies to no traffic of the cluster needs no successor. */
function staleEntries(context: PlanningContext): Finding[] {
  const { impacts } = context.allowLists
  const isIgnored = ({ ineffective }: AllowListImpact) => ineffective?.forAll === true
  const applying = impacts.filter((impact) => !isIgnored(impact))
  const ignored = impacts.flatMap(({ resourceId, place, entry, ineffective }) =>
    ineffective?.forAll === true ? [{ resourceId, place, entry, reason: ineffective.reason }] : [],
  )
  return [
    ...ALLOWLIST_NAMES_LOST_ADDRESS.when(applying.length > 0, {
      entries: applying.map(({ resourceId, place, entry }) => ({ resourceId, place, entry })),
      add: [...new Set(applying.flatMap(({ add }) => add))],
      addLater: Math.max(0, ...applying.map(({ addLater }) => addLater)),
      ...hiddenFact(context),
      isLosing: applying.some(({ covers }) => covers.some(({ change }) => change !== 'kept')),
    }),
    ...ALLOWLIST_ENTRY_INEFFECTIVE.ifAny({ entries: ignored }),
  ]
}

/** A job reports every address that does not exist yet. */
function hiddenFact(context: PlanningContext): { hidden?: HiddenAddresses } {
  const isReported = context.ledger.some(({ change, address }) => change === 'added' && address === null)
  const hidden = isReported ? null : hiddenAddresses(context)
  return hidden === null ? {} : { hidden }
}

export const ALLOWLIST_SCAN_INCOMPLETE = rule<{ types: string[] }>('ALLOWLIST_SCAN_INCOMPLETE', {
  severity: 'warning',
  message: (f) =>
    `Some allow lists of the resource type${agree(f.types, '', 's')} ${typeNames(f.types)} could not be searched, and may contain addresses that the cluster loses.`,
  remedy: (f) =>
    `Read the report section "Allow lists of other resources" (\`allowLists.coverage\` in the JSON): it states which allow lists were not searched, and why. If permissions are missing, assign the Reader role on the resources of ${these('type', f.types)} to the identity of this service, and create a new plan. Otherwise, search these allow lists manually.`,
  source: documented(
    { text: 'Azure Resource Graph, read by this service' },
    'guidance-for-throttled-requests',
  ),
})

/** What a plan could not read. The parts that no plan searches are only in `allowLists.coverage`: every plan lacks them. */
function unsearched(unread: AllowListUnread[]): Finding[] {
  const types = unread.filter(({ reason }) => reason !== 'not-searched').map(({ type }) => type)
  return ALLOWLIST_SCAN_INCOMPLETE.ifAny({ types: [...new Set<string>(types)] })
}

export const CONSUMERS_TO_TELL = rule<{
  names: string[]
  /** Whether the request states no addresses of some of these partners. */
  isUnlisted?: true
  /** Whether no partner allows an address that traffic leaves: traffic only gets additional addresses. */
  isOnlyMissing?: true
}>('CONSUMERS_TO_TELL', {
  severity: 'info',
  message: (f) =>
    `The allow lists of the partner${agree(f.names, '', 's')} ${firstNames(f.names.map((name) => `"${name}"`))} (\`consumers\` in the plan request)${f.isUnlisted === true ? ' may' : ''} ${f.isOnlyMissing === true ? 'lack addresses that traffic of the cluster uses after the change' : 'contain addresses that the cluster loses, may lose, or no longer uses for part of its traffic'}.`,
  remedy:
    'Give each partner two lists from the report section "Allow lists of other resources" (`allowLists.consumers` in the JSON): the addresses to add before the cutover, and the addresses to remove after the change.',
  source: documented('egress-outboundtype'),
})

/** The consumers in the request whose allow lists contain an address that the cluster loses, or whose traffic moves to other addresses. */
export const checkConsumers: Check = (context) => {
  const moving = movingOf(context.isChange ? context : null)
  const affected = context.allowLists.consumers.filter((consumer) => isAffected(consumer, moving))
  return CONSUMERS_TO_TELL.ifAny({
    names: affected.map(({ name }) => name),
    ...(affected.some(({ addresses }) => addresses.length === 0) ? { isUnlisted: true as const } : {}),
    ...(affected.some((consumer) => allowsFormerAddress(consumer, moving))
      ? {}
      : { isOnlyMissing: true as const }),
  })
}

function idsIn(entries: { resourceId: string }[]): string[] {
  return [...new Set(entries.map(({ resourceId }) => resourceId))]
}

/** ``the resource `kv-demo` ``. */
function resources(entries: { resourceId: string }[]): string {
  const ids = idsIn(entries)
  return `the resource${agree(ids, '', 's')} ${firstNames(ids.map((id) => `\`${lastSegment(id)}\``))}`
}
