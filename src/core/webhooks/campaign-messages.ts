import type { CampaignEvent, CampaignSummary } from '../../contract/campaign.ts'
import type { WebhookMessage } from '../../contract/delivery.ts'
import type { CampaignMessageType } from '../../contract/webhook.ts'

/** A message about a campaign, with the campaign as a list would return it at that moment. */
export interface CampaignMessage extends WebhookMessage {
  type: CampaignMessageType
  data: { campaign: CampaignSummary; campaignEvent: CampaignEvent }
}

/** The entries of the log of a campaign that cause messages. Jobs of members have messages of their own. */
const TYPES: Record<string, CampaignMessageType | undefined> = {
  planned: 'campaign.planned',
  start: 'campaign.started',
  waiting: 'campaign.waiting',
  paused: 'campaign.paused',
  pause: 'campaign.paused',
  resume: 'campaign.resumed',
  gateReleased: 'campaign.gate.released',
  cancel: 'campaign.cancellation.requested',
  ended: 'campaign.ended',
}

/** The same for entries about a member. */
const MEMBER_TYPES: typeof TYPES = { memberWaiting: 'campaign.member.waiting' }

/** The messages that new entries of the log cause, in the order of the log. */
export function campaignMessages(
  campaign: CampaignSummary,
  events: readonly CampaignEvent[],
): CampaignMessage[] {
  return events.flatMap((campaignEvent) => {
    const { memberId, type: entry } = campaignEvent
    const type = memberId === null ? TYPES[entry] : MEMBER_TYPES[entry]
    return type === undefined
      ? []
      : [{ type, timestamp: campaignEvent.at, data: { campaign, campaignEvent } }]
  })
}
