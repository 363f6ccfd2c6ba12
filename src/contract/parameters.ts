import { type TProperties, type TSchema, Type } from 'typebox'
import { ClusterNameSchema, ResourceGroupSchema, SubscriptionIdSchema } from './cluster.ts'
import { closed, enumOf, nullable } from './fields.ts'
import { TYPE_KEYS } from './outbound-type.ts'

/**
 * The request headers that an operation reads. The object is open, because other headers never fail a call. No header
 * has an example: Swagger UI sends examples, so all its users would share one Idempotency-Key.
 */
export function requestHeaders<T extends TProperties>(headers: T) {
  return Type.Object(headers)
}

export const IF_NONE_MATCH = {
  'If-None-Match': Type.Optional(
    Type.String({
      description:
        'The `ETag` of an answer that the caller has, such as `"7"`: 304 while it is still the present one.',
    }),
  ),
}

export function ifMatch(resource: string) {
  return {
    'If-Match': Type.Optional(
      Type.String({
        description: `The \`ETag\` of ${resource} as the caller has read it, such as \`"7"\`: 412 and no effect where it has changed since.`,
      }),
    ),
  }
}

export const PREFER_WAIT = {
  Prefer: Type.Optional(
    Type.String({
      description:
        '`wait=n` (RFC 7240), such as `wait=30`: answer as soon as there is news, after n seconds at the latest, 60 at most. News is a job that is not the one of `If-None-Match`, or without that header one that is not as it was when the request came; a finished job is answered at once.',
    }),
  ),
}

export const PREFERENCE_APPLIED = {
  'preference-applied': {
    type: 'string',
    description:
      'The `wait=n` that was applied; not there when none was asked for, or none that is understood.',
  },
}

export const LAST_EVENT_ID = {
  'Last-Event-ID': Type.Optional(
    Type.String({
      description:
        'For a stream that is resumed: the `id` of the last entry that arrived, such as `7`. Goes before the parameter `after`.',
    }),
  ),
}

export const IDEMPOTENCY_KEY = {
  'Idempotency-Key': Type.Optional(
    Type.String({
      description:
        "A name for this request, of the caller's own choice: 1 to 255 printable ASCII characters, such as a new UUID. A request that is sent again with it within 24 hours is answered as the first time and done once. Keys of different callers never meet; a refused request leaves its key free.",
    }),
  ),
}

export const IDEMPOTENCY_REPLAYED = {
  'idempotency-replayed': {
    type: 'string',
    description: '`true`: this is the answer to an earlier request with the same key; nothing was done now.',
  },
}

export function pageOf<T extends TSchema>(item: T) {
  return Type.Object({
    items: Type.Array(item),
    next: nullable(Type.String(), {
      description: 'Give it as `cursor`, with the same filters, to read on; null on the last page.',
    }),
  })
}

export const PAGE_PARAMETERS = {
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 100, default: 20, description: 'Entries of a page, 1 to 100.' }),
  ),
  cursor: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 2048,
      description: 'The `next` of the page before; it holds for this list with the same filters only.',
    }),
  ),
  cluster: Type.Optional(
    Type.String({ minLength: 1, maxLength: 1000, description: 'Only this cluster, by its ARM id.' }),
  ),
}

/** The filters that plans and jobs have in common, besides their status. */
export const FILTER_PARAMETERS = {
  from: Type.Optional(
    enumOf(TYPE_KEYS, { description: 'Only plans, or jobs on plans, from this outbound type.' }),
  ),
  to: Type.Optional(
    enumOf(TYPE_KEYS, { description: 'Only plans, or jobs on plans, to this outbound type.' }),
  ),
  createdBy: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 200,
      pattern: '^[^\\u0000-\\u001f\\u007f]*$',
      description: 'Only what this actor made, by id or by the name in `createdBy`.',
    }),
  ),
  createdAfter: Type.Optional(
    Type.String({ maxLength: 40, description: 'Only what was made at this time or later (RFC 3339).' }),
  ),
  createdBefore: Type.Optional(
    Type.String({ maxLength: 40, description: 'Only what was made before this time (RFC 3339).' }),
  ),
}

/** Stricter than `format: uuid`, which also admits `urn:uuid:`. */
const ID = '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$'

export const PlanIdSchema = Type.String({ pattern: ID, description: 'The id of the plan, a UUID.' })

export const JobIdSchema = Type.String({ pattern: ID, description: 'The id of the job, a UUID.' })

export const WebhookIdSchema = Type.String({ pattern: ID, description: 'The id of the webhook, a UUID.' })

export const DeliveryIdSchema = Type.String({ pattern: ID, description: 'The id of the delivery, a UUID.' })

export const ApprovalIdSchema = Type.String({ pattern: ID, description: 'The id of the approval, a UUID.' })

export const ClusterPathSchema = Type.Object(
  {
    subscriptionId: SubscriptionIdSchema,
    resourceGroup: ResourceGroupSchema,
    clusterName: ClusterNameSchema,
  },
  closed,
)

export const PlanPathSchema = Type.Object({ planId: PlanIdSchema }, closed)

export const JobPathSchema = Type.Object({ jobId: JobIdSchema }, closed)

export const WebhookPathSchema = Type.Object({ webhookId: WebhookIdSchema }, closed)

export const DeliveryPathSchema = Type.Object(
  { webhookId: WebhookIdSchema, deliveryId: DeliveryIdSchema },
  closed,
)

export const ApprovalPathSchema = Type.Object(
  {
    planId: PlanIdSchema,
    approvalId: ApprovalIdSchema,
  },
  { additionalProperties: false },
)
