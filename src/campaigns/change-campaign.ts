import type { Campaign } from '../contract/campaign.ts'
import type { CampaignActionRequest } from '../contract/campaign-requests.ts'
import { inScope } from '../core/access/access-policy.ts'
import { isSamePerson } from '../core/access/approvals.ts'
import { advance } from '../core/campaign/advance.ts'
import { hasEnded, type MemberState, withFailure } from '../core/campaign/campaign-state.ts'
import { applyAction, resolveMembers } from '../core/campaign/commands.ts'
import { jobEnded, missingCodes, WITHOUT_ROLLBACK } from '../core/campaign/member-outcomes.ts'
import { DomainError } from '../core/lib/errors.ts'
import { campaignMessages } from '../core/webhooks/campaign-messages.ts'
import { auditAllowed } from '../database/audit/audit-log.ts'
import type { Queries } from '../database/engine/database.ts'
import {
  acceptCodes,
  endedJobs,
  memberStates,
  membersById,
  saveMembers,
} from '../database/stores/campaign-member-store.ts'
import { countMembers, memberClusters } from '../database/stores/campaign-results.ts'
import {
  type CampaignChange,
  type StoredCampaign,
  saveCampaign,
  storedCampaign,
} from '../database/stores/campaign-store.ts'
import { ClusterScopes } from '../database/stores/visible-clusters.ts'
import { toCampaign, toSummary } from './campaign-view.ts'
import { type CampaignCall, campaignVersion } from './campaigns.ts'
import type { CampaignsDeps } from './deps.ts'
import { membersDenied } from './order-campaign.ts'

/** Applies the action of a user. The next look at the campaign carries it out. */
export async function actOnCampaign(
  deps: CampaignsDeps,
  id: string,
  requested: CampaignActionRequest,
  call: CampaignCall,
): Promise<Campaign> {
  const { by, origin, hook, precondition, reach } = call
  const visible = await new ClusterScopes(deps.database.kysely).resolve(reach)
  const seen = reach === undefined ? {} : { reach }
  const concernsMembers = requested.members !== undefined || requested.membersWhere !== undefined
  if (requested.action === 'cancel' && concernsMembers) await cancelJobs(deps, id, requested, call)
  const view = await deps.database.kysely.transaction().execute(async (trx) => {
    const campaign = await storedCampaign(trx, id, true)
    if (campaign === null) throw new DomainError('CAMPAIGN_NOT_FOUND', { campaignId: id })
    await assertMayAct(trx, deps, campaign, requested, call)
    precondition?.(campaignVersion(toCampaign(campaign, await countMembers(trx, [id], visible), seen)))
    const members = await memberStates(trx, id)
    const request = resolveMembers(members, requested)
    const accepted = await acceptedCodes(trx, campaign, request)
    const now = deps.now()
    const effect = applyAction(campaign.state, members, request, {
      by,
      now,
      missingCodes: (member) => accepted.get(member.id)?.missing ?? [],
    })
    await saveMembers(trx, effect.members)
    if (request.action === 'accept')
      for (const member of effect.members)
        await acceptCodes(trx, member.id, accepted.get(member.id)?.codes ?? [])
    const change = {
      state: effect.campaign,
      events: effect.events,
      nextCheckAt: hasEnded(effect.campaign) ? null : now,
      at: now,
    }
    await saveAndAnnounce(trx, deps, campaign, change)
    const counts = await countMembers(trx, [id], visible)
    const changed = toCampaign({ ...campaign, state: effect.campaign }, counts, seen)
    await hook?.(trx, changed)
    const reason = `campaign ${id}: ${requested.action}${requested.reason === undefined ? '' : `: ${requested.reason}`}`
    await auditAllowed(trx, deps, origin, { clusterId: null, planId: null, jobId: null, reason })
    return changed
  })
  deps.logger.info({ campaignId: id, action: requested.action, by }, 'campaign changed')
  return view
}

/**
 * Cancels the jobs of running members, in transactions of their own. They come first: after a crash, the caller repeats
 * the request.
 */
async function cancelJobs(
  deps: CampaignsDeps,
  id: string,
  request: CampaignActionRequest,
  call: CampaignCall,
): Promise<void> {
  const db = deps.database.kysely
  const campaign = await storedCampaign(db, id)
  if (campaign === null) throw new DomainError('CAMPAIGN_NOT_FOUND', { campaignId: id })
  await assertMayAct(db, deps, campaign, request, call)
  const { members = [] } = resolveMembers(await memberStates(db, id), request)
  const found = await membersById(db, members)
  const running = found.filter(({ campaignId, state }) => campaignId === id && state.status === 'Running')
  for (const { state } of running)
    try {
      if (state.jobId === null) continue
      await deps.jobs.cancel(state.jobId, { by: call.by, abort: false }, { origin: call.origin })
    } catch (error) {
      const hasEnded = error instanceof DomainError && error.code === 'JOB_ALREADY_FINISHED'
      if (!hasEnded) throw error
    }
}

/** A caller who sees no member learns nothing; one who may not execute on all of them learns on which. */
async function assertMayAct(
  trx: Queries,
  deps: CampaignsDeps,
  { id, createdBy, actor, state }: StoredCampaign,
  { action, wave }: CampaignActionRequest,
  { by, origin, reach = 'everything', executable }: CampaignCall,
): Promise<void> {
  const clusters = await memberClusters(trx, id)
  const visible = clusters.filter(({ key }) => inScope(reach, key))
  if (visible.length === 0) throw new DomainError('CAMPAIGN_NOT_FOUND', { campaignId: id })
  const denied = clusters.filter(({ key }) => !inScope(executable, key))
  const toName = ({ key }: { key: string }) =>
    inScope(reach, key) ? (key.split('/').at(-1) ?? '') : 'clusters that you may not see'
  if (denied.length > 0) throw membersDenied([...new Set(denied.map(toName))].map((name) => ({ name })))
  const creator = { id: actor?.id ?? null, name: createdBy }
  const isOwn = isSamePerson({ id: origin.actor?.id ?? null, name: by }, creator)
  // Planning can still move a cluster of an earlier wave into this one.
  const isOfWave = (number: number) =>
    wave !== undefined && (state.status === 'Planning' ? number <= wave : number === wave)
  const isGuarded = clusters.some(
    (cluster) => isOfWave(cluster.wave + 1) && deps.needsApproval?.(cluster.key),
  )
  if (action === 'releaseGate' && isOwn && isGuarded)
    throw new DomainError('CAMPAIGN_GATE_NOT_INDEPENDENT', { createdBy }, ['/wave'])
}

/** For each member that is accepted: all codes that are then acknowledged for it, and those that are still missing. */
async function acceptedCodes(
  trx: Queries,
  { request: { acknowledge = [], onFailure } }: StoredCampaign,
  { action, members = [], acknowledge: added = [] }: CampaignActionRequest,
): Promise<Map<string, { codes: string[]; missing: string[] }>> {
  if (action !== 'accept') return new Map()
  const found = await membersById(trx, members)
  return new Map(
    found.map(({ state, facts, acceptedCodes: former }) => {
      const noRollback = state.waitsFor?.code === WITHOUT_ROLLBACK ? [WITHOUT_ROLLBACK] : []
      const codes = [...new Set([...former, ...added, ...noRollback])]
      const terms = { acknowledge, acceptedCodes: codes, rollBack: onFailure === 'rollBack' }
      return [state.id, { codes, missing: facts === null ? [] : missingCodes(facts, terms) }]
    }),
  )
}

/** Stores the state of a campaign, with the messages that follow from the new entries of its log. */
async function saveAndAnnounce(
  trx: Queries,
  { announce }: CampaignsDeps,
  campaign: StoredCampaign,
  change: CampaignChange,
): Promise<void> {
  await saveCampaign(trx, campaign, change)
  const entries = change.events.map((event, index) => ({
    ...event,
    sequence: campaign.logLength + index + 1,
    at: change.at.toISOString(),
  }))
  const messages = campaignMessages(toSummary({ ...campaign, state: change.state }), entries)
  if (announce === undefined || messages.length === 0) return
  const clusters = await memberClusters(trx, campaign.id)
  await announce(
    trx,
    clusters.map(({ key }) => key),
    messages,
  )
}

/** Looks at a campaign: records the jobs that have ended, and does what follows. */
export async function advanceCampaign(deps: CampaignsDeps, id: string): Promise<void> {
  const before = deps.now()
  const after = await deps.database.kysely.transaction().execute(async (trx) => {
    const campaign = await storedCampaign(trx, id, true)
    if (campaign === null || hasEnded(campaign.state)) return null
    const members = new Map((await memberStates(trx, id)).map((member) => [member.id, member]))
    const changed = new Map<string, MemberState>()
    const put = (member: MemberState) => {
      members.set(member.id, member)
      changed.set(member.id, member)
    }
    let { state } = campaign
    const events = []
    for (const { memberId, job } of await endedJobs(trx, id)) {
      const member = members.get(memberId)
      const next = member === undefined ? null : jobEnded(member, job)
      if (next === null) continue
      put(next)
      if (next.status === 'Failed') state = withFailure(state, next)
      events.push({ type: 'jobEnded', memberId, message: `The job ended as ${job.status}.` })
    }
    const result = advance(state, [...members.values()], before, deps.jumpedSince)
    for (const member of result.members) put(member)
    await saveMembers(trx, [...changed.values()])
    events.push(...result.events)
    await saveAndAnnounce(trx, deps, campaign, {
      state: result.campaign,
      events,
      nextCheckAt: result.nextCheckAt,
      at: before,
    })
    for (const { type, message } of result.events) deps.logger.info({ campaignId: id, event: type }, message)
    return result.campaign
  })
  if (after !== null && hasEnded(after)) deps.observer?.ended(after.status)
}
