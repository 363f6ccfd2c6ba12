import type {
  Campaign,
  CampaignActionEffect,
  CampaignEvent,
  CampaignSummary,
  MemberCounts,
} from '../contract/campaign.ts'
import {
  type CampaignActionRequest,
  MEMBER_STATUSES,
  type MemberStatus,
} from '../contract/campaign-requests.ts'
import { type ClusterScope, inScope } from '../core/access/access-policy.ts'
import { idKey } from '../core/arm/resource-id.ts'
import type { WaveState } from '../core/campaign/campaign-state.ts'
import type { CommandEffect } from '../core/campaign/commands.ts'
import { EMPTIED_BECAUSE } from '../core/campaign/sharing-members.ts'
import { textOrNull } from '../core/lib/text.ts'
import type { StoredCampaign } from '../database/stores/campaign-store.ts'

interface Count {
  wave: number
  status: MemberStatus
  code: string | null
  count: number
  changedAgain: number
}

/** How many clusters that are not members a campaign lists. */
const MAX_UNMATCHED_IDS = 100

/** The campaign as a caller sees it, with the counts of the members that the caller may see. */
export function toCampaign(
  stored: StoredCampaign,
  counts: readonly Count[],
  { isPartial = false, reach = 'everything' }: { isPartial?: boolean; reach?: ClusterScope } = {},
): Campaign {
  const campaign = { ...completeView(stored, counts), ...unmatched(stored, reach) }
  return isPartial ? withoutOthers(campaign) : withEmptied(campaign)
}

/** The effect of an action as a caller sees it. */
export function toActionEffect(
  action: CampaignActionRequest['action'],
  { members, unchangedBecause }: CommandEffect,
): CampaignActionEffect {
  const count = members.length
  const object = count === 0 ? 'the campaign' : `${count} member${count === 1 ? '' : 's'}`
  return {
    action,
    changed: unchangedBecause === null,
    changedMembers: count,
    message: unchangedBecause ?? `The action \`${action}\` changed ${object}.`,
  }
}

/** A caller who sees only some of the members cannot know that a wave has none. */
function withEmptied(campaign: Campaign): Campaign {
  const isEmpty = (members: MemberCounts) => Object.values(members).every((count) => count === 0)
  const because = `${EMPTIED_BECAUSE.charAt(0).toUpperCase()}${EMPTIED_BECAUSE.slice(1)}`
  return {
    ...campaign,
    waves: campaign.waves.map((wave) =>
      isEmpty(wave.members) ? { ...wave, emptiedBecause: because } : wave,
    ),
  }
}

function unmatched({ request }: StoredCampaign, reach: ClusterScope): Pick<Campaign, 'unmatched'> {
  const ids = (request.unmatchedIds ?? []).filter((id) => inScope(reach, idKey(id)))
  if (ids.length === 0) return {}
  return { unmatched: { count: ids.length, clusterIds: ids.slice(0, MAX_UNMATCHED_IDS) } }
}

/**
 * For a caller who may not see every member: without names, resources and numbers of the others. `failures` are those that the
 * caller may see.
 */
function withoutOthers(campaign: Campaign): Campaign {
  const { target, targetRules, waves, waitsFor } = campaign
  return {
    ...campaign,
    isPartial: true,
    waitsFor: waitsFor === null ? null : { ...waitsFor, message: withoutCounts(waitsFor.message) },
    target: target === null ? null : { outboundType: target.outboundType },
    targetRules: targetRules.map((rule) => ({ target: { outboundType: rule.target.outboundType } })),
    waves: waves.map((wave) => {
      const { clusters: _clusters, where: _where, ...settings } = wave.settings
      return { ...wave, settings, failures: wave.members.Failed }
    }),
  }
}

/** An entry of the log for a caller who may not see every member. */
export function withoutCountsOfOthers(event: CampaignEvent): CampaignEvent {
  return event.memberId === null ? { ...event, message: withoutCounts(event.message) } : event
}

/** Sentences about members of the campaign contain their number. */
function withoutCounts(message: string): string {
  return message
    .replace(/: \d+ of \d+ members reached the target\.( Later jobs changed members again: \d+\.)?/, '.')
    .replace(/ has \d+ failed members?; the limit is \d+\./, ' has reached its limit of failed members.')
    .replace(/ waits for its members: .*/, ' waits for its members.')
    .replace(/ None of its members had a job, .*/, '')
}

function completeView(stored: StoredCampaign, counts: readonly Count[]): Campaign {
  const { request, state } = stored
  return {
    id: stored.id,
    name: stored.name,
    status: state.status,
    waitsFor: state.waitsFor,
    createdAt: stored.createdAt.toISOString(),
    createdBy: stored.createdBy,
    reason: textOrNull(request.reason),
    ...(request.labels === undefined ? {} : { labels: request.labels }),
    target: request.target ?? null,
    targetRules: request.targetRules ?? [],
    onFailure: request.onFailure ?? 'stop',
    acknowledge: request.acknowledge ?? [],
    startedAt: state.startedAt,
    finishedAt: state.finishedAt,
    members: sumCounts(counts),
    ...waitingMembers(counts),
    ...changedMembers(counts),
    waves: state.waves.map((wave, index) => toWave(wave, index, counts)),
  }
}

/** What members wait for, the most frequent first. */
function waitingMembers(counts: readonly Count[]): Pick<Campaign, 'waiting'> {
  const sums = new Map<string, number>()
  for (const { code, count } of counts) if (code !== null) sums.set(code, (sums.get(code) ?? 0) + count)
  if (sums.size === 0) return {}
  const sorted = [...sums].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
  return { waiting: sorted.map(([code, members]) => ({ code, members })) }
}

function changedMembers(counts: readonly Count[]): Pick<Campaign, 'changedAgain'> {
  const changedAgain = counts.reduce((total, count) => total + count.changedAgain, 0)
  return changedAgain === 0 ? {} : { changedAgain }
}

function toWave(wave: WaveState, index: number, counts: readonly Count[]): Campaign['waves'][number] {
  const { settings, gate, status, startedAt, finishedAt, failures } = wave
  return {
    number: index + 1,
    name: settings.name ?? null,
    status,
    settings,
    gate: {
      kind: settings.gate ?? 'automatic',
      releasedAt: gate?.releasedAt ?? null,
      releasedBy: gate?.releasedBy ?? null,
    },
    startedAt,
    finishedAt,
    failures,
    members: sumCounts(counts.filter((count) => count.wave === index)),
  }
}

function sumCounts(counts: readonly Count[]): MemberCounts {
  const total = (status: MemberStatus) =>
    counts.filter((count) => count.status === status).reduce((sum, { count }) => sum + count, 0)
  return Object.fromEntries(MEMBER_STATUSES.map((status) => [status, total(status)])) as MemberCounts
}

export function toSummary({
  id,
  name,
  request,
  state,
  createdAt,
  createdBy,
}: Omit<StoredCampaign, 'logLength'>): CampaignSummary {
  const { status, finishedAt } = state
  return {
    id,
    name,
    status,
    createdAt: createdAt.toISOString(),
    createdBy,
    finishedAt,
    ...(request.labels === undefined ? {} : { labels: request.labels }),
  }
}
