import type { CampaignPlanning } from '../../contract/campaign-planning.ts'
import { lastSegment, parseResourceId } from '../../core/arm/resource-id.ts'
import { listedUpTo } from '../../core/lib/text.ts'
import {
  type Block,
  type Cell,
  codeList,
  codeOrDash,
  type Inline,
  listBelow,
  paragraph,
  pluralize,
  prose,
  type Section,
  type Text,
  tableOf,
} from '../document/document.ts'
import { ADVICE_LABELS } from '../document/labels.ts'

/** The merged plans of all members. After the end of the campaign, nothing is to be done later. */
export function planningSections(planning: CampaignPlanning, hasEnded: boolean): Section[] {
  return [
    attentionSection(planning),
    addressesSection(planning, hasEnded),
    allowListsSection(planning, hasEnded),
    ...consumersSections(planning, hasEnded),
    quotaSection(planning),
    costSection(planning),
  ]
}

/** How many clusters a report names in one place. */
const MAX_NAMES = 10

/** The names of the first clusters, and how many there are besides. */
export function clusterNames({
  count,
  clusterIds,
}: {
  count: number
  clusterIds: readonly string[]
}): Inline[] {
  const names = clusterIds.slice(0, MAX_NAMES).map((id) => parseResourceId(id)?.name ?? id)
  const more = count > names.length ? [` and ${count - names.length} more`] : []
  return [...codeList(names), ...more]
}

function attentionSection(planning: CampaignPlanning): Section {
  const { verdicts, leftOut, blockers, acknowledgements, missingPermissions, duration } = planning
  const total = duration.total
  const about = (duration.unmeasured ?? []).length === 0 ? 'About' : 'At least'
  const time =
    total === null ? '' : `${about} ${total.p50Minutes} min (90th percentile: ${total.p90Minutes} min). `
  return {
    id: 'planning',
    title: 'Result of planning',
    blocks: [
      paragraph(
        `${verdicts.applicable} applicable, ${verdicts.blocked} blocked, ${verdicts.noChange} without a change${leftOut === 0 ? '' : `, ${leftOut} skipped or canceled`}.`,
      ),
      ...countedList(
        'Blockers:',
        blockers.map(({ code, members }) => [code, members]),
      ),
      ...countedList(
        'Required acknowledgements:',
        acknowledgements.map(({ code, members, acknowledged }) => [
          code,
          members,
          acknowledged ? ', acknowledged' : ', not acknowledged for all members',
        ]),
      ),
      ...countedList(
        'Missing permissions:',
        missingPermissions.map(({ action, members }) => [action, members]),
      ),
      ...countedList(
        'Some reads failed, so the results of these members may be incomplete:',
        (planning.unread ?? []).map(({ part, code, members }) => [code, members, ` (${PARTS[part]})`]),
      ),
      paragraph(`Duration: ${time}${duration.because}`),
    ],
  }
}

const PARTS: Record<NonNullable<CampaignPlanning['unread']>[number]['part'], string> = {
  network: 'network',
  preflight: 'permissions, locks, policies and quotas',
  allowLists: 'allow lists',
}

function countedList(lead: string, items: [name: string, members: number, note?: string][]): Block[] {
  const texts = items.map(([name, members, note = '']): Inline[] => [
    { code: name },
    `: ${pluralize(members, 'member')}${note}`,
  ])
  return listBelow(lead, texts)
}

function addressesSection({ addresses, addressesKnownLater }: CampaignPlanning, hasEnded: boolean): Section {
  const rows = addresses.map(({ address, change, members, advice, newFor }) => [
    [{ code: address }],
    [{ mark: change }],
    hasEnded && advice === 'checkAfter' ? 'check now' : ADVICE_LABELS[advice],
    String(members),
    newFor === undefined ? '–' : clusterNames(newFor),
  ])
  const later =
    addressesKnownLater === 0
      ? []
      : [
          paragraph(
            `${pluralize(addressesKnownLater, 'more address is', 'more addresses are')} not known yet.`,
          ),
        ]
  const columns = ['Address', 'Change', 'Firewall action', 'Members', 'New for members']
  const table = tableOf('Public addresses of all members', columns, rows)
  return { id: 'addresses', title: 'Public addresses', count: rows.length, blocks: [...table, ...later] }
}

interface Edits {
  members: number
  add: string[]
  addLater: number
  removeLater: string[]
}

/** The cells of one list of edits after its name. */
function editCells({ members, add, addLater, removeLater }: Edits): Cell[] {
  const later = addLater === 0 ? [] : [`${addLater} later`]
  return [
    String(members),
    { lines: [...add.map((entry): Inline[] => [{ code: entry }]), ...later] },
    { lines: removeLater.map((entry): Inline[] => [{ code: entry }]) },
  ]
}

function editColumns(hasEnded: boolean): string[] {
  return [
    'Members',
    'Addresses to add',
    hasEnded ? 'Addresses to remove' : 'Addresses to remove after the change',
  ]
}

function allowListsSection({ allowLists, unread = [] }: CampaignPlanning, hasEnded: boolean): Section {
  const rows = allowLists.map((list) => [[{ code: list.resourceId }], ...editCells(list)])
  const columns = ['Allow list', ...editColumns(hasEnded)]
  const isComplete = unread.every(({ part }) => part === 'preflight')
  const none = isComplete ? 'No allow list needs a change.' : 'No allow list that was read needs a change.'
  const blocks = [
    ...(isComplete
      ? []
      : [
          paragraph(
            'Edits may be missing, because the service could not read everything. See “Result of planning”.',
          ),
        ]),
    ...(rows.length === 0 ? [paragraph(none)] : tableOf('Allow lists', columns, rows)),
  ]
  return { id: 'allow-lists', title: 'Allow lists', count: rows.length, blocks }
}

/** The partners that the request names, each with one list. */
function consumersSections({ consumers = [] }: CampaignPlanning, hasEnded: boolean): Section[] {
  if (consumers.length === 0) return []
  const rows = consumers.map((consumer) => [consumer.name, consumer.contact ?? '–', ...editCells(consumer)])
  const columns = ['Consumer', 'Contact', ...editColumns(hasEnded)]
  return [
    {
      id: 'consumers',
      title: 'Consumers to notify',
      shortTitle: 'Consumers',
      count: rows.length,
      blocks: tableOf('Consumers to notify', columns, rows),
    },
  ]
}

function quotaSection({ publicIpQuotas, unread = [] }: CampaignPlanning): Section {
  const rows = publicIpQuotas.map(
    ({ subscriptionId, location, current, readAt, limit, atPeak, exceeded }) => [
      [codeOrDash(subscriptionId)],
      location,
      [String(current), ...(readAt === undefined ? [] : [' (', { time: readAt }, ')'])],
      exceeded ? `${atPeak} (more than the limit)` : String(atPeak),
      String(limit),
    ],
  )
  const columns = ['Subscription', 'Location', 'Addresses in use', 'Addresses at peak', 'Quota']
  const isUnread = unread.some(({ part }) => part === 'preflight')
  const none = isUnread
    ? 'The public IP quota is unknown, because the service could not read the usage for every member.'
    : 'No member creates a public IP address.'
  const blocks = rows.length === 0 ? [paragraph(none)] : tableOf('Public IP addresses', columns, rows)
  return { id: 'quota', title: 'Public IP quota', blocks }
}

/** The sums over the members that change, with the resources that several members share. */
export function costSection({ cost: { sums, unknownMembers } }: CampaignPlanning): Section {
  const rows = sums.map(({ currency, members, before, after, difference, pricesAsOf }) => [
    currency,
    String(members),
    amount(before),
    amount(after),
    amount(difference),
    pricesAsOf,
  ])
  const columns = ['Currency', 'Members', 'Before', 'After', 'Difference', 'Oldest price']
  const sources = [...new Set(sums.flatMap(({ priceSources }) => priceSources))]
  const assumptions = [...new Set(sums.flatMap((sum) => sum.assumptions))]
  const unknown = `The cost of ${pluralize(unknownMembers, 'changing member')} is not completely known.`
  return {
    id: 'cost',
    title: 'Monthly cost before and after',
    shortTitle: 'Cost',
    blocks: [
      ...(sums.length === 0
        ? []
        : [
            paragraph(
              `An estimate from list prices, not an invoice. The prices come from ${sources.join('; ')}.`,
            ),
          ]),
      ...tableOf('Monthly cost of the members that change', columns, rows),
      ...(unknownMembers === 0 ? [] : [paragraph(unknown)]),
      ...(sums.length === 0 && unknownMembers === 0 ? [paragraph('No member changes.')] : []),
      ...listBelow(
        'Shared resources, counted once:',
        sums.flatMap(({ shared = [] }) => shared).map(sharedText),
      ),
      ...listBelow('Assumptions:', assumptions.map(prose)),
    ],
  }
}

type Shared = NonNullable<CampaignPlanning['cost']['sums'][number]['shared']>[number]

function sharedText({ resourceId, clusterIds }: Shared): Text {
  return [{ code: lastSegment(resourceId) }, `: ${listedUpTo(20, clusterIds.map(lastSegment))}`]
}

function amount(value: number): string {
  return value.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
}
