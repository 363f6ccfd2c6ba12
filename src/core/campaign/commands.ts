import type { CampaignStatus } from '../../contract/campaign.ts'
import {
  type CampaignActionRequest,
  MEMBER_ACTIONS,
  type MemberAction,
  type MemberStatus,
} from '../../contract/campaign-requests.ts'
import { DomainError } from '../lib/errors.ts'
import { listedCode } from '../lib/text.ts'
import type { CampaignState, MemberState, NewCampaignEvent } from './campaign-state.ts'
import { CANCEL_REQUESTED } from './member-outcomes.ts'
import { isChanged, repetition, UNCHANGED_MEMBERS } from './repeated-actions.ts'
import { isHeld } from './waits.ts'

/** The effect of an action: the new state of the campaign, the changed members, and the log entries. */
export interface CommandEffect {
  campaign: CampaignState
  members: MemberState[]
  events: NewCampaignEvent[]
  /** Why the action has changed nothing; null if it has changed something. */
  unchangedBecause: string | null
}

export interface CommandContext {
  by: string
  now: Date
  /** The codes that each of these members needs in addition to the codes of the campaign; empty if it needs none. */
  missingCodes: (member: MemberState) => string[]
  /** Whether the action acknowledges further codes for a member. */
  addsCodes?: (member: MemberState) => boolean
  /** Whether the action has released the job of a member. */
  hasReleased?: (member: MemberState) => boolean
}

/** The statuses of the campaign in which each action is possible. */
const POSSIBLE_IN: Record<CampaignActionRequest['action'], readonly CampaignStatus[]> = {
  start: ['Planned', 'Running', 'Paused'],
  pause: ['Running', 'Paused'],
  resume: ['Paused', 'Running'],
  cancel: ['Planning', 'Planned', 'Running', 'Paused', 'Canceling', 'Canceled'],
  // Before the end of planning, the plans cannot have been read.
  releaseGate: ['Planned', 'Running', 'Paused'],
  skip: ['Planning', 'Planned', 'Running', 'Paused'],
  retry: ['Planned', 'Running', 'Paused'],
  accept: ['Planned', 'Running', 'Paused'],
  // A canceled campaign waits for jobs that are held, too.
  release: ['Running', 'Paused', 'Canceling'],
}

const UNENDED: readonly CampaignStatus[] = ['Planning', 'Planned', 'Running', 'Paused', 'Canceling']
/** The same for actions that name members. */
const POSSIBLE_WITH_MEMBERS: Partial<typeof POSSIBLE_IN> = {
  pause: UNENDED,
  resume: UNENDED,
  cancel: UNENDED,
}

/** The statuses of the member in which each action is possible. */
const POSSIBLE_FOR: Record<MemberAction, readonly MemberStatus[]> = {
  pause: ['Planning', 'Ready', 'NeedsDecision', 'Starting'],
  resume: ['Planning', 'Ready', 'NeedsDecision', 'Starting', 'Running'],
  cancel: ['Planning', 'Ready', 'NeedsDecision', 'Blocked', 'Starting', 'Running', 'Canceled'],
  skip: ['Planning', 'Ready', 'NeedsDecision', 'Blocked', 'Skipped'],
  retry: ['Ready', 'NeedsDecision', 'Blocked', 'NoChange', 'Failed', 'Canceled', 'Skipped', 'Planning'],
  accept: ['NeedsDecision', 'Ready'],
  release: ['Running'],
}

/** The request with the IDs of the members that `membersWhere` matches and for which the action is possible. */
export function resolveMembers(
  members: readonly MemberState[],
  request: CampaignActionRequest,
): CampaignActionRequest {
  const { action, membersWhere } = request
  if (membersWhere === undefined || !isMemberAction(action)) return request
  const { status, wave, waitsFor } = membersWhere
  const matching = members.filter(
    (member) =>
      POSSIBLE_FOR[action].includes(member.status) &&
      (status === undefined || member.status === status) &&
      (wave === undefined || member.wave + 1 === wave) &&
      (waitsFor === undefined || member.waitsFor?.code === waitsFor),
  )
  if (matching.length === 0)
    throw notPossible(
      action,
      'no matching member has a status in which the action is possible',
      '/membersWhere',
    )
  return { ...request, members: matching.map(({ id }) => id) }
}

/** Applies the action of a user, or throws a `DomainError`. Repeating an action is not an error. */
export function applyAction(
  campaign: CampaignState,
  members: readonly MemberState[],
  request: CampaignActionRequest,
  context: CommandContext,
): CommandEffect {
  const { action, members: ids } = request
  const possible = (ids === undefined ? undefined : POSSIBLE_WITH_MEMBERS[action]) ?? POSSIBLE_IN[action]
  if (!possible.includes(campaign.status))
    throw notPossible(action, `the campaign has the status \`${campaign.status}\`, and ${requires(possible)}`)
  const withStatus = (status: CampaignStatus, changes: Partial<CampaignState> = {}): CommandEffect => ({
    campaign: { ...campaign, status, waitsFor: null, ...changes },
    members: [],
    events: [{ type: action, memberId: null, message: `${context.by} requested the action \`${action}\`.` }],
    unchangedBecause: null,
  })
  if (ids !== undefined && isMemberAction(action))
    return changeMembers(campaign, members, { ...request, action }, context)
  const repeated = repetition(action, campaign)
  if (repeated !== null) return unchanged(campaign, repeated)
  switch (action) {
    case 'start':
      return withStatus('Running', { startedAt: context.now.toISOString() })
    case 'pause':
      return withStatus('Paused', {
        waitsFor: { code: 'PAUSED', message: `${context.by} paused the campaign.` },
      })
    case 'resume':
      return withStatus('Running', { waves: campaign.waves.map((wave) => ({ ...wave, failures: 0 })) })
    case 'cancel':
      return {
        ...withStatus('Canceling'),
        members: members.flatMap((member) => canceled(member, { by: context.by, reason: request.reason })),
      }
    case 'release': {
      const hasReleased = (member: MemberState) => isHeld(member) || context.hasReleased?.(member) === true
      const held = members.filter(hasReleased).map((member) => ({
        ...member,
        ...AFTER.release(member, { by: context.by, reason: request.reason }),
      }))
      if (held.length === 0) return unchanged(campaign, 'No job of the campaign is held before its cutover.')
      return { ...withStatus(campaign.status, { waitsFor: campaign.waitsFor }), members: held }
    }
    case 'releaseGate':
      return releaseGate(campaign, request.wave ?? 0, context)
    default:
      throw new Error(`${action} needs members`)
  }
}

function unchanged(campaign: CampaignState, because: string): CommandEffect {
  return { campaign, members: [], events: [], unchangedBecause: because }
}

function isMemberAction(action: CampaignActionRequest['action']): action is MemberAction {
  return (MEMBER_ACTIONS as readonly string[]).includes(action)
}

/**
 * Running members continue to their end, because an incomplete change is worse than a complete change. No member is
 * planned again.
 */
function canceled(member: MemberState, who: Requester): MemberState[] {
  // It waits for its release all the same.
  if (isHeld(member)) return []
  if (member.status === 'Running')
    return [{ ...member, waitsFor: { code: CANCEL_REQUESTED, message: CAMPAIGN_CANCELED } }]
  const isOpen = ['Planning', 'Ready', 'NeedsDecision', 'Starting'].includes(member.status)
  return isOpen ? [{ ...member, ...AFTER.cancel(member, who) }] : []
}

const CAMPAIGN_CANCELED = 'The campaign was canceled. The job of the member continues to its end.'

function releaseGate(campaign: CampaignState, number: number, { by, now }: CommandContext): CommandEffect {
  const wave = campaign.waves[number - 1]
  if (wave === undefined) throw notPossible('releaseGate', `the campaign has no wave ${number}`, '/wave')
  if (wave.settings.gate !== 'manual')
    throw notPossible('releaseGate', `wave ${number} has no manual gate`, '/wave')
  if (wave.gate !== null) return unchanged(campaign, `The gate of wave ${number} has already been released.`)
  const gate = { releasedAt: now.toISOString(), releasedBy: by }
  const waves = campaign.waves.map((item) => (item === wave ? { ...wave, gate } : item))
  const message = `${by} released the gate of wave ${number}.`
  // The next tick re-evaluates what the campaign waits for.
  const isForGate = campaign.waitsFor?.code === 'GATE' && campaign.waves.find(isAhead) === wave
  return {
    campaign: { ...campaign, waves, ...(isForGate ? { waitsFor: null } : {}) },
    members: [],
    events: [{ type: 'gateReleased', memberId: null, message }],
    unchangedBecause: null,
  }
}

function isAhead({ status }: CampaignState['waves'][number]): boolean {
  return status === 'Pending'
}

function changeMembers(
  campaign: CampaignState,
  members: readonly MemberState[],
  request: CampaignActionRequest & { action: MemberAction },
  context: CommandContext,
): CommandEffect {
  const byId = new Map(members.map((member) => [member.id, member]))
  const { action } = request
  const missing = new Map<string, string[]>()
  const changed = (request.members ?? []).flatMap((id, index) => {
    const member = byId.get(id.toLowerCase())
    const pointer = `/members/${index}`
    if (member === undefined) throw notPossible(action, `${id} is not a member of the campaign`, pointer)
    if (!POSSIBLE_FOR[action].includes(member.status))
      throw notPossible(
        action,
        `member ${id} has the status \`${member.status}\`, and ${requires(POSSIBLE_FOR[action])}`,
        pointer,
      )
    const codes = action === 'accept' ? context.missingCodes(member) : []
    if (codes.length > 0) missing.set(member.id, codes)
    const who = { by: context.by, reason: request.reason }
    const next = { ...member, ...AFTER[action](member, who), notBefore: null, attempts: 0 }
    const hasEffect =
      isChanged(member, next) ||
      (action === 'accept' && context.addsCodes?.(member) === true) ||
      (action === 'release' && context.hasReleased?.(member) === true)
    return hasEffect ? [next] : []
  })
  if (missing.size > 0) {
    const codes = [...new Set([...missing.values()].flat())]
    throw new DomainError('ACKNOWLEDGEMENT_MISSING', { codes, members: [...missing.keys()] }, [
      '/acknowledge',
    ])
  }
  if (changed.length === 0) return unchanged(campaign, UNCHANGED_MEMBERS[action])
  const events = changed.map(({ id }) => ({
    type: action,
    memberId: id,
    message: `${context.by} requested the action \`${action}\`.`,
  }))
  // The next tick counts the members for which the campaign waits.
  const isOutdated = campaign.waitsFor?.code === 'MEMBERS' && action !== 'pause'
  return {
    campaign: isOutdated ? { ...campaign, waitsFor: null } : campaign,
    members: changed,
    events,
    unchangedBecause: null,
  }
}

/** Who requested an action, and why. */
interface Requester {
  by: string
  reason: string | undefined
}

function sentenceOf({ by, reason }: Requester, done: string): string {
  return `${by} ${done}.${reason === undefined ? '' : ` Reason: ${reason}`}`
}

const AFTER: Record<MemberAction, (member: MemberState, who: Requester) => Partial<MemberState>> = {
  // A repeated action keeps who skipped the member, and why.
  skip: ({ status, waitsFor }, who) => ({
    status: 'Skipped',
    waitsFor:
      status === 'Skipped' ? waitsFor : { code: 'SKIPPED', message: sentenceOf(who, 'skipped the member') },
  }),
  // A new plan that a user requests is not compared with the former plan.
  retry: () => ({ status: 'Planning', waitsFor: null, planId: null }),
  accept: () => ({ status: 'Ready', waitsFor: null }),
  pause: ({ status }) => ({ isPaused: true, status: status === 'Starting' ? 'Ready' : status }),
  resume: () => ({ isPaused: false }),
  // The job has been released before: the member no longer waits.
  release: (member) => ({ waitsFor: isHeld(member) ? null : member.waitsFor }),
  // The job of a running member is canceled. The end of the job determines the status of the member.
  cancel: ({ status, waitsFor }, who) => {
    const message = sentenceOf(who, 'canceled the member')
    if (status === 'Running' && waitsFor?.code === CANCEL_REQUESTED) return { waitsFor }
    if (status === 'Running') return { waitsFor: { code: CANCEL_REQUESTED, message } }
    // As above. It also keeps what the job has left.
    return status === 'Canceled'
      ? { waitsFor }
      : { status: 'Canceled', waitsFor: { code: 'CANCELED', message } }
  },
}

function requires(statuses: readonly string[]): string {
  return `the action requires ${statuses.length === 1 ? '' : 'one of '}${listedCode([...statuses])}`
}

function notPossible(action: string, reason: string, pointer = '/action'): DomainError {
  return new DomainError('CAMPAIGN_ACTION_NOT_POSSIBLE', { action, reason }, [pointer])
}
