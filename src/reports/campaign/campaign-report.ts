import type { Campaign, CampaignMember, MemberCounts } from '../../contract/campaign.ts'
import type { CampaignPlanning } from '../../contract/campaign-planning.ts'
import { parseResourceId } from '../../core/arm/resource-id.ts'
import {
  type Block,
  codeList,
  codeOrDash,
  type Inline,
  listBelow,
  paragraph,
  pluralize,
  prose,
  type ReportPage,
  type Section,
  tableOf,
  type Verdict,
} from '../document/document.ts'
import { ADVICE_LABELS } from '../document/labels.ts'
import { campaignProgress, waitText } from '../overview/home-campaigns.ts'
import { pageToHtml, pageToMarkdown } from '../page/report-page.ts'
import { costSection } from './campaign-cost.ts'

/** What a report of a campaign shows. */
export interface CampaignReportData {
  campaign: Campaign
  planning: CampaignPlanning
  /** The first members in the order of the selection. */
  members: readonly CampaignMember[]
  isSimulated: boolean
}

/** A campaign with its members and their merged plans as GitHub Flavored Markdown, for a ticket. */
export function markdownCampaignReport(data: CampaignReportData): string {
  return pageToMarkdown(toPage(data))
}

/** The same as one HTML page. */
export function htmlCampaignReport(data: CampaignReportData): string {
  return pageToHtml(toPage(data))
}

function toPage({ campaign, planning, members, isSimulated }: CampaignReportData): ReportPage {
  const { id, name, createdAt, createdBy, reason } = campaign
  return {
    heading: `Campaign ${name}`,
    verdict: verdictOf(campaign),
    isSimulated,
    identity: [
      ['Campaign', [{ code: id }]],
      ['Target', targetsOf(campaign)],
      ...leftOutRow(campaign),
      ['Created', [{ time: createdAt }, ' by ', { code: createdBy }]],
      ['Reason', reason === null ? '–' : [{ code: reason }]],
    ],
    runningTitle: `Campaign ${id}`,
    sections: [
      wavesSection(campaign),
      membersSection(campaign, members),
      ...planningSections(planning, campaign.finishedAt !== null),
    ],
    links: [
      { text: 'Campaign', path: `/v1/campaigns/${id}` },
      { text: 'Public IP changes as JSON', path: `/v1/campaigns/${id}/ip-changes` },
    ],
  }
}

/** The merged plans of all members. After the end of the campaign, nothing is to be done later. */
export function planningSections(planning: CampaignPlanning, hasEnded: boolean): Section[] {
  return [
    attentionSection(planning),
    addressesSection(planning, hasEnded),
    allowListsSection(planning, hasEnded),
    quotaSection(planning),
    costSection(planning),
  ]
}

/** Each target once: of the rules in their order, and of all other clusters. */
export function targetsOf({ target, targetRules }: Campaign): Inline[] {
  const targets = [...targetRules.map((rule) => rule.target), ...(target === null ? [] : [target])]
  return codeList([...new Set(targets.map(({ outboundType }) => outboundType))])
}

/** How many clusters a report names in one place. */
const MAX_NAMES = 10

/** The selected clusters that are not members: readers could assume that they change. */
export function leftOutRow({ unmatched }: Campaign): [string, Inline[]][] {
  if (unmatched === undefined) return []
  const lead = `${pluralize(unmatched.count, 'cluster')} without a matching target rule: `
  return [['Left out', [lead, ...clusterNames(unmatched)]]]
}

/** The names of the first clusters, and how many there are besides. */
function clusterNames({ count, clusterIds }: { count: number; clusterIds: readonly string[] }): Inline[] {
  const names = clusterIds.slice(0, MAX_NAMES).map((id) => parseResourceId(id)?.name ?? id)
  const more = count > names.length ? [` and ${count - names.length} more`] : []
  return [...codeList(names), ...more]
}

function verdictOf(campaign: Campaign): Verdict {
  const { status, waitsFor, changedAgain } = campaign
  const sentence = `${campaignProgress(campaign)}.`
  const text: Inline[] = waitsFor === null ? [sentence] : [`${sentence} `, ...waitText(waitsFor.message)]
  const isBad = status === 'Failed' || status === 'PartlySucceeded' || changedAgain !== undefined
  return { mark: isBad ? 'warning' : status === 'Succeeded' ? 'ready' : 'info', word: status, sentence: text }
}

/** Only statuses with members, in the order of the contract. */
function countsText(members: MemberCounts): string {
  const present = Object.entries(members).filter(([, count]) => count > 0)
  return present.map(([status, count]) => `${count} ${status}`).join(', ') || '–'
}

function wavesSection({ waves }: Campaign): Section {
  const rows = waves.map(({ number, name, status, settings, gate, members, emptiedBecause }) => [
    name === null ? String(number) : [`${number} `, { code: name }],
    status,
    emptiedBecause === undefined ? countsText(members) : `none: ${emptiedBecause}`,
    `${settings.maxConcurrent ?? 5} at a time, pause at ${pluralize(settings.maxFailures ?? 1, 'failure')}`,
    gate.kind === 'manual' && gate.releasedAt === null ? 'manual, closed' : gate.kind,
  ])
  const columns = ['Wave', 'Status', 'Members', 'Limits', 'Gate']
  return { id: 'waves', title: 'Waves', count: waves.length, blocks: tableOf('Waves', columns, rows) }
}

/** By wave, in the order of the selection. */
function membersSection({ id, members: counts }: Campaign, members: readonly CampaignMember[]): Section {
  const all = Object.values(counts).reduce((total, count) => total + count, 0)
  const rows = members
    .toSorted((a, b) => a.wave - b.wave)
    .map(({ clusterId, wave, status, waitsFor, movedBecause, changedAgainBy }) => {
      const cluster = parseResourceId(clusterId)
      const notes = [waitsFor?.message, movedBecause, changeAgain(changedAgainBy)].flatMap(
        (note) => note ?? [],
      )
      return [
        String(wave),
        [{ code: cluster?.name ?? clusterId }],
        [codeOrDash(cluster?.resourceGroup ?? null)],
        status,
        notes.length === 0 ? '–' : { lines: notes.map((note) => prose(note)) },
      ]
    })
  const columns = ['Wave', 'Cluster', 'Resource group', 'Status', 'Because']
  const more =
    all > members.length
      ? [paragraph(`${all - members.length} more: see `, { code: `/v1/campaigns/${id}/members` }, '.')]
      : []
  return {
    id: 'members',
    title: 'Members',
    count: all,
    blocks: [...tableOf('Members', columns, rows), ...more],
  }
}

/** A note about the later job of a member; null if there is none. */
export function changeAgain(jobId: string | undefined): string | null {
  return jobId === undefined ? null : `Job \`${jobId}\` changed the cluster to another outbound type later.`
}

function attentionSection(planning: CampaignPlanning): Section {
  const { verdicts, leftOut, blockers, acknowledgements, missingPermissions, duration } = planning
  const total = duration.total
  const about = (duration.unmeasured ?? []).length === 0 ? 'About' : 'At least'
  const time = total === null ? '' : `${about} ${total.p50Minutes} min (90 %: ${total.p90Minutes} min). `
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
      paragraph(`Duration: ${time}${duration.because}`),
    ],
  }
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
  const columns = ['Address', 'Change', 'Firewall action', 'Members', 'New for']
  const table = tableOf('Public addresses of all members', columns, rows)
  return { id: 'addresses', title: 'Public addresses', count: rows.length, blocks: [...table, ...later] }
}

function allowListsSection({ allowLists }: CampaignPlanning, hasEnded: boolean): Section {
  const rows = allowLists.map(({ resourceId, add, addLater, removeLater, members }) => [
    [{ code: resourceId }],
    String(members),
    {
      lines: [
        ...add.map((entry): Inline[] => [{ code: entry }]),
        ...(addLater === 0 ? [] : [`${addLater} later`]),
      ],
    },
    { lines: removeLater.map((entry): Inline[] => [{ code: entry }]) },
  ])
  const columns = ['Allow list', 'Members', 'Add', hasEnded ? 'Remove' : 'Remove after the change']
  const blocks =
    rows.length === 0 ? [paragraph('No allow list needs a change.')] : tableOf('Allow lists', columns, rows)
  return { id: 'allow-lists', title: 'Allow lists', count: rows.length, blocks }
}

function quotaSection({ publicIpQuotas }: CampaignPlanning): Section {
  const rows = publicIpQuotas.map(
    ({ subscriptionId, location, current, readAt, limit, atPeak, exceeded }) => [
      [codeOrDash(subscriptionId)],
      location,
      [String(current), ...(readAt === undefined ? [] : [' (', { time: readAt }, ')'])],
      exceeded ? `${atPeak} (more than the limit)` : String(atPeak),
      String(limit),
    ],
  )
  const columns = ['Subscription', 'Location', 'Last reading', 'At the peak', 'Limit']
  const none = 'No member creates a public IP address, or the service could not read the usage.'
  const blocks = rows.length === 0 ? [paragraph(none)] : tableOf('Public IP addresses', columns, rows)
  return { id: 'quota', title: 'Public IP quota', blocks }
}
