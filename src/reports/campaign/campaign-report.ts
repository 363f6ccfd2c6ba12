import type { Campaign, CampaignMember, MemberCounts } from '../../contract/campaign.ts'
import type { CampaignPlanning } from '../../contract/campaign-planning.ts'
import { parseResourceId } from '../../core/arm/resource-id.ts'
import {
  type Cell,
  codeList,
  codeOrDash,
  type Inline,
  paragraph,
  pluralize,
  prose,
  type ReportPage,
  type Section,
  tableOf,
  type Verdict,
} from '../document/document.ts'
import { campaignProgress, waitText } from '../overview/home-campaigns.ts'
import { pageToHtml, pageToMarkdown } from '../page/report-page.ts'
import { clusterNames, planningSections } from './campaign-planning-sections.ts'

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

export function targetsOf(campaign: Campaign): Inline[] {
  return codeList(targetNames(campaign))
}

/** Each target once: of the rules in their order, and of all other clusters. */
function targetNames({ target, targetRules }: Campaign): string[] {
  const targets = [...targetRules.map((rule) => rule.target), ...(target === null ? [] : [target])]
  return [...new Set(targets.map(({ outboundType }) => outboundType))]
}

/** The selected clusters that are not members: readers could assume that they change. */
export function leftOutRow({ unmatched }: Campaign): [string, Inline[]][] {
  if (unmatched === undefined) return []
  const lead = `${pluralize(unmatched.count, 'cluster')} without a matching target rule: `
  return [['Left out', [lead, ...clusterNames(unmatched)]]]
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
    `${pluralize(settings.maxConcurrent ?? 5, 'member')} at a time; pause at ${pluralize(settings.maxFailures ?? 1, 'failure')}`,
    gate.kind === 'manual' && gate.releasedAt === null ? 'manual, closed' : gate.kind,
  ])
  const columns = ['Wave', 'Status', 'Members', 'Limits', 'Gate']
  return { id: 'waves', title: 'Waves', count: waves.length, blocks: tableOf('Waves', columns, rows) }
}

/** By wave, in the order of the selection. */
function membersSection(campaign: Campaign, members: readonly CampaignMember[]): Section {
  const all = Object.values(campaign.members).reduce((total, count) => total + count, 0)
  const hasTargets = hasSeveralTargets(campaign)
  const placeOf = placesOf(members.map(({ clusterId }) => clusterId))
  const rows = members
    .toSorted((a, b) => a.wave - b.wave)
    .map((member) => memberRow(member, placeOf(member.clusterId), hasTargets))
  const columns = ['Wave', 'Cluster', 'Place']
  const more =
    all > members.length
      ? [
          paragraph(
            `${all - members.length} more: see `,
            { code: `/v1/campaigns/${campaign.id}/members` },
            '.',
          ),
        ]
      : []
  return {
    id: 'members',
    title: 'Members',
    count: all,
    blocks: [
      ...tableOf('Members', [...columns, ...(hasTargets ? ['Target'] : []), 'Status', 'Reason'], rows),
      ...more,
    ],
  }
}

function memberRow(member: CampaignMember, place: Inline[][], hasTargets: boolean): Cell[] {
  const { clusterId, wave, target, status, waitsFor, movedBecause, changedAgainBy } = member
  const cluster = parseResourceId(clusterId)
  const notes = [waitsFor?.message, movedBecause, changeAgain(changedAgainBy)].flatMap((note) => note ?? [])
  return [
    String(wave),
    [{ code: cluster?.name ?? clusterId }],
    { lines: place },
    ...(hasTargets ? [[codeOrDash(target?.outboundType ?? null)]] : []),
    status,
    notes.length === 0 ? '–' : { lines: notes.map((note) => prose(note)) },
  ]
}

/** The places of these clusters: clusters of one name exist in several resource groups and subscriptions. */
export function placesOf(clusterIds: readonly string[]): (clusterId: string) => Inline[][] {
  const subscriptions = new Set(clusterIds.map((id) => parseResourceId(id)?.subscriptionId))
  return (clusterId) => {
    const { resourceGroup, subscriptionId } = parseResourceId(clusterId) ?? {}
    const parts = subscriptions.size > 1 ? [resourceGroup, subscriptionId] : [resourceGroup]
    return parts.map((part) => [codeOrDash(part ?? null)])
  }
}

/** Whether members have different targets, so that each must name its own. */
export function hasSeveralTargets(campaign: Campaign): boolean {
  return targetNames(campaign).length > 1
}

/** A note about the later job of a member; null if there is none. */
export function changeAgain(jobId: string | undefined): string | null {
  return jobId === undefined
    ? null
    : `The later job \`${jobId}\` changed the cluster to another outbound type.`
}
