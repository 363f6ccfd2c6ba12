import type { Campaign, CampaignMember, MemberCounts } from '../../contract/campaign.ts'
import type { CampaignPlanning } from '../../contract/campaign-planning.ts'
import { MEMBER_STATUSES, type MemberStatus } from '../../contract/campaign-requests.ts'
import { parseResourceId } from '../../core/arm/resource-id.ts'
import { type BarPart, progressBar } from '../diagram/progress-bar.ts'
import {
  type Block,
  type Cell,
  type Inline,
  paragraph,
  pluralize,
  prose,
  type Section,
  type Text,
  tableOf,
} from '../document/document.ts'
import { type MarkName, windowText } from '../document/labels.ts'
import { campaignMark, campaignProgress, waitText } from '../overview/home-campaigns.ts'
import { pageToHtml } from '../page/report-page.ts'
import { decisionsSection } from './campaign-decisions.ts'
import { planningSections } from './campaign-planning-sections.ts'
import { changeAgain, hasSeveralTargets, leftOutRow, placesOf, targetsOf } from './campaign-report.ts'

/** The members of one status: those that the page shows, and whether there are more. */
export interface ShownMembers {
  status: MemberStatus
  items: CampaignMember[]
  hasMore: boolean
}

interface CampaignPageData {
  campaign: Campaign
  planning: CampaignPlanning
  members: ShownMembers[]
  isSimulated: boolean
  asOf: string
}

/** The statuses in the order of the page: first those that a person must look at. */
const SHOWN_STATUSES: readonly MemberStatus[] = [
  'NeedsDecision',
  'Failed',
  'Blocked',
  'Running',
  'Starting',
  'Ready',
  'Planning',
]

const ENDED_STATUSES: readonly MemberStatus[] = [
  'Succeeded',
  'NoChange',
  'Failed',
  'Blocked',
  'Skipped',
  'Canceled',
]

const MEMBER_MARKS: Record<MemberStatus, { mark: MarkName; word: string; tone: BarPart['tone'] }> = {
  NeedsDecision: { mark: 'acknowledgeFirst', word: 'waiting for a decision', tone: 'accept' },
  Failed: { mark: 'blocked', word: 'failed', tone: 'stop' },
  Blocked: { mark: 'blocked', word: 'blocked', tone: 'stop' },
  Running: { mark: 'cutover', word: 'running', tone: 'note' },
  Starting: { mark: 'cutover', word: 'starting', tone: 'note' },
  Ready: { mark: 'notChecked', word: 'ready', tone: 'rest' },
  Planning: { mark: 'notChecked', word: 'planning', tone: 'rest' },
  Succeeded: { mark: 'ready', word: 'succeeded', tone: 'good' },
  NoChange: { mark: 'noChange', word: 'no change', tone: 'good' },
  Skipped: { mark: 'closed', word: 'skipped', tone: 'rest' },
  Canceled: { mark: 'closed', word: 'canceled', tone: 'rest' },
}

/** The order of the parts of a bar: from done to not begun. */
const BAR_ORDER: readonly BarPart['tone'][] = ['good', 'note', 'accept', 'stop', 'rest']

/** A campaign for a person who follows it. `script` refreshes the page; it works without. */
export function htmlCampaignPage(data: CampaignPageData, script: string): string {
  const { campaign, planning, members, isSimulated, asOf } = data
  const { id, name, createdAt, createdBy, startedAt, finishedAt, reason, waitsFor, labels = {} } = campaign
  const shownLabels = Object.entries(labels).map(([label, value]) => `${label}=${value}`)
  return pageToHtml(
    {
      heading: `Campaign ${name}`,
      verdict: {
        ...campaignMark(campaign.status),
        sentence: [
          `${campaignProgress(campaign)}.`,
          ...(waitsFor === null ? [] : [' ', ...waitText(waitsFor.message)]),
        ],
      },
      isSimulated,
      identity: [
        ['Campaign', [{ code: id }]],
        ['Targets', targetsOf(campaign)],
        ...leftOutRow(campaign),
        ['Created', [{ time: createdAt }, ' by ', { code: createdBy }]],
        ['Started', timeOrDash(startedAt)],
        ['Finished', timeOrDash(finishedAt)],
        ['Updated', [{ time: asOf }]],
        ...(reason === null ? [] : [['Reason', reason] satisfies [string, Text]]),
        ...(shownLabels.length === 0
          ? []
          : [['Labels', [{ code: shownLabels.join(', ') }]] satisfies [string, Text]]),
      ],
      runningTitle: `Campaign ${id}`,
      sections: [
        ...decisionsSection(campaign, planning),
        wavesSection(campaign),
        membersSection(campaign, members),
        ...planningSections(planning, campaign.finishedAt !== null),
      ],
      links: [
        { text: 'Home: all plans and jobs', path: '/' },
        { text: 'All campaigns', path: '/v1/campaigns' },
        { text: 'Report for a ticket', path: `/v1/campaigns/${id}/planning` },
        { text: 'Members as JSON', path: `/v1/campaigns/${id}/members` },
        { text: 'Log as JSON', path: `/v1/campaigns/${id}/events` },
        { text: 'Public IP changes as JSON', path: `/v1/campaigns/${id}/ip-changes` },
      ],
    },
    finishedAt === null ? script : '',
  )
}

function timeOrDash(time: string | null): Text {
  return time === null ? '–' : [{ time }]
}

function wavesSection({ waves }: Campaign): Section {
  return {
    id: 'waves',
    title: 'Waves',
    count: waves.length,
    blocks: waves.map((wave): Block => {
      const { number, name, status, members, settings, gate, startedAt, finishedAt, failures } = wave
      const { emptiedBecause } = wave
      const isClosed = gate.kind === 'manual' && gate.releasedAt === null
      return {
        kind: 'part',
        title: [
          waveMark(status, members, isClosed),
          ` Wave ${number}`,
          ...(name === null ? [] : [`: ${name}`]),
        ],
        blocks: [
          emptiedBecause === undefined
            ? { kind: 'figure', caption: countsText(members), pictures: [progressBar(barOf(members))] }
            : paragraph(`No members: ${emptiedBecause}`),
          {
            kind: 'facts',
            facts: [
              ...(startedAt === null ? [] : [['Started', [{ time: startedAt }]] satisfies [string, Text]]),
              ...(finishedAt === null ? [] : [['Finished', [{ time: finishedAt }]] satisfies [string, Text]]),
              [
                'Limits',
                `${pluralize(settings.maxConcurrent ?? 5, 'member')} at a time; the campaign pauses at ${pluralize(settings.maxFailures ?? 1, 'failure')} (${failures} so far)`,
              ],
              ...(gate.kind === 'manual' ? [['Gate', gateText(wave)] satisfies [string, Text]] : []),
              ...(settings.soakMinutes === undefined || settings.soakMinutes === 0
                ? []
                : [['Soak time', `${settings.soakMinutes} min`] satisfies [string, Text]]),
              ...(settings.window === undefined
                ? []
                : [['Window', windowText(settings.window)] satisfies [string, Text]]),
            ],
          },
        ],
      }
    }),
  }
}

function waveMark(
  status: Campaign['waves'][number]['status'],
  members: MemberCounts,
  isClosed: boolean,
): Inline {
  if (status === 'Running') return { mark: 'cutover', word: 'Running' }
  if (status === 'Pending')
    return isClosed ? { mark: 'notChecked', word: 'Gate closed' } : { mark: 'notChecked', word: 'Pending' }
  const isGood = members.Failed + members.Blocked === 0
  return isGood ? { mark: 'ready', word: 'Finished' } : { mark: 'warning', word: 'Finished' }
}

function gateText({ gate: { releasedAt, releasedBy } }: Campaign['waves'][number]): Text {
  return releasedAt === null
    ? 'closed; a person must release it'
    : ['released ', { time: releasedAt }, ' by ', { code: releasedBy ?? '' }]
}

function countsText(members: MemberCounts): string {
  const present = MEMBER_STATUSES.filter((status) => members[status] > 0)
  return present.map((status) => `${members[status]} ${MEMBER_MARKS[status].word}`).join(', ')
}

function barOf(members: MemberCounts): BarPart[] {
  return BAR_ORDER.flatMap((tone) =>
    MEMBER_STATUSES.filter((status) => MEMBER_MARKS[status].tone === tone).map((status) => ({
      tone,
      count: members[status],
      word: MEMBER_MARKS[status].word,
    })),
  )
}

function membersSection(campaign: Campaign, members: ShownMembers[]): Section {
  const { id, members: counts } = campaign
  const hasTargets = hasSeveralTargets(campaign)
  const placeOf = placesOf(members.flatMap(({ items }) => items.map(({ clusterId }) => clusterId)))
  const order = [...SHOWN_STATUSES, ...MEMBER_STATUSES.filter((status) => !SHOWN_STATUSES.includes(status))]
  const shown = members.toSorted((a, b) => order.indexOf(a.status) - order.indexOf(b.status))
  return {
    id: 'members',
    title: 'Members',
    count: Object.values(counts).reduce((total, count) => total + count, 0),
    blocks: shown.map(({ status, items, hasMore }): Block => {
      const { mark, word } = MEMBER_MARKS[status]
      const table = tableOf(
        `Members: ${word}`,
        ['Cluster', 'Wave', ENDED_STATUSES.includes(status) ? 'Reason' : 'Waits for', 'Details'],
        items.map((item) => memberRow(item, placeOf(item.clusterId), hasTargets)),
      )
      const more = hasMore
        ? [paragraph({ link: 'All of them as JSON', url: `/v1/campaigns/${id}/members?status=${status}` })]
        : []
      const title: Inline[] = [{ mark, word: `${counts[status]} ${word}` }]
      return { kind: SHOWN_STATUSES.includes(status) ? 'part' : 'fold', title, blocks: [...table, ...more] }
    }),
  }
}

function memberRow(member: CampaignMember, place: Inline[][], hasTargets: boolean): Cell[] {
  const { id, clusterId, target, wave, movedBecause, waitsFor, isPaused, planId, jobId, changedAgainBy } =
    member
  const cluster = parseResourceId(clusterId)
  const path = [cluster?.subscriptionId, cluster?.resourceGroup, cluster?.name].map((part) =>
    encodeURIComponent(part ?? ''),
  )
  const links: Inline[][] = [
    ...(planId === null ? [] : [[{ link: 'Plan', url: `/v1/plans/${planId}` }]]),
    ...(jobId === null ? [] : [[{ link: 'Job', url: `/v1/jobs/${jobId}` }]]),
  ]
  const again = changeAgain(changedAgainBy)
  return [
    {
      lines: [
        [{ link: cluster?.name ?? clusterId, url: `/v1/clusters/${path.join('/')}/comparison` }],
        ...place,
        ...(hasTargets && target !== undefined ? [['to ', { code: target.outboundType }]] : []),
      ],
    },
    { lines: [String(wave), ...(movedBecause === null ? [] : [prose(movedBecause)])] },
    waitsFor === null
      ? isPaused
        ? prose('Paused by a user. To continue, send the action `resume`.')
        : again === null
          ? '–'
          : prose(again)
      : [{ code: waitsFor.code }, ' ', ...waitText(waitsFor.message)],
    { lines: [...links, ['Member ID ', { code: id }]] },
  ]
}
