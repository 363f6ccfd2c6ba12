import type { Campaign, CampaignStatus } from '../../contract/campaign.ts'
import { listed } from '../../core/lib/text.ts'
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
import type { MarkName } from '../document/labels.ts'

/** The label of each status. */
const STATUS_MARKS: Record<CampaignStatus, { mark: MarkName; word: string }> = {
  Planning: { mark: 'notChecked', word: 'Planning' },
  Planned: { mark: 'acknowledgeFirst', word: 'Planned' },
  Running: { mark: 'cutover', word: 'Running' },
  Paused: { mark: 'acknowledgeFirst', word: 'Paused' },
  Canceling: { mark: 'closed', word: 'Canceling' },
  Succeeded: { mark: 'ready', word: 'Succeeded' },
  PartlySucceeded: { mark: 'warning', word: 'Partly succeeded' },
  Failed: { mark: 'blocked', word: 'Failed' },
  Canceled: { mark: 'closed', word: 'Canceled' },
}

export function campaignMark(status: CampaignStatus): { mark: MarkName; word: string } {
  return STATUS_MARKS[status]
}

/** What a person can do if a campaign waits, by the code of the wait. Soak times and windows end without an action. */
const ACTIONS: Record<string, string | undefined> = {
  START: 'start',
  GATE: 'releaseGate',
  FAILURES: 'resume',
  PAUSED: 'resume',
  BLOCKED: 'resume',
}

/** The action that continues the campaign; null if no person has to do anything. */
export function awaitedAction({ waitsFor }: Campaign): string | null {
  return ACTIONS[waitsFor?.code ?? ''] ?? null
}

/** What a person does about members, by the code of what they wait for. */
const MEMBER_WAITS: Record<string, string> = {
  HELD: 'held before the cutover',
  APPROVAL_MISSING: 'waiting for an approval',
  APPROVAL_EXPIRED: 'with an expired approval',
}

/** The number of members that wait for this code. */
export function waitingOf({ waiting = [] }: Campaign, code: string): number {
  return waiting.find((item) => item.code === code)?.members ?? 0
}

/** `2 members held before the cutover`, for each such wait. */
function memberWaits(campaign: Campaign): string[] {
  return Object.entries(MEMBER_WAITS).flatMap(([code, words]) => {
    const count = waitingOf(campaign, code)
    return count === 0 ? [] : [`${pluralize(count, 'member')} ${words}`]
  })
}

/** Whether a person must decide about the campaign or about one of its members. */
export function awaitsDecision(campaign: Campaign): boolean {
  return (
    awaitedAction(campaign) !== null || campaign.members.NeedsDecision > 0 || memberWaits(campaign).length > 0
  )
}

/** `3 of 5 members have the target`, without those that a later job changed again, or that the caller may not see. */
export function campaignProgress({ members, changedAgain = 0, isPartial = false }: Campaign): string {
  const done = members.Succeeded + members.NoChange - changedAgain
  const all = Object.values(members).reduce((total, count) => total + count, 0)
  const again =
    changedAgain === 0
      ? ''
      : `; later jobs changed ${pluralize(changedAgain, 'member')} to another outbound type`
  const [one, many] = isPartial
    ? ['member that you have permission to see', 'members that you have permission to see']
    : ['member']
  return `${done} of ${pluralize(all, one ?? '', many)} ${done === 1 ? 'has' : 'have'} the target${again}`
}

/** Nothing if there are no campaigns. */
export function campaignTable(caption: string, campaigns: readonly Campaign[]): Block[] {
  return tableOf(caption, ['Campaign', 'State', 'Progress', 'Waits for', 'Created'], campaigns.map(rowOf))
}

function rowOf(campaign: Campaign): Cell[] {
  const { status, createdAt, createdBy } = campaign
  return [
    campaignLink(campaign),
    [campaignMark(status)],
    campaignProgress(campaign),
    { lines: waits(campaign) },
    [{ time: createdAt }, ' by ', { code: createdBy }],
  ]
}

const ISO_TIME = /(\d{4}-\d\d-\d\dT[\d:.]+Z)/

/** A message about a wait, with its times as readers expect them. */
export function waitText(message: string): Inline[] {
  return message
    .split(ISO_TIME)
    .flatMap((part): Inline[] => (ISO_TIME.test(part) ? [{ time: part }] : prose(part)))
}

function waits(campaign: Campaign): Text[] {
  const { waitsFor, members } = campaign
  const open = members.NeedsDecision
  const decisions: Inline[][] =
    open === 0 ? [] : [[{ mark: 'acknowledgeFirst', word: `${pluralize(open, 'member')} to decide about` }]]
  const lines = [
    ...(waitsFor === null ? [] : [waitText(waitsFor.message)]),
    ...decisions,
    ...memberWaits(campaign).map((word): Inline[] => [{ mark: 'acknowledgeFirst', word }]),
  ]
  return lines.length === 0 ? ['–'] : lines
}

export function campaignLink({ id, name }: Pick<Campaign, 'id' | 'name'>): Inline[] {
  return [{ link: name, url: `/v1/campaigns/${id}` }]
}

/** A row for what needs attention: subject, state, since, and what to do. */
export function attentionRow(campaign: Campaign): Cell[] {
  const { id, waitsFor, members } = campaign
  const action = awaitedAction(campaign)
  const open = members.NeedsDecision
  const toDo: Inline[] = [
    ...(action === null
      ? []
      : [
          ...waitText(waitsFor?.message ?? ''),
          ...(namesAction(waitsFor, action) ? [] : [' Send the action ', { code: action }, '.']),
          ' ',
        ]),
    ...(open === 0 ? [] : [`Decide about ${pluralize(open, 'member')} on the page of the campaign. `]),
    ...(memberWaits(campaign).length === 0
      ? []
      : [`The page of the campaign shows what to do about ${listed(memberWaits(campaign))}.`]),
  ]
  return [
    campaignLink({ id, name: campaign.name }),
    [{ mark: 'acknowledgeFirst', word: 'Campaign waits for a decision' }],
    // A wait of single members has no time of its own.
    waitsFor?.since === undefined ? '–' : [{ time: waitsFor.since }],
    toDo,
  ]
}

function namesAction(waitsFor: Campaign['waitsFor'], action: string): boolean {
  return new RegExp(`\\b${action}\\b`).test(waitsFor?.message ?? '')
}

/** The same for a campaign that ended without success of all members. */
export function endedRow(campaign: Campaign): Cell[] {
  return [
    campaignLink(campaign),
    [campaignMark(campaign.status)],
    [{ time: campaign.finishedAt ?? campaign.createdAt }],
    [`${campaignProgress(campaign)}. The page of the campaign lists the members without the target.`],
  ]
}

export function campaignsSection(campaigns: readonly Campaign[]): Section[] {
  return [
    {
      id: 'campaigns',
      title: 'Campaigns',
      count: campaigns.length,
      blocks: [
        ...(campaigns.length === 0
          ? [paragraph('No campaign is open.')]
          : campaignTable('Campaigns that have not ended, newest first', campaigns)),
        paragraph({ link: 'All campaigns', url: '/v1/campaigns' }),
      ],
    },
  ]
}
