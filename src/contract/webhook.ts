import { type Static, Type } from 'typebox'
import { closed, dateTime, enumOf, NO_CONTROL_CHARACTERS, nullable, ref, string, uuid } from './fields.ts'

/** A set of clusters. `*` matches any characters within a name; no ARM name contains it. Letter case is ignored. */
export const ClusterPatternSchema = Type.Object(
  {
    subscriptionId: string('The ID of the subscription, or `*`.'),
    resourceGroup: string(),
    clusterName: string(),
  },
  { $id: 'ClusterPattern' },
)
export type ClusterPattern = Static<typeof ClusterPatternSchema>

/** The message types of jobs, named as Standard Webhooks recommends. */
export const JOB_MESSAGE_TYPES = [
  'job.accepted',
  'job.rescheduled',
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

/** The message types of the approval of plans. */
export const PLAN_MESSAGE_TYPES = [
  'plan.approval.requested',
  'plan.approved',
  'plan.approval.withdrawn',
] as const
export type PlanMessageType = (typeof PLAN_MESSAGE_TYPES)[number]

/** The message types of the inventory. */
export const INVENTORY_MESSAGE_TYPES = [
  'cluster.egress.changed',
  'cluster.egress.uncovered',
  'cluster.egress.diverged',
  'endpoints.changed',
] as const
export type InventoryMessageType = (typeof INVENTORY_MESSAGE_TYPES)[number]

/** The message types of campaigns. */
export const CAMPAIGN_MESSAGE_TYPES = [
  'campaign.planned',
  'campaign.started',
  'campaign.waiting',
  'campaign.paused',
  'campaign.resumed',
  'campaign.gate.released',
  'campaign.member.waiting',
  'campaign.cancellation.requested',
  'campaign.ended',
] as const
export type CampaignMessageType = (typeof CAMPAIGN_MESSAGE_TYPES)[number]

/** The message types that a webhook can select. A webhook of one job receives only those of jobs. */
export const EVENT_TYPES = [
  ...JOB_MESSAGE_TYPES,
  ...PLAN_MESSAGE_TYPES,
  ...INVENTORY_MESSAGE_TYPES,
  ...CAMPAIGN_MESSAGE_TYPES,
] as const
export type EventType = (typeof EVENT_TYPES)[number]

export const WEBHOOK_STATUSES = ['enabled', 'disabled'] as const
export type WebhookStatus = (typeof WEBHOOK_STATUSES)[number]

export const DISABLED_REASONS = ['OWNER', 'GONE', 'FAILING'] as const
export type DisabledReason = (typeof DISABLED_REASONS)[number]

const WebhookFields = {
  id: uuid('The ID of the webhook.'),
  url: string(),
  description: nullable(Type.String()),
  events: Type.Array(enumOf(EVENT_TYPES)),
  clusters: Type.Array(ref(ClusterPatternSchema), {
    description:
      'The clusters that are reported. Empty: every cluster that the owner has permission to see. `endpoints.changed` does not depend on this list.',
  }),
  status: enumOf(WEBHOOK_STATUSES),
  disabledBecause: nullable(enumOf(DISABLED_REASONS), {
    description:
      '`OWNER`: the owner disabled the webhook. `GONE`: the receiver returned 410. `FAILING`: all attempts to deliver a message failed, and no other message has been delivered since that message was created. Null while the webhook is enabled.',
  }),
  disabledAt: nullable(dateTime()),
  jobId: nullable(uuid('The ID of the job that the webhook was created with.'), {
    description: 'The only job that the webhook reports on. Null for a subscription.',
  }),
  createdAt: dateTime(),
  createdBy: string(),
  formerSecretValidUntil: nullable(dateTime(), {
    description:
      'The time until which messages are also signed with the former secret. Null if only one secret is in use.',
  }),
}

/** A webhook as its owner sees it, without its secrets. */
export const WebhookSchema = Type.Object(WebhookFields, { $id: 'Webhook' })
export type Webhook = Static<typeof WebhookSchema>

export const WebhookWithSecretSchema = Type.Object(
  {
    ...WebhookFields,
    secret: string('The signing secret, `whsec_…`. It is returned only once; store it.'),
  },
  { $id: 'WebhookWithSecret' },
)
export type WebhookWithSecret = Static<typeof WebhookWithSecretSchema>

/** The most `*` in one name of a pattern. */
export const MAX_WILDCARDS = 8

const GUID_OR_ALL = '^(\\*|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$'

const url = Type.String({
  minLength: 1,
  maxLength: 2048,
  // The letter case of a scheme does not count (RFC 3986, 3.1), and patterns have no flags.
  pattern: '^[Hh][Tt][Tt][Pp][Ss]?://[^\\s]+$',
  description:
    'The URL that receives messages, without user name and password. It must use https; http is only accepted for networks that the operator allows. At every attempt, the host must resolve to public addresses or to these networks.',
  examples: ['https://portal.example.com/hooks/egress'],
})

function eventsOf<const T extends readonly string[]>(types: T) {
  return Type.Array(enumOf(types), {
    minItems: 1,
    maxItems: types.length,
    uniqueItems: true,
    description: 'The message types to send. Default: all types.',
  })
}

const events = eventsOf(EVENT_TYPES)

const clusters = Type.Array(
  Type.Object(
    {
      subscriptionId: Type.String({
        pattern: GUID_OR_ALL,
        description: 'The ID of the subscription, or `*` for every subscription.',
      }),
      resourceGroup: Type.Optional(
        Type.String({
          pattern: '^[-a-zA-Z0-9_().*\\u00aa-\\uffdc]{1,90}$',
          description:
            'The name of the resource group. `*` matches any characters; at most 8 are allowed. Default: all resource groups.',
        }),
      ),
      clusterName: Type.Optional(
        Type.String({
          pattern: '^[a-zA-Z0-9_*-]{1,63}$',
          description:
            'The name of the cluster. `*` matches any characters; at most 8 are allowed. Default: all clusters.',
        }),
      ),
    },
    closed,
  ),
  {
    maxItems: 50,
    description:
      'The clusters that are reported. Default, also for an empty list: every cluster that the caller has permission to see.',
  },
)

const description = Type.String({
  minLength: 1,
  maxLength: 200,
  pattern: NO_CONTROL_CHARACTERS,
  description: 'A description of the webhook.',
})

export const WebhookRequestSchema = Type.Object(
  {
    url,
    events: Type.Optional(events),
    clusters: Type.Optional(clusters),
    description: Type.Optional(description),
  },
  { ...closed, $id: 'WebhookRequest' },
)

/** Null restores the default. */
export const WebhookUpdateSchema = Type.Object(
  {
    url: Type.Optional(url),
    events: Type.Optional(
      nullable(events, { description: 'The message types to send from now on. Null: all types.' }),
    ),
    clusters: Type.Optional(
      nullable(clusters, {
        description:
          'The clusters that are reported. Null: every cluster that the caller has permission to see.',
      }),
    ),
    description: Type.Optional(
      nullable(description, { description: 'A description of the webhook. Null removes it.' }),
    ),
    status: Type.Optional(
      enumOf(WEBHOOK_STATUSES, {
        description:
          'The new status. A re-enabled webhook receives messages about new events only. To send earlier messages, replay them.',
      }),
    ),
  },
  { ...closed, minProperties: 1, $id: 'WebhookUpdate' },
)

export const SecretRotationSchema = Type.Object(
  {
    overlapInHours: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 168,
        description:
          'The number of hours during which messages are also signed with the current secret. Default: 24.',
      }),
    ),
  },
  { ...closed, $id: 'SecretRotation' },
)

/** The form of a secret; `isSecret` also checks the number of bytes, which a pattern cannot express. */
export const SECRET_PATTERN = '^whsec_[A-Za-z0-9+/]{32,88}={0,2}$'

/** A webhook of one job, created with it. */
export const JobWebhookSchema = Type.Object(
  {
    url,
    secret: Type.String({
      pattern: SECRET_PATTERN,
      description:
        'The signing secret: `whsec_` followed by 24 to 64 bytes in base64. The caller creates it, because no response contains it.',
      examples: ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
    }),
    events: Type.Optional(eventsOf(JOB_MESSAGE_TYPES)),
  },
  { ...closed, $id: 'JobWebhook' },
)
