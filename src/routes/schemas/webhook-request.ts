import { Type } from 'typebox'
import { SECRET_PATTERN } from '../../core/webhooks/secret.ts'
import { JOB_MESSAGE_TYPES, WEBHOOK_STATUSES } from '../../core/webhooks/webhook.ts'
import { DeliveryIdSchema } from './names.ts'
import { NO_CONTROL_CHARACTERS, nullable, requestTime, words } from './plain.ts'

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

const events = Type.Array(words(JOB_MESSAGE_TYPES), {
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
      words(WEBHOOK_STATUSES, {
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
        failedSince: requestTime('Every message that was made since and was given up, 500 at most.'),
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

export const WEBHOOK_REQUESTS = [
  WebhookRequestSchema,
  WebhookUpdateSchema,
  SecretRotationSchema,
  ReplayRequestSchema,
  JobWebhookSchema,
]
