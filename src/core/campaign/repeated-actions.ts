import type { CampaignActionRequest, MemberAction } from '../../contract/campaign-requests.ts'
import type { CampaignState, MemberState } from './campaign-state.ts'

/**
 * Why the action changes nothing, because the campaign already has the status that it leads to; otherwise null. Callers
 * repeat a request whose response was lost. A pause keeps what the campaign has paused for.
 */
export function repetition(
  action: CampaignActionRequest['action'],
  { status }: CampaignState,
): string | null {
  if (action === 'start' && status === 'Paused')
    return 'The campaign has already started, and is paused. Send the action `resume` to continue.'
  if (action === 'start' && status !== 'Planned') return 'The campaign has already started.'
  if (action === 'resume' && status === 'Running') return 'The campaign is not paused.'
  if (action === 'pause' && status === 'Paused') return 'The campaign is already paused.'
  if (action !== 'cancel') return null
  return status === 'Canceling' || status === 'Canceled' ? 'The campaign has already been canceled.' : null
}

/** Why an action has changed none of its members. */
export const UNCHANGED_MEMBERS: Record<MemberAction, string> = {
  skip: 'These members have already been skipped.',
  retry: 'These members are already being planned.',
  accept: 'The plans of these members have already been accepted.',
  pause: 'These members are already paused.',
  resume: 'These members are not paused.',
  cancel: 'These members have already been canceled.',
  release: 'No job of these members is held before its cutover.',
}

/** Whether a member differs from before. An action without an effect keeps the reason for which the member waits. */
export function isChanged(before: MemberState, after: MemberState): boolean {
  const keys = Object.keys(after) as (keyof MemberState)[]
  return keys.some((key) => after[key] !== before[key])
}
