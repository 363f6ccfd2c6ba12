import type { AllowListImpact, Consumer } from '../../contract/allow-lists.ts'
import type { EgressIpChange } from '../../contract/egress.ts'
import { lastSegment, parseResourceId } from '../../core/arm/resource-id.ts'
import { resourceTypeName } from '../../core/arm/resource-type-names.ts'
import { equalsArm } from '../../core/arm/words.ts'
import { isRemoved } from '../../core/job/removed-parts.ts'
import {
  type Block,
  type Cell,
  codeList,
  paragraph,
  pluralize,
  type Section,
  type Text,
  tableOf,
} from '../document/document.ts'
import { isCreatedUnused, isKeptUnused } from '../plan/ip-changes.ts'
import {
  endedIncomplete,
  isNeverExecuted,
  isSuperseded,
  type ReportedPlan,
  supersededText,
  type Times,
  timesOf,
} from '../plan/reported-plan.ts'
import { coverageOf } from './allow-list-coverage.ts'
import { noRollbackNeeded } from './rollback.ts'

const HEADING = {
  id: 'allow-lists',
  title: 'Allow lists of other resources',
  shortTitle: 'Allow lists',
}

/** Allow lists that contain a removed address or one from which traffic moves, the consumers that the request lists, and the coverage of the search. */
export function allowListsSection(plan: ReportedPlan): Section {
  const { allowLists } = plan
  if (isNeverExecuted(plan))
    return {
      ...HEADING,
      blocks: [paragraph('No job can execute this plan, so you do not need to change an allow list.')],
    }
  if (isSuperseded(plan))
    return {
      ...HEADING,
      blocks: [
        paragraph(
          'Do not edit allow lists because of this report.',
          ...supersededText(plan.execution?.supersededBy ?? null),
        ),
      ],
    }
  const times = timesOf(plan)
  const blocks = changesAddress(plan)
    ? [
        ...impactsOf(plan, times),
        ...withdrawnOf(plan),
        ...consumersOf(allowLists.consumers, times),
        ...coverageOf(allowLists),
      ]
    : [
        paragraph('No known address is removed or added, so you do not need to change an allow list.'),
        ...consumersOf(allowLists.consumers, times),
      ]
  const count = allowLists.impacts.length + allowLists.consumers.length
  return {
    ...HEADING,
    ...(count > 0 && { count }),
    blocks,
  }
}

function changesAddress({ allowLists: { impacts }, egressIps, findings }: ReportedPlan): boolean {
  const isChanged = ({ change, address, gainsTraffic }: ReportedPlan['egressIps'][number]) =>
    change === 'lost' ||
    change === 'added' ||
    gainsTraffic === true ||
    (change === 'unknown' && address !== null)
  return (
    impacts.length > 0 ||
    egressIps.some(isChanged) ||
    findings.some(({ code }) => code === 'UNUSED_IP_RELEASED')
  )
}

function impactsOf(plan: ReportedPlan, times: Times): Block[] {
  const { impacts, coverage } = plan.allowLists
  if (impacts.length > 0) return editList(impacts, plan.cluster.subscriptionId, times)
  const addresses = keptAddresses(plan)
  const reason = noRollbackNeeded(plan)
  if (reason !== null && addresses.length > 0)
    return [paragraph('Keep every entry that contains ', ...codeList(addresses), `, because ${reason}.`)]
  return [
    paragraph(
      coverage.complete
        ? 'No allow list contains an affected address.'
        : 'The search found no affected address in an allow list.',
    ),
  ]
}

/** The addresses that the cluster used before its job, and still uses. */
function keptAddresses({ egressIps }: ReportedPlan): string[] {
  return egressIps.flatMap((item) =>
    item.change === 'kept' && !isKeptUnused(item) ? (item.address ?? []) : [],
  )
}

/**
 * The search took place before the job created these addresses, so it did not find the entries that a hold asked for. An
 * address that a cleanup has deleted cannot be used again.
 */
function withdrawnOf(plan: ReportedPlan): Block[] {
  if (!endedIncomplete(plan)) return []
  const cleanups = plan.execution?.cleanups ?? []
  const created = plan.egressIps.filter(isCreatedUnused)
  const isReusable = ({ resourceId }: EgressIpChange) =>
    resourceId === null || !isRemoved(resourceId, cleanups)
  return [
    ...withdrawn(created.filter(isReusable), 'unless you repeat the change with the same addresses'),
    ...withdrawn(
      created.filter((item) => !isReusable(item)),
      null,
    ),
  ]
}

/** `exception`: when the entries can stay; null if they cannot. */
function withdrawn(items: EgressIpChange[], exception: string | null): Block[] {
  const addresses = items.flatMap(({ address }) => address ?? [])
  if (addresses.length === 0) return []
  const them = addresses.length === 1 ? 'it' : 'them'
  return [
    paragraph(
      'Remove ',
      ...codeList(addresses),
      ` from every allow list that contains ${them}${exception === null ? '' : `, ${exception}`}. This service cannot name these lists, because it searched before the job created ${addresses.length === 1 ? 'the address' : 'the addresses'}.`,
    ),
  ]
}

/** What readers do with an entry, in this order: the edits first, then the lists that only get new addresses. */
const editsAt = ({ remove }: Times): { caption: string; adds: boolean; removal: Removal }[] => [
  {
    caption: `Edit: add the new addresses, and remove the entry ${remove}`,
    adds: true,
    removal: 'remove',
  },
  { caption: `Edit: remove the entry ${remove}, and add nothing`, adds: false, removal: 'remove' },
  {
    caption:
      'Edit: add the new addresses, and remove nothing yet (the cluster may still use the old address)',
    adds: true,
    removal: 'uncertain',
  },
  {
    caption: 'Do not edit yet: the cluster may still use the address',
    adds: false,
    removal: 'uncertain',
  },
  {
    caption:
      'Edit: add the new addresses, and keep the entry, because the cluster continues to use the address',
    adds: true,
    removal: 'inUse',
  },
  {
    caption:
      'Edit: add the new addresses, and keep the entry, because its range also contains other addresses',
    adds: true,
    removal: 'wider',
  },
  { caption: 'Nothing to add and nothing to remove', adds: false, removal: 'inUse' },
  {
    caption: 'Nothing to add. Keep the entry, because its range also contains other addresses',
    adds: false,
    removal: 'wider',
  },
]

/** Whether the entry can be removed, or why it stays: it also matches other addresses, or its addresses are or may be in use. */
type Removal = 'remove' | 'uncertain' | 'wider' | 'inUse'

function removalOf({ removeLater, covers }: AllowListImpact): Removal {
  if (removeLater.length > 0) return 'remove'
  if (covers.some(({ change }) => change === 'unknown')) return 'uncertain'
  return covers.some(({ change }) => change === 'lost') ? 'wider' : 'inUse'
}

/** The new addresses once, then one table for each kind of edit. */
function editList(impacts: AllowListImpact[], clusterSubscriptionId: string, times: Times): Block[] {
  const growing = impacts.filter(adds)
  const additions = new Set(growing.map(({ add }) => add.join(', ')))
  const isCommon = additions.size <= 1
  const tables = editsAt(times).flatMap((edit) => {
    const rows = impacts.filter((impact) => adds(impact) === edit.adds && removalOf(impact) === edit.removal)
    const showsAdd = edit.adds && !isCommon
    return tableOf(
      edit.caption,
      ['Resource', 'Rule', 'Entry', ...(showsAdd ? ['Addresses to add'] : [])],
      rows.map((impact) => [
        resourceOf(impact, clusterSubscriptionId),
        ruleOf(impact),
        entryOf(impact),
        ...(showsAdd ? [impact.add.length === 0 ? 'only unknown addresses' : codeList(impact.add)] : []),
      ]),
    )
  })
  return [...newAddresses(growing, isCommon, times), ...tables]
}

/** Whether the list needs new addresses. IP rules that apply to no traffic of the cluster do not. */
function adds({ add, addLater, ineffective }: AllowListImpact): boolean {
  return ineffective?.forAll !== true && add.length + addLater > 0
}

/** The new addresses, shown once for all lists. Lists that need different addresses show them in their rows. */
function newAddresses(growing: AllowListImpact[], isCommon: boolean, times: Times): Block[] {
  const { add, unknown: isUnknown } = times
  const [first] = growing
  if (first === undefined) return []
  const later = Math.max(...growing.map(({ addLater }) => addLater))
  const unknown =
    later === 0
      ? []
      : [
          paragraph(
            { strong: `${isUnknown[0]?.toUpperCase()}${isUnknown.slice(1)}:` },
            ` ${pluralize(later, 'new address', 'new addresses')}. ${laterText(later, times)}`,
          ),
        ]
  if (!isCommon || first.add.length === 0) return unknown
  return [
    paragraph({ strong: `New addresses, to add ${add}:` }, ' ', ...codeList(first.add), '.'),
    ...unknown,
  ]
}

/** When lists can allow new addresses that are still unknown. */
function laterText(count: number, { known, isChangeable }: Times): string {
  const pronoun = count === 1 ? 'it' : 'them'
  return isChangeable
    ? `Allow lists cannot allow ${pronoun}, because Azure can change ${pronoun}.`
    : `Add ${pronoun} as soon as ${known} ${pronoun}.`
}

/** The name of the resource. The plan contains its whole ID. */
function resourceOf({ resourceId, type }: AllowListImpact, clusterSubscriptionId: string): Cell {
  const { subscriptionId, resourceGroup } = parseResourceId(resourceId) ?? {}
  const isElsewhere = subscriptionId !== undefined && !equalsArm(subscriptionId, clusterSubscriptionId)
  const location = `${resourceTypeName(type)} in ${resourceGroup ?? 'no resource group'}`
  const lines: Text[] = [[{ code: lastSegment(resourceId) }], location]
  return { lines: isElsewhere ? [...lines, `subscription ${subscriptionId}`] : lines }
}

/** The name of the rule, or the path in the body of the resource if the list has no names. */
function ruleOf({ rule, place, effect, inForce, ineffective }: AllowListImpact): Cell {
  const lines: Text[] = [[{ code: rule ?? place }]]
  if (effect === 'deny') lines.push('deny rule')
  if (!inForce) lines.push('not in effect')
  // Plans of earlier versions do not contain it.
  if (ineffective?.forAll === true)
    lines.push('not effective for this cluster: use virtual network rules or private endpoints')
  return { lines }
}

/** An entry, with the addresses of the cluster that it matches if it is wider or narrower than one of them. */
function entryOf({ entry, covers }: AllowListImpact): Cell {
  const addresses = covers.map(({ address }) => address)
  const isSame = addresses.length === 1 && entry.replace(/\/(32|128)$/, '') === addresses[0]
  return { lines: isSame ? [[{ code: entry }]] : [[{ code: entry }], `matches ${addresses.join(', ')}`] }
}

function consumersOf(consumers: Consumer[], { remove, unknown }: Times): Block[] {
  return tableOf(
    'Consumers to notify',
    ['Consumer', 'Contact', 'Addresses to add', `Addresses to remove ${remove}`],
    consumers.map((consumer) => [
      { lines: [consumer.name, ...(consumer.note === null ? [] : [consumer.note])] },
      consumer.contact ?? '',
      additionsOf(consumer, unknown),
      consumer.drop.join(', ') || 'nothing',
    ]),
  )
}

function additionsOf({ add, addLater }: Pick<Consumer, 'add' | 'addLater'>, unknown: string): string {
  const later = addLater === 0 ? [] : [`${addLater} ${unknown}`]
  return [...add, ...later].join(', ') || 'nothing'
}
