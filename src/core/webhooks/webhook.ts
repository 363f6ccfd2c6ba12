import type { Principals } from '../access/policy.ts'
import type { ClusterPattern } from '../access/reach.ts'

/** What a webhook can be told of; names as Standard Webhooks writes them. `webhook.ping` is sent on request only. */
export const JOB_MESSAGE_TYPES = [
  'job.accepted',
  'job.started',
  'job.step.succeeded',
  'job.addresses.prepared',
  'job.held',
  'job.released',
  'job.cancellation.requested',
  'job.rollback.started',
  'job.succeeded',
  'job.failed',
  'job.canceled',
] as const
export type JobMessageType = (typeof JOB_MESSAGE_TYPES)[number]
export const MESSAGE_TYPES = [...JOB_MESSAGE_TYPES, 'webhook.ping'] as const
export type MessageType = (typeof MESSAGE_TYPES)[number]

export const WEBHOOK_STATUSES = ['enabled', 'disabled'] as const
export type WebhookStatus = (typeof WEBHOOK_STATUSES)[number]

/**
 * Why nothing is sent any more. `OWNER`: its owner wanted that. `GONE`: the receiver answered 410. `FAILING`: a
 * message could not be delivered in all its attempts, nor any other since it was made.
 */
export const DISABLED_BECAUSE = ['OWNER', 'GONE', 'FAILING'] as const
export type DisabledBecause = (typeof DISABLED_BECAUSE)[number]

/** A subscription as its owner sees it. Its secrets are told when they are made, and never again. */
export interface Webhook {
  /** UUID version 7. */
  id: string
  url: string
  description: string | null
  events: JobMessageType[]
  /** Clusters that it is about; empty for every cluster that its owner may see. */
  clusters: ClusterPattern[]
  status: WebhookStatus
  /** null as long as it is enabled. */
  disabledBecause: DisabledBecause | null
  disabledAt: string | null
  /** The job that it was ordered with, and alone is about; null for a subscription. */
  jobId: string | null
  createdAt: string
  createdBy: string
  /** Until then messages are signed with the former secret too; null where only one is in use. */
  formerSecretValidUntil: string | null
}

/** Who has a webhook, as the access policy looks at them: what they may not see any more is not sent. */
export type Owner = Principals

export const DELIVERY_STATUSES = ['pending', 'delivered', 'failed'] as const
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number]

/** What came of one attempt. `DELIVERED` is an answer of 2xx within the time limit; nothing else counts. */
export const ATTEMPT_OUTCOMES = [
  'DELIVERED',
  /** An answer that is not 2xx. */
  'REFUSED',
  /** An answer of 3xx: redirects are not followed. */
  'REDIRECTED',
  /** 410: the webhook is disabled. */
  'GONE',
  'TIMED_OUT',
  'NOT_CONNECTED',
  /** The certificate does not prove the name. */
  'NOT_TRUSTED',
  'NAME_UNKNOWN',
  /** The name leads to an address that nothing is sent to. */
  'ADDRESS_REFUSED',
  /** The owner may not see this cluster now. */
  'NOT_ALLOWED',
  /** The webhook was disabled meanwhile. */
  'DISABLED',
] as const
export type AttemptOutcome = (typeof ATTEMPT_OUTCOMES)[number]

/** Outcomes after which no further attempt would be another. */
export const FINAL_OUTCOMES: readonly AttemptOutcome[] = ['DELIVERED', 'GONE', 'NOT_ALLOWED', 'DISABLED']

export interface Attempt {
  at: string
  outcome: AttemptOutcome
  /** The HTTP status; null where none was answered. */
  status: number | null
  /** From the first look-up of the name to the answer, in milliseconds. */
  durationMs: number
}

/** One message on its way to one webhook. Its id is the `webhook-id` of every attempt, replays too. */
export interface Delivery {
  id: string
  webhookId: string
  type: MessageType
  /** null for a ping. */
  jobId: string | null
  createdAt: string
  status: DeliveryStatus
  /** null where none is due. */
  nextAttemptAt: string | null
  /** Oldest first. */
  attempts: Attempt[]
}
