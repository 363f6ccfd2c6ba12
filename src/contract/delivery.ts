import { type Static, Type } from 'typebox'
import { AZURE_MODES } from './cluster.ts'
import { closed, dateTime, enumOf, nullable, ref, requestDateTime, uuid } from './fields.ts'
import { JobLogEntrySchema, JobSchema } from './job.ts'
import { openObject } from './json.ts'
import { DeliveryIdSchema } from './parameters.ts'
import { JOB_MESSAGE_TYPES } from './webhook.ts'

/** `webhook.ping` is sent on request only. */
export const MESSAGE_TYPES = [...JOB_MESSAGE_TYPES, 'webhook.ping'] as const
export type MessageType = (typeof MESSAGE_TYPES)[number]

export const DELIVERY_STATUSES = ['pending', 'delivered', 'failed'] as const
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number]

/** The result of one attempt. */
export const ATTEMPT_OUTCOMES = [
  'DELIVERED',
  /** A response that is not 2xx. */
  'REFUSED',
  /** A response of 3xx: redirects are not followed. */
  'REDIRECTED',
  /** 410: the webhook is disabled. */
  'GONE',
  'TIMED_OUT',
  'NOT_CONNECTED',
  /** The certificate does not prove the name. */
  'NOT_TRUSTED',
  'NAME_UNKNOWN',
  /** The name resolves to an address to which no message may be sent. */
  'ADDRESS_REFUSED',
  /** The owner no longer has access to the cluster. */
  'NOT_ALLOWED',
  /** The webhook was disabled before the attempt. */
  'DISABLED',
] as const
export type AttemptOutcome = (typeof ATTEMPT_OUTCOMES)[number]

export const AttemptSchema = Type.Object(
  {
    at: dateTime(),
    outcome: enumOf(ATTEMPT_OUTCOMES, {
      description:
        '`DELIVERED` is an answer of 2xx within 15 seconds. `ADDRESS_REFUSED`: the host leads to an address that nothing is sent to. `REDIRECTED`: redirects are not followed. `NOT_ALLOWED`: the owner may not see the cluster.',
    }),
    status: nullable(Type.Integer(), { description: 'The HTTP status; null where none was answered.' }),
    // From the first name lookup to the response.
    durationMs: Type.Integer({ description: 'Milliseconds.' }),
  },
  { $id: 'DeliveryAttempt' },
)
export type Attempt = Static<typeof AttemptSchema>

const DeliveryFields = {
  id: uuid('The delivery: `webhook-id` of the message.'),
  webhookId: uuid('The webhook.'),
  type: enumOf(MESSAGE_TYPES),
  jobId: nullable(uuid('The job that it tells of.')),
  createdAt: dateTime(),
  status: enumOf(DELIVERY_STATUSES),
  nextAttemptAt: nullable(dateTime(), { description: 'Null where none is due.' }),
  attempts: Type.Array(ref(AttemptSchema), { description: 'Oldest first; the last 30.' }),
}

/** One message to one webhook. Its id is the `webhook-id` of every attempt, replays included. */
export const DeliverySchema = Type.Object(DeliveryFields, { $id: 'Delivery' })
export type Delivery = Static<typeof DeliverySchema>

export const DeliveryWithPayloadSchema = Type.Object(
  { ...DeliveryFields, payload: openObject('The body of the message.') },
  { $id: 'DeliveryWithPayload' },
)
export type DeliveryWithPayload = Static<typeof DeliveryWithPayloadSchema>

export const ReplayRequestSchema = Type.Union(
  [
    Type.Object({ deliveryId: DeliveryIdSchema }, { ...closed, title: 'one' }),
    Type.Object(
      {
        failedSince: requestDateTime('Every message that was made since and was given up, 500 at most.'),
      },
      { ...closed, title: 'all that failed' },
    ),
  ],
  {
    $id: 'ReplayRequest',
    description: 'Either deliveryId, the id of one message, or failedSince, a time.',
  },
)
export type ReplayRequest = Static<typeof ReplayRequestSchema>

export const ReplayedSchema = Type.Object(
  { replayed: Type.Integer({ description: 'Messages that are sent again.' }) },
  { ...closed, $id: 'Replayed' },
)
export type Replayed = Static<typeof ReplayedSchema>

/** The body of a message. `data` names the webhook in a ping, and holds the entry and the job in every other message. */
export const WebhookMessageSchema = Type.Object(
  {
    type: enumOf(MESSAGE_TYPES),
    timestamp: dateTime('When it happened.'),
    data: Type.Object({
      entry: Type.Optional(ref(JobLogEntrySchema)),
      job: Type.Optional(ref(JobSchema)),
      webhookId: Type.Optional(uuid('The webhook, of `webhook.ping` alone.')),
      azure: Type.Optional(
        enumOf(AZURE_MODES, { description: 'Of `webhook.ping` alone; otherwise the job says it.' }),
      ),
    }),
  },
  { $id: 'WebhookMessage' },
)
export type WebhookMessage = Static<typeof WebhookMessageSchema>
