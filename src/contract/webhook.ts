import { type Static, Type } from 'typebox'
import { closed, dateTime, enumOf, NO_CONTROL_CHARACTERS, nullable, ref, string, uuid } from './fields.ts'

/** Clusters by name. `*` matches any characters within one name, which ARM allows in no name. Letter case is ignored. */
export const ClusterPatternSchema = Type.Object(
  {
    subscriptionId: string('Its id, or `*`.'),
    resourceGroup: string(),
    clusterName: string(),
  },
  { $id: 'ClusterPattern' },
)
export type ClusterPattern = Static<typeof ClusterPatternSchema>

/** The message types of jobs, named as Standard Webhooks recommends. */
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

export const WEBHOOK_STATUSES = ['enabled', 'disabled'] as const
export type WebhookStatus = (typeof WEBHOOK_STATUSES)[number]

export const DISABLED_REASONS = ['OWNER', 'GONE', 'FAILING'] as const
export type DisabledReason = (typeof DISABLED_REASONS)[number]

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

/** A subscription as its owner sees it, without its secrets. */
export const WebhookSchema = Type.Object(WebhookFields, { $id: 'Webhook' })
export type Webhook = Static<typeof WebhookSchema>

export const WebhookWithSecretSchema = Type.Object(
  {
    ...WebhookFields,
    secret: string('What messages are signed with, `whsec_…`. It is told this once: keep it.'),
  },
  { $id: 'WebhookWithSecret' },
)
export type WebhookWithSecret = Static<typeof WebhookWithSecretSchema>

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

/** Null restores the default. */
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

/** The form of a secret; `isSecret` also checks the number of bytes, which a pattern cannot express. */
export const SECRET_PATTERN = '^whsec_[A-Za-z0-9+/]{32,88}={0,2}$'

/** A webhook of one job, created with it. */
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
