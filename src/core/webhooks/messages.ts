import type { Approval } from '../../contract/approval.ts'
import type { CampaignEvent, CampaignSummary } from '../../contract/campaign.ts'
import type { WebhookMessage } from '../../contract/delivery.ts'
import type { Job } from '../../contract/job.ts'
import type { PlanSummary } from '../../contract/plan.ts'
import type {
  CampaignMessageType,
  EventType,
  JobMessageType,
  PlanMessageType,
  Webhook,
} from '../../contract/webhook.ts'
import { inScope } from '../access/access-policy.ts'
import { type JobEvent, toLogEntry } from '../job/events.ts'

/** A message about a job. `data` is the complete job, as a read of the job would return it at that moment. */
export interface JobMessage extends WebhookMessage {
  type: JobMessageType
  data: Required<Pick<WebhookMessage['data'], 'entry' | 'job'>>
}

/** The new events in the log of a job. */
export interface AppendedEvents {
  /** Whether the job had begun before these events. */
  hadStarted: boolean
  /** The number of events in the log before these. */
  length: number
  events: readonly JobEvent[]
  /** The job after the events. */
  job: Job
}

/** The messages that the new events cause, in the order of the log. */
export function jobMessages({ hadStarted, length, events, job }: AppendedEvents): JobMessage[] {
  let isStarted = hadStarted
  return events.flatMap((event, index) => {
    const types = typesOf(event, isStarted)
    if (event.type === 'stepStarted') isStarted = true
    const entry = toLogEntry(event, length + index + 1)
    return types.map((type) => ({ type, timestamp: event.at, data: { entry, job } }))
  })
}

function typesOf(event: JobEvent, isStarted: boolean): JobMessageType[] {
  switch (event.type) {
    case 'accepted':
      return ['job.accepted']
    case 'rescheduled':
      return ['job.rescheduled']
    case 'stepStarted':
      return isStarted ? [] : ['job.started']
    case 'stepSucceeded':
      // The owners of allow lists wait for this message only.
      return (event.observed?.prepared?.length ?? 0) > 0
        ? ['job.step.succeeded', 'job.addresses.prepared']
        : ['job.step.succeeded']
    case 'held':
      return ['job.held']
    case 'released':
      return ['job.released']
    case 'cancelRequested':
      return ['job.cancellation.requested']
    case 'rollbackStarted':
      return ['job.rollback.started']
    case 'ended':
      return [ENDS[event.status]]
    default:
      return []
  }
}

const ENDS = {
  Succeeded: 'job.succeeded',
  Failed: 'job.failed',
  Canceled: 'job.canceled',
} as const

/** Whether a webhook receives the message; `clusterKey` is null for a message that concerns no cluster. */
export function isSubscribed(
  webhook: Pick<Webhook, 'events' | 'clusters' | 'jobId'>,
  type: EventType,
  clusterKey: string | null,
): boolean {
  if (!webhook.events.includes(type)) return false
  // A webhook of one job is selected by the job, so its clusters are not checked.
  if (webhook.jobId !== null || webhook.clusters.length === 0 || clusterKey === null) return true
  return inScope(webhook.clusters, clusterKey)
}

/** A message about the approval of a plan, with the plan as a list would return it at that moment. */
export interface PlanMessage extends WebhookMessage {
  type: PlanMessageType
  data: { plan: PlanSummary; approval?: Approval }
}

/** `approval` is the approval that was given or withdrawn. */
export function planMessage(
  type: PlanMessageType,
  at: Date,
  plan: PlanSummary,
  approval?: Approval,
): PlanMessage {
  return {
    type,
    timestamp: at.toISOString(),
    data: { plan, ...(approval === undefined ? {} : { approval }) },
  }
}

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
