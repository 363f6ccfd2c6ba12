import { claimMembers, releaseClaims } from '../database/stores/campaign-member-store.ts'
import { dueCampaigns } from '../database/stores/campaign-store.ts'
import { SetBackDetector } from '../lib/set-back-detector.ts'
import { advanceCampaign } from './change-campaign.ts'
import type { CampaignsDeps } from './deps.ts'
import { workOnMember } from './work-on-member.ts'

/** A campaign reacts to the end of a job, or to a user, within this time. */
const LOOK_MS = 1_000
/** Members that one process plans or starts at a time. */
const MAX_CLAIMED = 8
/**
 * Members of one subscription that all processes together plan or start at a time. Each reads a cluster and its network,
 * and Azure throttles by subscription.
 */
const MAX_CLAIMED_OF_SUBSCRIPTION = 4
/** A claim that is older belongs to a process that died, or hangs. */
const CLAIM_MS = 5 * 60_000

/**
 * One look at all campaigns: plans and starts members, then lets each campaign that is due decide. True if there was
 * something to do. Any process can look at any time; claims and row locks keep two from doing the same.
 *
 * `wasSetBack`: no campaign is due until the clock catches up, so all of them decide now.
 */
export async function lookAtCampaigns(deps: CampaignsDeps, wasSetBack = false): Promise<boolean> {
  const db = deps.database.kysely
  const now = deps.now()
  const token = deps.newId()
  const claimed = await claimMembers(db, {
    now,
    until: new Date(now.getTime() + CLAIM_MS),
    token,
    limit: MAX_CLAIMED,
    perSubscription: MAX_CLAIMED_OF_SUBSCRIPTION,
  })
  await Promise.all(claimed.map((member) => workOnMember(deps, member, token)))
  const due = await dueCampaigns(db, wasSetBack ? null : deps.now())
  for (const id of due) await advanceCampaign(deps, id)
  return claimed.length > 0 || due.length > 0
}

/** Looks at campaigns until stopped; `stop` resolves when the look under way has ended. */
export async function startCampaigns(deps: CampaignsDeps): Promise<{ stop(): Promise<void> }> {
  // The embedded engine serves one process: claims from before it started belong to a process that died.
  if (deps.database.engine === 'embedded') await releaseClaims(deps.database.kysely)
  const setBack = new SetBackDetector({ now: deps.now, uptime: () => performance.now() })
  let isStopping = false
  let timer: NodeJS.Timeout | null = null
  let running = Promise.resolve()
  const look = async (): Promise<void> => {
    try {
      while (!isStopping && (await lookAtCampaigns(deps, setBack.check())));
    } catch (error) {
      if (!isStopping) deps.logger.error({ err: error }, 'check of campaigns failed')
    }
    if (isStopping) return
    timer = setTimeout(start, LOOK_MS)
    timer.unref()
  }
  const start = () => {
    running = look()
  }
  start()
  return {
    async stop() {
      isStopping = true
      if (timer !== null) clearTimeout(timer)
      await running
    },
  }
}
