import {
  type ClaimedMember,
  claimMembers,
  releaseClaims,
  renewClaims,
} from '../database/stores/campaign-member-store.ts'
import { dueCampaigns } from '../database/stores/campaign-store.ts'
import { SetBackDetector } from '../lib/clock-watch.ts'
import { advanceCampaign } from './change-campaign.ts'
import type { CampaignsDeps } from './deps.ts'
import { workOnMember } from './work-on-member.ts'

/** A campaign reacts to a user within this time. */
const LOOK_MS = 1_000
/** The same while campaigns have something to do, and then also to the end of a job. */
const BUSY_LOOK_MS = 200
const BUSY_LOOKS = 50
/** Members that one process plans or starts at a time. */
const MAX_CLAIMED = 8
/**
 * Members of one subscription that all processes together plan or start at a time. Each reads a cluster and its network,
 * and Azure throttles by subscription.
 */
const MAX_CLAIMED_OF_SUBSCRIPTION = 4
/** A claim that is not renewed for this time belongs to a process that died, or hangs. */
const CLAIM_MS = 15_000
const RENEW_MS = 5_000
/** A stop waits this long for members under way; then another process plans or starts them. */
const STOP_MS = 5_000

/**
 * One look at all campaigns: plans and starts members, then lets each campaign that is due decide. True if there was
 * something to do. Any process can look at any time; claims and row locks keep two from doing the same.
 *
 * `wasSetBack`: no campaign is due until the clock catches up, so all of them decide now.
 */
export async function lookAtCampaigns(deps: CampaignsDeps, wasSetBack = false): Promise<boolean> {
  const { members, token } = await claim(deps, MAX_CLAIMED)
  await Promise.all(members.map((member) => workOnMember(deps, member, token)))
  const due = await advanceDue(deps, wasSetBack)
  return members.length > 0 || due > 0
}

function claimEnd(now: Date): Date {
  return new Date(now.getTime() + CLAIM_MS)
}

async function claim(
  deps: CampaignsDeps,
  limit: number,
): Promise<{ members: ClaimedMember[]; token: string }> {
  const now = deps.now()
  const token = deps.newId()
  const until = claimEnd(now)
  const perSubscription = MAX_CLAIMED_OF_SUBSCRIPTION
  const options = { now, until, token, limit, perSubscription }
  return { members: limit > 0 ? await claimMembers(deps.database.kysely, options) : [], token }
}

async function advanceDue(deps: CampaignsDeps, wasSetBack: boolean, pace?: CampaignPace): Promise<number> {
  const due = await dueCampaigns(deps.database.kysely, wasSetBack ? null : deps.now())
  for (const id of due) {
    if (pace?.isTooEarly(id)) continue
    const begun = performance.now()
    await advanceCampaign(deps, id)
    pace?.note(id, performance.now() - begun)
  }
  return due.length
}

/** Share of its time that a process spends to check one campaign. */
const CHECK_SHARE = 0.2

/**
 * Delays the next check of a campaign whose last check took long. A check reads all members. Each member that is planned or
 * started causes a check. Without a limit, the time for checks would grow with the square of the members.
 */
class CampaignPace {
  readonly #notBefore = new Map<string, number>()

  isTooEarly(id: string): boolean {
    const now = performance.now()
    for (const [other, time] of this.#notBefore) if (time <= now) this.#notBefore.delete(other)
    return this.#notBefore.has(id)
  }

  note(id: string, tookMs: number): void {
    const restMs = Math.min(tookMs / CHECK_SHARE - tookMs, LOOK_MS)
    this.#notBefore.set(id, performance.now() + restMs)
  }
}

/** Looks at campaigns until stopped. */
export async function startCampaigns(deps: CampaignsDeps): Promise<{ stop(): Promise<void> }> {
  // The embedded engine serves one process: claims from before it started belong to a process that died.
  if (deps.database.engine === 'embedded') await releaseClaims(deps.database.kysely)
  const worker = new CampaignWorker(deps)
  const running = worker.run()
  return {
    async stop() {
      worker.requestStop()
      await running
    },
  }
}

class CampaignWorker {
  readonly #deps: CampaignsDeps
  readonly #stopping = new AbortController()
  /** Members under way, with the tokens of their claims. A slow subscription does not delay the members of another one. */
  readonly #underWay = new Map<Promise<void>, string>()
  readonly #setBack: SetBackDetector
  readonly #pace = new CampaignPace()
  #renewedMs = 0

  constructor(deps: CampaignsDeps) {
    this.#deps = deps
    this.#setBack = new SetBackDetector({ now: deps.now, uptime: () => performance.now() })
  }

  requestStop(): void {
    this.#stopping.abort()
  }

  async run(): Promise<void> {
    const { signal } = this.#stopping
    let quietLooks = BUSY_LOOKS
    while (!signal.aborted) {
      quietLooks = (await this.#look()) ? 0 : quietLooks + 1
      const isBusy = quietLooks < BUSY_LOOKS || this.#underWay.size > 0
      await pause(isBusy ? BUSY_LOOK_MS : LOOK_MS, signal)
    }
    await this.#handOver()
  }

  async #look(): Promise<boolean> {
    try {
      await this.#renew()
      const { members, token } = await claim(this.#deps, MAX_CLAIMED - this.#underWay.size)
      for (const member of members) this.#begin(member, token)
      return (await advanceDue(this.#deps, this.#setBack.check(), this.#pace)) > 0 || members.length > 0
    } catch (error) {
      if (!this.#stopping.signal.aborted) this.#deps.logger.error({ err: error }, 'check of campaigns failed')
      return false
    }
  }

  async #renew(): Promise<void> {
    const nowMs = performance.now()
    if (this.#underWay.size === 0 || nowMs < this.#renewedMs + RENEW_MS) return
    this.#renewedMs = nowMs
    const { database, now } = this.#deps
    await renewClaims(database.kysely, this.#tokens(), claimEnd(now()))
  }

  #tokens(): string[] {
    return [...new Set(this.#underWay.values())]
  }

  #begin(member: ClaimedMember, token: string): void {
    const work = workOnMember(this.#deps, member, token)
      .catch((error) => this.#deps.logger.error({ err: error }, 'work on a member of a campaign failed'))
      .finally(() => this.#underWay.delete(work))
    this.#underWay.set(work, token)
  }

  /** Work that does not end in time loses its claim, so its result is not stored. */
  async #handOver(): Promise<void> {
    await Promise.race([Promise.all(this.#underWay.keys()), pause(STOP_MS)])
    const tokens = this.#tokens()
    if (tokens.length === 0) return
    // Without the database, the claims end by themselves.
    await releaseClaims(this.#deps.database.kysely, tokens).catch(() => {})
  }
}

/** Resolves after this time, or when a stop is requested. Does not keep the process alive. */
function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    timer.unref()
    signal?.addEventListener('abort', end)
  })
}
