import { idKey, parseResourceId } from '../core/arm/resource-id.ts'
import type { Origin } from '../core/audit/audit.ts'
import type { MemberState } from '../core/campaign/campaign-state.ts'
import {
  type MemberError,
  type MemberTerms,
  mayReadAgain,
  planned,
  planningFailed,
  READS_FAILED,
  startFailed,
} from '../core/campaign/member-outcomes.ts'
import { failedReads } from '../core/campaign/plan-coverage.ts'
import { type PlanFacts, planFacts } from '../core/campaign/plan-facts.ts'
import { isOpenNow, needsPerson } from '../core/campaign/waits.ts'
import { DomainError } from '../core/lib/errors.ts'
import type { PlanningRequest } from '../core/request/plan-request.ts'
import { campaignMessages } from '../core/webhooks/messages.ts'
import type { Queries } from '../database/engine/database.ts'
import { type ClaimedMember, endedJobs, saveClaimed } from '../database/stores/campaign-member-store.ts'
import {
  appendCampaignEvent,
  type StoredCampaign,
  storedCampaign,
} from '../database/stores/campaign-store.ts'
import { toSummary } from './campaign-view.ts'
import type { CampaignsDeps } from './deps.ts'

/** Another worker has claimed the member, or a user has changed it: the effect for it must roll back. */
class ClaimLostError extends Error {}

/** No job starts now: the campaign was paused, its window has closed, or a job has failed that it has not recorded yet. */
class NotNowError extends Error {}

/** Azure did not answer some reads: the plan is not stored, and the member is planned again. */
class ReadsFailedError extends Error {
  constructor(reads: readonly string[]) {
    super(
      `Azure did not answer ${reads.length} of the reads for the plan, such as ${reads[0]}. The service plans the member again.`,
    )
  }
}

/** Plans or starts a claimed member, and records what became of it. */
export async function workOnMember(deps: CampaignsDeps, member: ClaimedMember, token: string): Promise<void> {
  const campaign = await storedCampaign(deps.database.kysely, member.campaignId)
  if (campaign === null) throw new Error(`campaign ${member.campaignId} does not exist`)
  const work = { deps, member, token, campaign }
  const isStart = member.state.status === 'Starting'
  try {
    await (isStart ? startJob(work) : makePlan(work))
  } catch (error) {
    if (error instanceof ClaimLostError) return
    await record(work, isStart ? afterFailedStart(work, error) : afterFailedPlanning(work, error))
  }
}

interface Work {
  deps: CampaignsDeps
  member: ClaimedMember
  token: string
  campaign: StoredCampaign
}

async function makePlan(work: Work): Promise<void> {
  const { deps, member, campaign } = work
  const former = member.state.planId === null ? null : member.facts
  await deps.planning.makePlan(
    toPlanningRequest(work),
    campaign.createdBy,
    toOrigin(campaign, 'createPlan'),
    async (trx, plan) => {
      const failed = failedReads(plan)
      if (failed.length > 0 && mayReadAgain(member.state)) throw new ReadsFailedError(failed)
      const facts = planFacts(plan)
      await save(trx, work, planned(member.state, plan.id, facts, toTerms(work), former), facts)
    },
  )
}

async function startJob(work: Work): Promise<void> {
  const { deps, member, campaign } = work
  const { request, createdBy: by } = campaign
  const { facts, state } = member
  if (facts === null || state.planId === null)
    throw new DomainError('PLAN_NOT_FOUND', { planId: state.planId })
  const { acknowledge, acceptedCodes } = toTerms(work)
  const order = {
    planId: state.planId,
    acknowledge: facts.acknowledgements.filter((code) => [...acknowledge, ...acceptedCodes].includes(code)),
    reason: toReason(campaign),
    by,
    holdBeforeCutOver: request.holdBeforeCutOver === true && facts.canHold === true,
    onFailure:
      request.onFailure === 'rollBack' && facts.canRollBack ? ('rollBack' as const) : ('stop' as const),
  }
  await deps.jobs.accept(order, {
    origin: toOrigin(campaign, 'createJob'),
    hook: async (trx, job) => {
      await assertMayStart(trx, work)
      await save(trx, work, { ...state, status: 'Running', waitsFor: null, jobId: job.id })
    },
  })
}

/** In the transaction that accepts the job, so that a pause, a ceiling and a window hold at any moment. */
async function assertMayStart(trx: Queries, { deps, campaign: { id }, member }: Work): Promise<void> {
  const campaign = await storedCampaign(trx, id, true)
  if (campaign?.state.status !== 'Running') throw new NotNowError()
  const window = campaign.state.waves[member.state.wave]?.settings.window
  if (window !== undefined && !isOpenNow(window, deps.now())) throw new NotNowError()
  const ended = await endedJobs(trx, id)
  if (ended.some(({ job }) => job.status === 'Failed')) throw new NotNowError()
}

function afterFailedPlanning({ deps, member }: Work, error: unknown): MemberState {
  return planningFailed(member.state, describe(deps, member, error), deps.now())
}

function afterFailedStart({ deps, member }: Work, error: unknown): MemberState {
  if (error instanceof NotNowError) return { ...member.state, status: 'Ready' }
  return startFailed(member.state, describe(deps, member, error), deps.now())
}

function describe(deps: CampaignsDeps, { state, clusterId }: ClaimedMember, error: unknown): MemberError {
  if (error instanceof DomainError) {
    const { holderJobId, retryAfterSeconds } = error.facts
    return {
      code: error.code,
      message: SENTENCES[error.code] ?? `${error.code}${holderJobId ? `: ${holderJobId}` : ''}`,
      retryAfterMs: typeof retryAfterSeconds === 'number' ? retryAfterSeconds * 1_000 : null,
    }
  }
  if (error instanceof ReadsFailedError)
    return { code: READS_FAILED, message: error.message, retryAfterMs: null }
  deps.logger.error({ memberId: state.id, cluster: clusterId, err: error }, 'member of a campaign failed')
  return {
    code: 'INTERNAL',
    message: 'An internal error occurred; the service retries.',
    retryAfterMs: null,
  }
}

/** What a member waits for, or why it cannot change, for the codes that occur most. */
const SENTENCES: Record<string, string> = {
  APPROVAL_MISSING: 'The plan needs the approval of a second person.',
  CLUSTER_LOCKED: 'Another job holds the lock of the cluster.',
  CLUSTER_NOT_FOUND: 'The cluster does not exist, or this service cannot read it.',
  AZURE_ACCESS_DENIED: 'The identity of this service lacks a permission to read the cluster.',
  AZURE_THROTTLED: 'Azure throttles this service.',
  AZURE_UNREACHABLE: 'Azure cannot be reached.',
  PLAN_STALE: 'The cluster has changed since it was planned.',
  PLAN_EXPIRED: 'The plan has expired.',
}

async function record(work: Work, next: MemberState): Promise<void> {
  try {
    await work.deps.database.kysely.transaction().execute((trx) => save(trx, work, next))
  } catch (error) {
    if (!(error instanceof ClaimLostError)) throw error
  }
}

/** The campaign is locked before its member, as in every other transaction. */
async function save(
  trx: Queries,
  { deps, member, token, campaign }: Work,
  next: MemberState,
  facts?: PlanFacts,
): Promise<void> {
  const message = `The member is now ${next.status}${next.waitsFor === null ? '' : `: ${next.waitsFor.message}`}`
  const isWaiting = campaign.state.status === 'Running' && needsPerson(next) && !needsPerson(member.state)
  const event = { type: isWaiting ? 'memberWaiting' : 'memberChanged', memberId: next.id, message }
  const entry = await appendCampaignEvent(trx, member.campaignId, event, deps.now())
  if (!(await saveClaimed(trx, next, { token, status: member.state.status }, facts)))
    throw new ClaimLostError()
  const messages = campaignMessages(toSummary(campaign), [entry])
  if (messages.length > 0) await deps.announce?.(trx, [idKey(member.clusterId)], messages)
}

function toTerms({ campaign: { request }, member: { acceptedCodes } }: Work): MemberTerms {
  return { acknowledge: request.acknowledge ?? [], acceptedCodes, rollBack: request.onFailure === 'rollBack' }
}

function toPlanningRequest({ campaign, member }: Work): PlanningRequest {
  const parsed = parseResourceId(member.clusterId)
  const { request } = campaign
  const rule = member.targetRule === null ? null : request.targetRules?.[member.targetRule]
  const { target, prepare } = rule ?? request
  const { verifyFromNodes, consumers, preparationGroups } = request
  if (parsed === null || target === undefined) throw new Error(`no cluster or target: ${member.clusterId}`)
  const { subscriptionId, resourceGroup, name } = parsed
  return {
    cluster: { subscriptionId, resourceGroup, name },
    target,
    authorizedRanges: request.authorizedRanges ?? 'widen',
    ...(prepare === undefined ? {} : { prepare }),
    ...(preparationGroups === undefined ? {} : { preparationGroups }),
    ...(verifyFromNodes === undefined ? {} : { verifyFromNodes }),
    ...(consumers === undefined ? {} : { consumers }),
    ...(request.upgradeNodeImages === undefined ? {} : { upgradeNodeImages: request.upgradeNodeImages }),
    reason: toReason(campaign),
    ...(request.labels === undefined ? {} : { labels: request.labels }),
  }
}

function toReason({ request, name }: StoredCampaign): string {
  return request.reason ?? `Campaign ${name}`
}

/** Plans and jobs of a campaign are audited as those of its creator; the request ID is the ID of the campaign. */
function toOrigin({ actor, id }: StoredCampaign, operation: string): Origin {
  return { actor, operation, address: null, userAgent: null, requestId: id }
}
