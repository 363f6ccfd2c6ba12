import {
  type Campaign,
  type CampaignSummary,
  MEMBER_STATUSES,
  type MemberCounts,
  type MemberStatus,
} from '../contract/campaign.ts'
import type { WaveState } from '../core/campaign/campaign-state.ts'
import type { StoredCampaign } from '../database/stores/campaign-store.ts'

interface Count {
  wave: number
  status: MemberStatus
  count: number
}

/** The campaign as callers see it, with the counts of the members that they may see. */
export function toCampaign(stored: StoredCampaign, counts: readonly Count[]): Campaign {
  const { request, state } = stored
  return {
    id: stored.id,
    name: stored.name,
    status: state.status,
    waitsFor: state.waitsFor,
    createdAt: stored.createdAt.toISOString(),
    createdBy: stored.createdBy,
    reason: request.reason ?? null,
    ...(request.labels === undefined ? {} : { labels: request.labels }),
    target: request.target ?? null,
    targetRules: request.targetRules ?? [],
    onFailure: request.onFailure ?? 'stop',
    acknowledge: request.acknowledge ?? [],
    startedAt: state.startedAt,
    finishedAt: state.finishedAt,
    members: sumCounts(counts),
    waves: state.waves.map((wave, index) => toWave(wave, index, counts)),
  }
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
