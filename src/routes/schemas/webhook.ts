import { Type } from 'typebox'
import {
  ATTEMPT_OUTCOMES,
  DELIVERY_STATUSES,
  DISABLED_BECAUSE,
  JOB_MESSAGE_TYPES,
  MESSAGE_TYPES,
  WEBHOOK_STATUSES,
} from '../../core/webhooks/webhook.ts'
import { JobLogEntrySchema, JobSchema } from './job.ts'
import { id, nullable, openObject, ref, text, time, words } from './plain.ts'
import { AZURE_MODES } from './plan.ts'

const closed = { additionalProperties: false }

/** Clusters by their names, `*` for any letters within one name. */
export const ClusterPatternSchema = Type.Object(
  {
    subscriptionId: text('Its id, or `*`.'),
    resourceGroup: text(),
    clusterName: text(),
  },
  { $id: 'ClusterPattern' },
)

const WebhookFields = {
  id: id('The webhook.'),
  url: text(),
  description: nullable(Type.String()),
  events: Type.Array(words(JOB_MESSAGE_TYPES)),
  clusters: Type.Array(ref(ClusterPatternSchema), {
    description: 'Empty: every cluster that its owner may see.',
  }),
  status: words(WEBHOOK_STATUSES),
  disabledBecause: nullable(words(DISABLED_BECAUSE), {
    description:
      '`OWNER`: wanted. `GONE`: the receiver answered 410. `FAILING`: a message was given up, and none arrived since it was made. Null while it is enabled.',
  }),
  disabledAt: nullable(time()),
  jobId: nullable(id('The job that it was ordered with.'), {
    description: 'The job that it is about alone; null for a subscription.',
  }),
  createdAt: time(),
  createdBy: text(),
  formerSecretValidUntil: nullable(time(), {
    description: 'Until then messages are signed with the former secret too; null where one alone is in use.',
  }),
}

export const WebhookSchema = Type.Object(WebhookFields, { $id: 'Webhook' })

export const WebhookWithSecretSchema = Type.Object(
  {
    ...WebhookFields,
    secret: text('What messages are signed with, `whsec_…`. It is told this once: keep it.'),
  },
  { $id: 'WebhookWithSecret' },
)

const AttemptSchema = Type.Object(
  {
    at: time(),
    outcome: words(ATTEMPT_OUTCOMES, {
      description:
        '`DELIVERED` is an answer of 2xx within 15 seconds. `ADDRESS_REFUSED`: the host leads to an address that nothing is sent to. `REDIRECTED`: redirects are not followed. `NOT_ALLOWED`: the owner may not see the cluster.',
    }),
    status: nullable(Type.Integer(), { description: 'The HTTP status; null where none was answered.' }),
    durationMs: Type.Integer({ description: 'Milliseconds.' }),
  },
  { $id: 'DeliveryAttempt' },
)

const DeliveryFields = {
  id: id('The delivery: `webhook-id` of the message.'),
  webhookId: id('The webhook.'),
  type: words(MESSAGE_TYPES),
  jobId: nullable(id('The job that it tells of.')),
  createdAt: time(),
  status: words(DELIVERY_STATUSES),
  nextAttemptAt: nullable(time(), { description: 'Null where none is due.' }),
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
    type: words(MESSAGE_TYPES),
    timestamp: time('When it happened.'),
    data: Type.Object({
      entry: Type.Optional(ref(JobLogEntrySchema)),
      job: Type.Optional(ref(JobSchema)),
      webhookId: Type.Optional(id('The webhook, of `webhook.ping` alone.')),
      azure: Type.Optional(
        words(AZURE_MODES, { description: 'Of `webhook.ping` alone; otherwise the job says it.' }),
      ),
    }),
  },
  { $id: 'WebhookMessage' },
)

export const WEBHOOK_PARTS = [
  WebhookMessageSchema,
  ClusterPatternSchema,
  WebhookSchema,
  WebhookWithSecretSchema,
  AttemptSchema,
  DeliverySchema,
  DeliveryWithPayloadSchema,
  ReplayedSchema,
]
