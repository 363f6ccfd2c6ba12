import { type Static, Type } from 'typebox'
import { enumOf, NO_CONTROL_CHARACTERS, nullable, requestDateTime, string } from './fields.ts'
import { DeliveryIdSchema } from './parameters.ts'

/**
 * Clusters by their names. `*` stands for any letters within one name, which is unambiguous because ARM
 * admits it in none; letter case does not count, as ARM has it.
 */
export const ClusterPatternSchema = Type.Object(
  {
    subscriptionId: string('Its id, or `*`.'),
    resourceGroup: string(),
    clusterName: string(),
  },
  { $id: 'ClusterPattern' },
)
export type ClusterPattern = Static<typeof ClusterPatternSchema>

/** The same as `isSecret` but for the number of bytes, as a pattern for schemas: no client knows how to count bytes. */
export const SECRET_PATTERN = '^whsec_[A-Za-z0-9+/]{32,88}={0,2}$'

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
export const DISABLED_REASONS = ['OWNER', 'GONE', 'FAILING'] as const
export type DisabledReason = (typeof DISABLED_REASONS)[number]

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
  disabledBecause: DisabledReason | null
  disabledAt: string | null
  /** The job that it was ordered with, and alone is about; null for a subscription. */
  jobId: string | null
  createdAt: string
  createdBy: string
  /** Until then messages are signed with the former secret too; null where only one is in use. */
  formerSecretValidUntil: string | null
}

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

const closed = { additionalProperties: false }
const GUID_OR_ALL = '^(\\*|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$'

const url = Type.String({
  minLength: 1,
  maxLength: 2048,
  pattern: '^https?://[^\\s]+$',
  description:
    'Where messages are sent: https, without user name and password, on a host that is public at every attempt, or in a network that the operator has allowed.',
  examples: ['https://portal.example.com/hooks/egress'],
})

const events = Type.Array(enumOf(JOB_MESSAGE_TYPES), {
  minItems: 1,
  maxItems: JOB_MESSAGE_TYPES.length,
  uniqueItems: true,
  description: 'What it is told of. Left out: everything.',
})

const clusters = Type.Array(
  Type.Object(
    {
      subscriptionId: Type.String({
        pattern: GUID_OR_ALL,
        description: 'Its id, or `*` for every subscription.',
      }),
      resourceGroup: Type.Optional(
        Type.String({
          pattern: '^[-a-zA-Z0-9_().*\\u00aa-\\uffdc]{1,90}$',
          description: 'Its name, `*` standing for any letters. Left out: all.',
        }),
      ),
      clusterName: Type.Optional(
        Type.String({
          pattern: '^[a-zA-Z0-9_*-]{1,63}$',
          description: 'Its name, `*` standing for any letters. Left out: all.',
        }),
      ),
    },
    closed,
  ),
  {
    maxItems: 50,
    description:
      'The clusters whose jobs it is told of. Left out or empty: every cluster that the caller may see.',
  },
)

const description = Type.String({
  minLength: 1,
  maxLength: 200,
  pattern: NO_CONTROL_CHARACTERS,
  description: 'For readers.',
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

export const WebhookUpdateSchema = Type.Object(
  {
    url: Type.Optional(url),
    events: Type.Optional(
      nullable(events, { description: 'What it is told of from then on; null for everything.' }),
    ),
    clusters: Type.Optional(
      nullable(clusters, {
        description: 'The clusters whose jobs it is told of; null for every one that the caller may see.',
      }),
    ),
    description: Type.Optional(nullable(description, { description: 'For readers; null takes it away.' })),
    status: Type.Optional(
      enumOf(WEBHOOK_STATUSES, {
        description:
          'A webhook that is enabled again is told of what happens from then on; replay what it missed.',
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
        description: 'How long messages are signed with the present secret too; 24 unless told.',
      }),
    ),
  },
  { ...closed, $id: 'SecretRotation' },
)

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

/** A webhook of one job, ordered with it. */
export const JobWebhookSchema = Type.Object(
  {
    url,
    secret: Type.String({
      pattern: SECRET_PATTERN,
      description:
        'What messages are signed with: `whsec_` and 24 to 64 bytes in base64, made by the caller, because it is not answered.',
      examples: ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
    }),
    events: Type.Optional(events),
  },
  { ...closed, $id: 'JobWebhook' },
)

export const WEBHOOK_REQUEST_SCHEMAS = [
  WebhookRequestSchema,
  WebhookUpdateSchema,
  SecretRotationSchema,
  ReplayRequestSchema,
  JobWebhookSchema,
]
