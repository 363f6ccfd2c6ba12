import type { CampaignStatus } from '../../contract/campaign.ts'
import type { CampaignState, MemberState, NewCampaignEvent } from './campaign-state.ts'
import { isHeld } from './waits.ts'

/** The campaign at its end, with the number of members that have the target. */
export function end(
  campaign: CampaignState,
  status: CampaignStatus,
  members: readonly MemberState[],
  now: Date,
) {
  const succeeded = members.filter((member) => isSuccess(member)).length
  const changed = members.filter(({ isChangedAgain }) => isChangedAgain === true).length
  const again = changed === 0 ? '' : ` Later jobs changed members again: ${changed}.`
  const message = `The campaign ended as ${status}: ${succeeded} of ${members.length} members reached the target.${again}`
  const finishedAt = now.toISOString()
  const waves = campaign.waves.map((wave) =>
    wave.status === 'Running' ? { ...wave, status: 'Finished' as const, finishedAt } : wave,
  )
  return {
    campaign: { ...campaign, waves, status, waitsFor: null, finishedAt },
    events: [{ type: 'ended', memberId: null, message }],
  }
}

function isSuccess({ status, isChangedAgain = false }: MemberState): boolean {
  return (status === 'Succeeded' || status === 'NoChange') && !isChangedAgain
}

export function endStatus(members: readonly MemberState[]): CampaignStatus {
  const succeeded = members.filter(isSuccess).length
  if (succeeded === members.length) return 'Succeeded'
  return succeeded === 0 ? 'Failed' : 'PartlySucceeded'
}

/** A canceled campaign cannot end while jobs are held, so it says so. */
export function awaitReleases(
  campaign: CampaignState,
  members: readonly MemberState[],
): { campaign: CampaignState; events: NewCampaignEvent[] } {
  const held = members.filter(isHeld).length
  const message = `The campaign ends when its last job has ended. Jobs that are held before the cutover: ${held}. Release them, or cancel their members.`
  const waitsFor = held === 0 ? null : { code: 'MEMBERS', message }
  const isNews = waitsFor !== null && campaign.waitsFor?.message !== message
  return {
    campaign: { ...campaign, waitsFor },
    events: isNews ? [{ type: 'waiting', memberId: null, message }] : [],
  }
}
