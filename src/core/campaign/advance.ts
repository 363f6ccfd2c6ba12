import type { CampaignReason } from '../../contract/campaign.ts'
import {
  type CampaignState,
  DEFAULT_MAX_CONCURRENT,
  DEFAULT_MAX_FAILURES,
  hasEnded,
  isActive,
  isOpen,
  type MemberState,
  type NewCampaignEvent,
  type WaveState,
  withChanges,
} from './campaign-state.ts'
import { awaitReleases, end, endStatus } from './end-campaign.ts'
import { blockedEvents, blockSecondNetworks } from './gateway-conflicts.ts'
import { emptiedEvents, joinLater, joinSharingMembers, type Move } from './sharing-members.ts'
import {
  awaitsApproval,
  finishedMessage,
  hasHadJob,
  holdingCause,
  isExpired,
  isHeld,
  isRetried,
  isWaiting,
  soakEnd,
  windowStart,
} from './waits.ts'

/** The decisions of one check of a campaign. */
export interface Advance {
  campaign: CampaignState
  /** The changed members. */
  members: MemberState[]
  events: NewCampaignEvent[]
  /** The time of the next check without an event; null if only an event can change something. */
  nextCheckAt: Date | null
}

/** A member is planned again for a new approval this long before it can start. */
const RENEW_MS = 24 * 3_600_000

/**
 * Decides from its state what a campaign does next: which wave starts or ends, which members start, and whether the
 * campaign pauses or ends. No decision concerns an active member, so no member stops in its cutover.
 *
 * `jumpedSince` says by how many milliseconds the clock was set since a time: the soak time counts without that.
 */
export function advance(
  campaign: CampaignState,
  members: readonly MemberState[],
  now: Date,
  jumpedSince: (time: string) => number = () => 0,
): Advance {
  const none: Advance = { campaign, members: [], events: [], nextCheckAt: null }
  if (hasEnded(campaign)) return none
  if (campaign.status === 'Planning' && members.some(({ status }) => status === 'Planning')) return none
  const blocked = campaign.status === 'Canceling' ? [] : blockSecondNetworks(members)
  const step = decide(campaign, withChanges(members, blocked), now, jumpedSince)
  return after(blocked, blockedEvents(blocked), step)
}

/** A step with the members and events that precede it. */
function after(changed: readonly MemberState[], events: readonly NewCampaignEvent[], step: Advance): Advance {
  const later = new Set(step.members.map(({ id }) => id))
  return {
    ...step,
    members: [...changed.filter(({ id }) => !later.has(id)), ...step.members],
    events: [...events, ...step.events],
  }
}

function decide(
  campaign: CampaignState,
  members: readonly MemberState[],
  now: Date,
  jumpedSince: (time: string) => number,
): Advance {
  if (campaign.status === 'Planning') return endPlanning(campaign, members)
  const none: Advance = { campaign, members: [], events: [], nextCheckAt: null }
  if (campaign.status === 'Canceling')
    return members.some(isActive)
      ? { ...none, ...awaitReleases(campaign, members) }
      : { ...none, ...end(campaign, 'Canceled', members, now) }
  const moved = joinLater(members)
  if (campaign.status === 'Planned') return { ...none, members: moved, events: emptiedEvents(members, moved) }
  const step = new Step(campaign, withChanges(members, moved), now, jumpedSince).run()
  return after(moved, emptiedEvents(members, moved), step)
}

function endPlanning(campaign: CampaignState, members: readonly MemberState[]): Advance {
  // A cluster that does not change does not move other clusters into its wave.
  const changing = members.filter(({ status }) => status !== 'NoChange' && status !== 'Skipped')
  const moves = joinSharingMembers(changing)
  const byId = new Map<string, Move>(moves.map((move) => [move.id, move]))
  const moved = members.flatMap((member) => {
    const move = byId.get(member.id)
    return move === undefined ? [] : [{ ...member, ...move }]
  })
  const emptied = emptiedEvents(members, moves)
  const sentences = emptied.map(({ message }) => message)
  const message = 'All members are planned. The campaign waits for the action `start`.'
  const waitsFor = { code: 'START', message: [message, ...sentences].join(' ') }
  return {
    campaign: { ...campaign, status: 'Planned', waitsFor },
    members: moved,
    events: [...emptied, { type: 'planned', memberId: null, message: 'All members are planned.' }],
    nextCheckAt: null,
  }
}

/** One check of a running or paused campaign. */
class Step {
  readonly #waves: WaveState[]
  readonly #members: readonly MemberState[]
  readonly #now: Date
  readonly #jumpedSince: (time: string) => number
  readonly #events: NewCampaignEvent[] = []
  readonly #changed: MemberState[] = []
  #campaign: CampaignState
  #nextCheckAt: Date | null = null

  constructor(
    campaign: CampaignState,
    members: readonly MemberState[],
    now: Date,
    jumpedSince: (time: string) => number,
  ) {
    this.#campaign = campaign
    this.#waves = campaign.waves.map((wave) => ({ ...wave }))
    this.#members = members
    this.#now = now
    this.#jumpedSince = jumpedSince
  }

  run(): Advance {
    for (const [index, wave] of this.#waves.entries()) {
      if (wave.status === 'Finished' && !this.#reopen(wave, index)) continue
      if (wave.status === 'Pending' && !this.#begin(wave, index)) break
      this.#stopAtCeiling(wave, index)
      if (this.#members.some((member) => member.wave <= index && isOpen(member))) {
        this.#startMembers(wave, index)
        break
      }
      wave.status = 'Finished'
      wave.finishedAt = this.#now.toISOString()
      this.#log('waveFinished', finishedMessage(this.#waves, this.#members, index))
      this.#stopAfterBlocked(index)
    }
    const campaign = { ...this.#campaign, waves: this.#waves }
    const isDone = this.#waves.every(({ status }) => status === 'Finished')
    const ended = isDone ? end(campaign, endStatus(this.#members), this.#members, this.#now) : null
    return {
      campaign: ended?.campaign ?? campaign,
      members: this.#changed,
      events: [...this.#events, ...(ended?.events ?? [])],
      nextCheckAt: isDone ? null : this.#nextCheckAt,
    }
  }

  /**
   * A member that is retried after the end of its wave opens the wave again, before any later wave continues. A wave that
   * ended without a job did not wait for a soak time, so it starts again.
   */
  #reopen(wave: WaveState, index: number): boolean {
    if (!this.#hasOpen(index)) return false
    const isNew = !hasHadJob(this.#members, index)
    Object.assign(wave, { finishedAt: null, status: isNew ? 'Pending' : 'Running' })
    if (isNew) wave.startedAt = null
    return true
  }

  #hasOpen(index: number): boolean {
    return this.#members.some((member) => member.wave === index && isOpen(member))
  }

  /** Whether a wave that has not started starts now. */
  #begin(wave: WaveState, index: number): boolean {
    if (this.#campaign.status === 'Paused') return false
    const soakedAt = soakEnd(this.#waves.slice(0, index), this.#members, this.#jumpedSince)
    // A wave in which no member can start has nothing to wait for.
    if (soakedAt > this.#now && this.#hasOpen(index)) {
      this.#checkAt(soakedAt)
      this.#renewExpired(index, soakedAt)
      this.#waitFor('SOAK', `Wave ${index + 1} starts at ${soakedAt.toISOString()}, after the soak time.`)
      return false
    }
    if (wave.settings.gate === 'manual' && wave.gate === null) {
      this.#waitFor('GATE', `Wave ${index + 1} waits for the release of its gate.`)
      return false
    }
    wave.status = 'Running'
    wave.startedAt = this.#now.toISOString()
    this.#waitFor(null)
    this.#log('waveStarted', `Wave ${index + 1} has started.`)
    return true
  }

  /**
   * Pauses before another member starts. Nothing to pause remains if everything has ended. During a pause by a user, the
   * failures become what the campaign waits for: `resume` must not hide failures that the user has not seen.
   */
  #stopAtCeiling({ failures, settings }: WaveState, index: number): void {
    const { maxFailures = DEFAULT_MAX_FAILURES } = settings
    const { status, waitsFor } = this.#campaign
    if (failures < maxFailures || (status === 'Paused' && waitsFor?.code === 'FAILURES')) return
    if (!this.#members.some((member) => isOpen(member) && !isActive(member))) return
    const message = `Wave ${index + 1} has ${failures} failed member${failures === 1 ? '' : 's'}; the limit is ${maxFailures}. Check the failed members, then resume or cancel the campaign.`
    this.#campaign = { ...this.#campaign, status: 'Paused', waitsFor: { code: 'FAILURES', message } }
    this.#log('paused', message)
  }

  /** A wave in which all members are blocked proves nothing about later waves, so a person must decide whether these start. */
  #stopAfterBlocked(index: number): void {
    const ofWave = this.#members.filter((member) => member.wave === index && member.status !== 'Skipped')
    const areBlocked = ofWave.length > 0 && ofWave.every(({ status }) => status === 'Blocked')
    const hasLater = this.#members.some((member) => member.wave > index && isOpen(member))
    if (!areBlocked || !hasLater || this.#campaign.status === 'Paused') return
    const message = `All members of wave ${index + 1} are blocked. Check these members, then resume or cancel the campaign.`
    this.#campaign = { ...this.#campaign, status: 'Paused', waitsFor: { code: 'BLOCKED', message } }
    this.#log('paused', message)
  }

  #startMembers({ settings }: WaveState, index: number): void {
    if (this.#campaign.status === 'Paused') return
    const opensAt = settings.window === undefined ? this.#now : windowStart(settings.window, this.#now)
    if (opensAt === null || opensAt > this.#now) {
      const when = opensAt?.toISOString() ?? 'no time within a year'
      if (opensAt !== null) this.#checkAt(opensAt)
      if (opensAt !== null) this.#renewExpired(index, opensAt)
      this.#waitFor('WINDOW', `Members of wave ${index + 1} start when the window opens: ${when}.`)
      return
    }
    this.#renewExpired(index, this.#now)
    const active = this.#members.filter(isActive)
    const busy = new Set(active.flatMap(({ shares }) => shares))
    let free = (settings.maxConcurrent ?? DEFAULT_MAX_CONCURRENT) - active.length
    for (const member of this.#members) {
      if (free <= 0) break
      if (member.status !== 'Ready' || member.isPaused || member.wave > index) continue
      if (awaitsApproval(member)) continue
      if (isWaiting(member, this.#now)) {
        this.#checkAt(member.notBefore)
        continue
      }
      if (member.shares.some((key) => busy.has(key))) continue
      for (const key of member.shares) busy.add(key)
      // `waitsFor` stays until the job is accepted, so a retry is not reported again.
      this.#changed.push({ ...member, status: 'Starting', notBefore: null })
      free--
    }
    const isMoving = [...active, ...this.#changed].some((member) => !isRetried(member) && !isHeld(member))
    const holding = isMoving ? null : this.#holdingMembers(index)
    if (holding === null) this.#waitFor(null)
    else this.#waitFor('MEMBERS', `Wave ${index + 1} waits for its members: ${holding}.`)
  }

  /**
   * Plans members again whose approval has expired, shortly before they can start: earlier, the new plan would expire too.
   * Later, an approver would have too little time.
   */
  #renewExpired(index: number, startsAt: Date): void {
    const renewsAt = new Date(startsAt.getTime() - RENEW_MS)
    if (renewsAt > this.#now) {
      this.#checkAt(renewsAt)
      return
    }
    for (const member of this.#members)
      if (member.wave <= index && isExpired(member) && !member.isPaused)
        this.#changed.push({ ...member, status: 'Planning', waitsFor: null, attempts: 0 })
  }

  /** The reason for waiting if no open member of a wave can start; null if a member is being planned. */
  #holdingMembers(index: number): string | null {
    const open = this.#members.filter((member) => member.wave <= index && isOpen(member))
    const counts = new Map<string, number>()
    for (const member of open) {
      const cause = holdingCause(member)
      if (cause === null) return null
      counts.set(cause, (counts.get(cause) ?? 0) + 1)
    }
    return [...counts].map(([cause, count]) => `${count} ${cause}`).join(', ')
  }

  #waitFor(code: string | null, message = ''): void {
    const waitsFor: CampaignReason | null = code === null ? null : { code, message }
    const present = this.#campaign.waitsFor
    if (present?.code === waitsFor?.code && present?.message === waitsFor?.message) return
    this.#campaign = { ...this.#campaign, waitsFor }
    if (code !== null) this.#log('waiting', message)
  }

  #log(type: string, message: string): void {
    this.#events.push({ type, memberId: null, message })
  }

  #checkAt(time: Date): void {
    if (this.#nextCheckAt === null || time < this.#nextCheckAt) this.#nextCheckAt = time
  }
}
