import { Type } from 'typebox'
import { dateTime, enumOf, nullable, openObject, ref, string, uuid } from './fields.ts'
import { JobLogEntrySchema, JobSchema } from './job-requests.ts'
import { AZURE_MODES } from './plan-parts.ts'

import {
  ATTEMPT_OUTCOMES,
  ClusterPatternSchema,
  DELIVERY_STATUSES,
  DISABLED_REASONS,
  JOB_MESSAGE_TYPES,
  MESSAGE_TYPES,
  WEBHOOK_STATUSES,
} from './webhook.ts'

const closed = { additionalProperties: false }

const WebhookFields = {
  id: uuid('The webhook.'),
  url: string(),
  description: nullable(Type.String()),
  events: Type.Array(enumOf(JOB_MESSAGE_TYPES)),
  clusters: Type.Array(ref(ClusterPatternSchema), {
    description: 'Empty: every cluster that its owner may see.',
  }),
  status: enumOf(WEBHOOK_STATUSES),
  disabledBecause: nullable(enumOf(DISABLED_REASONS), {
    description:
      '`OWNER`: wanted. `GONE`: the receiver answered 410. `FAILING`: a message was given up, and none arrived since it was made. Null while it is enabled.',
  }),
  disabledAt: nullable(dateTime()),
  jobId: nullable(uuid('The job that it was ordered with.'), {
    description: 'The job that it is about alone; null for a subscription.',
  }),
  createdAt: dateTime(),
  createdBy: string(),
  formerSecretValidUntil: nullable(dateTime(), {
    description: 'Until then messages are signed with the former secret too; null where one alone is in use.',
  }),
}

export const WebhookSchema = Type.Object(WebhookFields, { $id: 'Webhook' })

export const WebhookWithSecretSchema = Type.Object(
  {
    ...WebhookFields,
    secret: string('What messages are signed with, `whsec_…`. It is told this once: keep it.'),
  },
  { $id: 'WebhookWithSecret' },
)

const AttemptSchema = Type.Object(
  {
    at: dateTime(),
    outcome: enumOf(ATTEMPT_OUTCOMES, {
      description:
        '`DELIVERED` is an answer of 2xx within 15 seconds. `ADDRESS_REFUSED`: the host leads to an address that nothing is sent to. `REDIRECTED`: redirects are not followed. `NOT_ALLOWED`: the owner may not see the cluster.',
    }),
    status: nullable(Type.Integer(), { description: 'The HTTP status; null where none was answered.' }),
    durationMs: Type.Integer({ description: 'Milliseconds.' }),
  },
  { $id: 'DeliveryAttempt' },
)

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

export const DeliverySchema = Type.Object(DeliveryFields, { $id: 'Delivery' })

export const DeliveryWithPayloadSchema = Type.Object(
  { ...DeliveryFields, payload: openObject('The body of the message.') },
  { $id: 'DeliveryWithPayload' },
)

export const ReplayedSchema = Type.Object(
  { replayed: Type.Integer({ description: 'Messages that are sent again.' }) },
  { ...closed, $id: 'Replayed' },
)

/** The body of a message. Of a ping `data` names the webhook, of anything else it has the entry and the job. */
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

export const WEBHOOK_SCHEMAS = [
  WebhookMessageSchema,
  ClusterPatternSchema,
  WebhookSchema,
  WebhookWithSecretSchema,
  AttemptSchema,
  DeliverySchema,
  DeliveryWithPayloadSchema,
  ReplayedSchema,
]
