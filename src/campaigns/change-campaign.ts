import type { Campaign } from '../contract/campaign.ts'
import type { CampaignActionRequest } from '../contract/campaign-requests.ts'
import { inScope } from '../core/access/access-policy.ts'
import { isSamePerson } from '../core/access/approvals.ts'
import { advance } from '../core/campaign/advance.ts'
import { hasEnded, isOpen, type MemberState, withSince } from '../core/campaign/campaign-state.ts'
import { applyAction, resolveMembers } from '../core/campaign/commands.ts'
import { missingCodes, WITHOUT_ROLLBACK } from '../core/campaign/member-outcomes.ts'
import { DomainError } from '../core/lib/errors.ts'
import { campaignMessages } from '../core/webhooks/messages.ts'
import { auditAllowed } from '../database/audit/audit-log.ts'
import type { Queries } from '../database/engine/database.ts'
import {
  acceptCodes,
  isPlanning,
  memberStates,
  membersById,
  saveMembers,
} from '../database/stores/campaign-member-store.ts'
import {
  changedAgain,
  countMembers,
  heldMembers,
  memberClusters,
} from '../database/stores/campaign-results.ts'
import {
  type CampaignChange,
  postponeCheck,
  type StoredCampaign,
  saveCampaign,
  storedCampaign,
} from '../database/stores/campaign-store.ts'
import { ClusterScopes } from '../database/stores/visible-clusters.ts'
import { toActionEffect, toCampaign, toSummary } from './campaign-view.ts'
import { type CampaignCall, campaignVersion } from './campaigns.ts'
import type { CampaignsDeps } from './deps.ts'
import { observeMembers } from './observe-members.ts'
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
  const isOfJobs = requested.action === 'release' || (requested.action === 'cancel' && concernsMembers)
  const commanded = isOfJobs ? await commandJobs(deps, id, requested, call) : new Set<string>()
  const view = await deps.database.kysely.transaction().execute(async (trx) => {
    const campaign = await storedCampaign(trx, id, true)
    if (campaign === null) throw new DomainError('CAMPAIGN_NOT_FOUND', { campaignId: id })
    await assertMayAct(trx, deps, campaign, requested, call)
    // Jobs that the action has released or canceled change the campaign: then it was checked before.
    if (!isOfJobs)
      precondition?.(campaignVersion(toCampaign(campaign, await countMembers(trx, [id], visible), seen)))
    const members = await memberStates(trx, id)
    const request = resolveMembers(members, requested)
    const accepted = await acceptedCodes(trx, campaign, request)
    const now = deps.now()
    const effect = applyAction(campaign.state, members, request, {
      by,
      now,
      missingCodes: (member) => accepted.get(member.id)?.missing ?? [],
      addsCodes: (member) => accepted.get(member.id)?.isAdded === true,
      hasReleased: (member) => request.action === 'release' && commanded.has(member.id),
    })
    const state = withSince(effect.campaign, campaign.state, now)
    await saveMembers(trx, effect.members)
    if (request.action === 'accept')
      for (const member of effect.members)
        await acceptCodes(trx, member.id, accepted.get(member.id)?.codes ?? [])
    const change = {
      state,
      events: effect.events,
      nextCheckAt: hasEnded(state) ? null : now,
      at: now,
    }
    await saveAndAnnounce(trx, deps, campaign, change)
    const counts = await countMembers(trx, [id], visible)
    const changed = {
      ...toCampaign({ ...campaign, state }, counts, seen),
      effect: toActionEffect(request.action, effect),
    }
    await hook?.(trx, changed)
    const reason = `campaign ${id}: ${requested.action}${requested.reason === undefined ? '' : `: ${requested.reason}`}`
    await auditAllowed(trx, deps, origin, { clusterId: null, planId: null, jobId: null, reason })
    return changed
  })
  const { changed, message } = view.effect
  deps.logger.info(
    { campaignId: id, action: requested.action, by },
    changed ? 'campaign changed' : `campaign not changed: ${message}`,
  )
  return view
}

/**
 * Cancels the jobs of running members, or releases those that are held, in transactions of their own. They come first:
 * after a crash, the caller repeats the request. Returns the members of these jobs.
 */
async function commandJobs(
  deps: CampaignsDeps,
  id: string,
  request: CampaignActionRequest,
  call: CampaignCall,
): Promise<Set<string>> {
  const db = deps.database.kysely
  const campaign = await storedCampaign(db, id)
  if (campaign === null) throw new DomainError('CAMPAIGN_NOT_FOUND', { campaignId: id })
  await assertMayAct(db, deps, campaign, request, call)
  const { reach, precondition } = call
  const counts = await countMembers(db, [id], await new ClusterScopes(db).resolve(reach))
  precondition?.(campaignVersion(toCampaign(campaign, counts, reach === undefined ? {} : { reach })))
  const states = await memberStates(db, id)
  const { members } = resolveMembers(states, request)
  const isRelease = request.action === 'release'
  const held = isRelease ? await heldMembers(db, id) : null
  const isChosen = ({ id: member }: MemberState) =>
    (members === undefined || members.some((item) => item.toLowerCase() === member)) &&
    held?.has(member) !== false
  const by = { by: call.by, ...(request.reason === undefined ? {} : { reason: request.reason }) }
  const { origin } = call
  const commanded = new Set<string>()
  for (const { id: member, status, jobId } of states.filter(isChosen))
    try {
      if (status !== 'Running' || jobId === null) continue
      if (isRelease) await deps.jobs.release(jobId, by, { origin })
      else await deps.jobs.cancel(jobId, { ...by, abort: false }, { origin })
      commanded.add(member)
    } catch (error) {
      if (!(error instanceof DomainError) || !PASSED.includes(error.code)) throw error
    }
  return commanded
}

/** The job has gone on meanwhile, or another caller was faster. */
const PASSED = ['JOB_ALREADY_FINISHED', 'JOB_NOT_HELD']

/**
 * A caller who sees no member learns nothing; a caller who may not execute on all concerned members learns on which. An
 * action that names members concerns only these.
 */
async function assertMayAct(
  trx: Queries,
  deps: CampaignsDeps,
  { id, createdBy, actor, state }: StoredCampaign,
  { action, wave, members }: CampaignActionRequest,
  { by, origin, reach = 'everything', executable }: CampaignCall,
): Promise<void> {
  const clusters = await memberClusters(trx, id)
  const visible = clusters.filter(({ key }) => inScope(reach, key))
  if (visible.length === 0) throw new DomainError('CAMPAIGN_NOT_FOUND', { campaignId: id })
  const isConcerned = ({ memberId }: { memberId: string }) =>
    members === undefined || members.some((id) => id.toLowerCase() === memberId)
  const denied = clusters.filter((cluster) => isConcerned(cluster) && !inScope(executable, cluster.key))
  const toName = ({ key }: { key: string }) =>
    inScope(reach, key) ? (key.split('/').at(-1) ?? '') : 'clusters that you have no permission to see'
  if (denied.length > 0) throw membersDenied([...new Set(denied.map(toName))].map((name) => ({ name })))
  const creator = { id: actor?.id ?? null, name: createdBy }
  const isOwn = isSamePerson({ id: origin.actor?.id ?? null, name: by }, creator)
  // Planning can still move a cluster of an earlier wave into this one.
  const isOfWave = (number: number) =>
    wave !== undefined && (state.status === 'Planning' ? number <= wave : number === wave)
  const isManual = state.waves[(wave ?? 0) - 1]?.settings.gate === 'manual'
  const isGuarded = clusters.some(
    (cluster) => isOfWave(cluster.wave + 1) && deps.needsApproval?.(cluster.key),
  )
  if (action === 'releaseGate' && isManual && isOwn && isGuarded)
    throw new DomainError('CAMPAIGN_GATE_NOT_INDEPENDENT', { createdBy }, ['/wave'])
}

/** For each member that is accepted: all codes that are then acknowledged for it, and those that are still missing. */
async function acceptedCodes(
  trx: Queries,
  { request: { acknowledge = [], onFailure } }: StoredCampaign,
  { action, members = [], acknowledge: added = [] }: CampaignActionRequest,
): Promise<Map<string, { codes: string[]; missing: string[]; isAdded: boolean }>> {
  if (action !== 'accept') return new Map()
  const found = await membersById(trx, members)
  return new Map(
    found.map(({ state, facts, acceptedCodes: former }) => {
      const noRollback = state.waitsFor?.code === WITHOUT_ROLLBACK ? [WITHOUT_ROLLBACK] : []
      const codes = [...new Set([...former, ...added, ...noRollback])]
      const terms = { acknowledge, acceptedCodes: codes, rollBack: onFailure === 'rollBack' }
      const missing = facts === null ? [] : missingCodes(facts, terms)
      return [state.id, { codes, missing, isAdded: codes.length > former.length }]
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
  for (const message of messages) {
    const { memberId } = message.data.campaignEvent
    // A message about a member is for those who may see its cluster.
    const concerned = clusters.filter((cluster) => memberId === null || cluster.memberId === memberId)
    await announce(
      trx,
      concerned.map(({ key }) => key),
      [message],
    )
  }
}

/** Looks at a campaign: records the jobs that have ended, and does what follows. */
export async function advanceCampaign(deps: CampaignsDeps, id: string): Promise<void> {
  const before = deps.now()
  const after = await deps.database.kysely.transaction().execute(async (trx) => {
    const campaign = await storedCampaign(trx, id, true)
    if (campaign === null || hasEnded(campaign.state)) return null
    if (campaign.state.status === 'Planning' && (await isPlanning(trx, id))) {
      await postponeCheck(trx, id)
      return null
    }
    const members = new Map((await memberStates(trx, id)).map((member) => [member.id, member]))
    const changed = new Map<string, MemberState>()
    const put = (member: MemberState) => {
      members.set(member.id, member)
      changed.set(member.id, member)
    }
    const seen = await observeMembers(trx, deps, campaign, [...members.values()])
    for (const member of seen.members) put(member)
    const present = await withChangedAgain(trx, id, [...members.values()])
    const result = advance(seen.state, present, before, deps.jumpedSince)
    for (const member of result.members) put(member)
    await saveMembers(trx, [...changed.values()])
    await saveAndAnnounce(trx, deps, campaign, {
      state: withSince(result.campaign, campaign.state, before),
      events: [...seen.events, ...result.events],
      nextCheckAt: hasEnded(result.campaign)
        ? null
        : nextCheck(result.nextCheckAt, seen.dependsOnApprovals, before),
      at: before,
    })
    for (const { type, message } of result.events) deps.logger.info({ campaignId: id, event: type }, message)
    return result.campaign
  })
  if (after !== null && hasEnded(after)) deps.observer?.ended(after.status)
}

/** Only the end of the campaign counts the members that a later job has changed again. */
async function withChangedAgain(
  trx: Queries,
  id: string,
  members: readonly MemberState[],
): Promise<readonly MemberState[]> {
  if (members.some(isOpen)) return members
  const changed = await changedAgain(trx, id)
  return members.map((member) => (changed.has(member.id) ? { ...member, isChangedAgain: true } : member))
}

/** An approval is given, withdrawn, or expires without a change of the campaign. */
const APPROVAL_LOOK_MS = 60_000

function nextCheck(requested: Date | null, dependsOnApprovals: boolean, now: Date): Date | null {
  const regular = new Date(now.getTime() + APPROVAL_LOOK_MS)
  if (!dependsOnApprovals) return requested
  return requested === null || requested > regular ? regular : requested
}
