import type { WebhookMessage } from '../../contract/delivery.ts'
import type { Job } from '../../contract/job.ts'
import type { EventType, JobMessageType, Webhook } from '../../contract/webhook.ts'
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
