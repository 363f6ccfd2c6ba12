import { type Static, Type } from 'typebox'
import { ApprovalSchema } from './approval.ts'
import { CampaignEventSchema, CampaignSummarySchema } from './campaign.ts'
import { AZURE_MODES } from './cluster.ts'
import { closed, dateTime, enumOf, nullable, ref, requestDateTime, string, uuid } from './fields.ts'
import { InventoryChangeSchema } from './inventory.ts'
import { JobLogEntrySchema, JobSchema } from './job.ts'
import { openObject } from './json.ts'
import { DeliveryIdSchema } from './parameters.ts'
import { PlanSummarySchema } from './plan.ts'
import { EVENT_TYPES } from './webhook.ts'

/** `webhook.ping` is sent on request only. */
export const MESSAGE_TYPES = [...EVENT_TYPES, 'webhook.ping'] as const
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
        '`DELIVERED`: the receiver returned 2xx within 15 s. `REFUSED`: the receiver returned another status. `REDIRECTED`: the receiver returned 3xx; redirects are not followed. `ADDRESS_REFUSED`: the host name resolves to an address that is not allowed for webhooks. `NOT_ALLOWED`: the owner no longer has access to the cluster.',
    }),
    status: nullable(Type.Integer(), {
      description: 'The HTTP status of the response. Null if the receiver sent no response.',
    }),
    // From the first name lookup to the response.
    durationMs: Type.Integer({ description: 'The duration of the attempt in milliseconds.' }),
  },
  { $id: 'DeliveryAttempt' },
)
export type Attempt = Static<typeof AttemptSchema>

const DeliveryFields = {
  id: uuid('The ID of the delivery. It equals the header `webhook-id` of the message.'),
  webhookId: uuid('The ID of the webhook.'),
  type: enumOf(MESSAGE_TYPES),
  jobId: nullable(uuid('The ID of the job that the message reports on.')),
  createdAt: dateTime(),
  status: enumOf(DELIVERY_STATUSES),
  nextAttemptAt: nullable(dateTime(), {
    description: 'The time of the next attempt. Null if no attempt is scheduled.',
  }),
  attempts: Type.Array(ref(AttemptSchema), { description: 'The last 30 attempts, oldest first.' }),
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
        failedSince: requestDateTime(
          'An RFC 3339 time. Every failed message created at or after this time is sent again, at most 500.',
        ),
      },
      { ...closed, title: 'all that failed' },
    ),
  ],
  {
    $id: 'ReplayRequest',
    description: 'Either `deliveryId`, the ID of one message, or `failedSince`, a time.',
  },
)
export type ReplayRequest = Static<typeof ReplayRequestSchema>

export const ReplayedSchema = Type.Object(
  { replayed: Type.Integer({ description: 'The number of messages that are sent again.' }) },
  { ...closed, $id: 'Replayed' },
)
export type Replayed = Static<typeof ReplayedSchema>

/**
 * The body of a message. A message about a job contains the log entry and the job, and one about an approval the plan. A
 * message of the inventory contains a change, and one about a campaign the campaign. A ping contains the webhook ID.
 */
export const WebhookMessageSchema = Type.Object(
  {
    type: enumOf(MESSAGE_TYPES),
    timestamp: dateTime('The time of the event.'),
    data: Type.Object({
      entry: Type.Optional(ref(JobLogEntrySchema)),
      job: Type.Optional(ref(JobSchema)),
      plan: Type.Optional(ref(PlanSummarySchema)),
      approval: Type.Optional(ref(ApprovalSchema)),
      change: Type.Optional(ref(InventoryChangeSchema)),
      endpoints: Type.Optional(
        Type.Object(
          {
            before: string('The date of the list that the former version contained.'),
            after: string('The date of the list that this version contains.'),
          },
          { description: 'Only present in `endpoints.changed`.' },
        ),
      ),
      campaign: Type.Optional(ref(CampaignSummarySchema)),
      campaignEvent: Type.Optional(ref(CampaignEventSchema)),
      webhookId: Type.Optional(uuid('The ID of the webhook. Only present in `webhook.ping`.')),
      azure: Type.Optional(
        enumOf(AZURE_MODES, {
          description:
            'Present in `webhook.ping` and in messages of the inventory. Messages about jobs contain this value in `job`.',
        }),
      ),
    }),
  },
  { $id: 'WebhookMessage' },
)
export type WebhookMessage = Static<typeof WebhookMessageSchema>
