import type { CampaignReason, CampaignStatus, WAVE_STATUSES } from '../../contract/campaign.ts'
import { CAMPAIGN_END_STATUSES } from '../../contract/campaign.ts'
import type { CampaignWaveRequest, MemberStatus } from '../../contract/campaign-requests.ts'

/** A wave with its settings and its progress. */
export interface WaveState {
  settings: CampaignWaveRequest
  status: (typeof WAVE_STATUSES)[number]
  gate: { releasedAt: string; releasedBy: string } | null
  startedAt: string | null
  finishedAt: string | null
  /** Failed members since the last resume. */
  failures: number
}

/** A campaign without its members. */
export interface CampaignState {
  status: CampaignStatus
  waitsFor: CampaignReason | null
  startedAt: string | null
  finishedAt: string | null
  waves: WaveState[]
}

/** The data of a member that decisions need. */
export interface MemberState {
  id: string
  /** The position in the selection. */
  position: number
  /** The index of the wave. */
  wave: number
  status: MemberStatus
  waitsFor: CampaignReason | null
  /** Whether a user has paused the member: it is planned, but does not start. */
  isPaused: boolean
  /** The earliest time of the next start or planning. */
  notBefore: Date | null
  /** Keys of the network resources that the change concerns, shared with other members. */
  shares: readonly string[]
  movedBecause: string | null
  planId: string | null
  jobId: string | null
  /** Attempts to plan or start since the last success or decision. */
  attempts: number
  /** Whether a later job changed the cluster again after the member reached the target. Known only when no member is open. */
  isChangedAgain?: boolean
}

/** An entry of the log of a campaign, without its position in the log. */
export interface NewCampaignEvent {
  type: string
  memberId: string | null
  message: string
}

/** The campaign with the time since when it has waited for the same reason. */
export function withSince(next: CampaignState, before: CampaignState, now: Date): CampaignState {
  const { waitsFor } = next
  if (waitsFor === null) return next
  const isSame = before.waitsFor?.code === waitsFor.code
  const since = isSame ? before.waitsFor?.since : now.toISOString()
  return { ...next, waitsFor: { ...waitsFor, ...(since === undefined ? {} : { since }) } }
}

/** A member that has not ended keeps its wave open. */
const OPEN: readonly MemberStatus[] = ['Planning', 'Ready', 'NeedsDecision', 'Starting', 'Running']

export function isOpen({ status }: Pick<MemberState, 'status'>): boolean {
  return OPEN.includes(status)
}

/** Whether a member changes its cluster, or may start to change it at any moment. */
export function isActive({ status }: Pick<MemberState, 'status'>): boolean {
  return status === 'Starting' || status === 'Running'
}

export function hasEnded({ status }: Pick<CampaignState, 'status'>): boolean {
  return (CAMPAIGN_END_STATUSES as readonly string[]).includes(status)
}

export function initialCampaign(waves: readonly CampaignWaveRequest[]): CampaignState {
  return {
    status: 'Planning',
    waitsFor: null,
    startedAt: null,
    finishedAt: null,
    waves: waves.map((settings) => ({
      settings,
      status: 'Pending',
      gate: null,
      startedAt: null,
      finishedAt: null,
      failures: 0,
    })),
  }
}

export function initialMember(id: string, position: number, wave: number): MemberState {
  return {
    id,
    position,
    wave,
    status: 'Planning',
    waitsFor: null,
    isPaused: false,
    notBefore: null,
    shares: [],
    movedBecause: null,
    planId: null,
    jobId: null,
    attempts: 0,
  }
}

export const DEFAULT_MAX_CONCURRENT = 5
export const DEFAULT_MAX_FAILURES = 1

/** The campaign after the job of this member has failed. */
export function withFailure(
  campaign: CampaignState,
  { wave: index }: Pick<MemberState, 'wave'>,
): CampaignState {
  const count = (wave: WaveState, at: number) =>
    at === index ? { ...wave, failures: wave.failures + 1 } : wave
  return { ...campaign, waves: campaign.waves.map(count) }
}

/** The members, with these in their new states. */
export function withChanges(members: readonly MemberState[], changed: readonly MemberState[]): MemberState[] {
  const byId = new Map(changed.map((member) => [member.id, member]))
  return members.map((member) => byId.get(member.id) ?? member)
}
