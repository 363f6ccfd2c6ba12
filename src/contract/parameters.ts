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
        'The `ETag` of an earlier response, such as `"7"`. The service returns 304 while the version is unchanged.',
    }),
  ),
}

export function ifMatch(resource: string) {
  return {
    'If-Match': Type.Optional(
      Type.String({
        description: `The \`ETag\` of ${resource}, such as \`"7"\`. If ${resource} has changed since, the service returns 412 and changes nothing.`,
      }),
    ),
  }
}

/** `immediately` states when a wait would be pointless. */
export function preferWait(resource: string, immediately: string) {
  return {
    Prefer: Type.Optional(
      Type.String({
        description: `\`wait=n\` (RFC 7240), such as \`wait=30\`: the service delays the response until the ${resource} changes, for at most n seconds (maximum 60 s). With \`If-None-Match\`, a change means a version other than the given \`ETag\`. Without it, a change means any change after the request arrived. ${immediately}`,
      }),
    ),
  }
}

export const PREFERENCE_APPLIED = {
  'preference-applied': {
    type: 'string',
    description: 'The applied `wait=n`. Absent if the request has no valid `wait` preference.',
  },
}

export const LAST_EVENT_ID = {
  'Last-Event-ID': Type.Optional(
    Type.String({
      description:
        'Resumes a stream after this entry. The value is the `id` of the last received entry, such as `7`. It takes precedence over the parameter `after`.',
    }),
  ),
}

export const IDEMPOTENCY_KEY = {
  'Idempotency-Key': Type.Optional(
    Type.String({
      description:
        'A unique name for the request, chosen by the caller: 1 to 255 printable ASCII characters, such as a new UUID. A request repeated with the same key within 24 hours returns the first response and has no further effect. Keys are scoped to the caller. A rejected request does not consume its key.',
    }),
  ),
}

export const IDEMPOTENCY_REPLAYED = {
  'idempotency-replayed': {
    type: 'string',
    description:
      '`true`: this is the response to an earlier request with the same key, and nothing was changed.',
  },
}

export function pageOf<T extends TSchema>(item: T) {
  return Type.Object({
    items: Type.Array(item),
    next: nullable(Type.String(), {
      description: 'The `cursor` of the next page. Use it with the same filters. Null on the last page.',
    }),
  })
}

export const PAGE_PARAMETERS = {
  limit: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 100,
      default: 20,
      description: 'The number of items per page, 1 to 100.',
    }),
  ),
  cursor: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 2048,
      description:
        'The value of `next` from the previous page. A cursor is only valid for the same list with the same filters.',
    }),
  ),
  cluster: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 1000,
      description: 'Returns only items of this cluster, given by its ARM ID.',
    }),
  ),
}

/** A filter that a query may repeat. One value is the same as a list of one. */
export function repeatable<T extends TSchema>(item: T, description: string) {
  return Type.Union([item, Type.Array(item, { minItems: 1, maxItems: 10 })], {
    description: `${description} Repeat the parameter for several values.`,
  })
}

/** The filters that plans and jobs share, except the status. */
export const FILTER_PARAMETERS = {
  subscriptionId: Type.Optional(
    Type.String({
      ...SubscriptionIdSchema,
      description: 'Returns only items of clusters in this subscription.',
    }),
  ),
  resourceGroup: Type.Optional(
    Type.String({
      ...ResourceGroupSchema,
      description: 'Returns only items of clusters in this resource group.',
    }),
  ),
  label: Type.Optional(
    repeatable(
      Type.String({ minLength: 1, maxLength: 400 }),
      'Returns only items with this label: a name, or a name and a value such as `team=payments`. Several labels must all be present.',
    ),
  ),
  from: Type.Optional(
    enumOf(TYPE_KEYS, { description: 'Returns only plans, or jobs of plans, from this outbound type.' }),
  ),
  to: Type.Optional(
    enumOf(TYPE_KEYS, { description: 'Returns only plans, or jobs of plans, to this outbound type.' }),
  ),
  createdBy: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 200,
      pattern: '^[^\\u0000-\\u001f\\u007f]*$',
      description:
        'Returns only items created by this actor. The value is an object ID, or a name as shown in `createdBy`.',
    }),
  ),
  createdAfter: Type.Optional(
    Type.String({
      maxLength: 40,
      description: 'Returns only items created at or after this time (RFC 3339).',
    }),
  ),
  createdBefore: Type.Optional(
    Type.String({ maxLength: 40, description: 'Returns only items created before this time (RFC 3339).' }),
  ),
}

/** Stricter than `format: uuid`, which also allows `urn:uuid:`. */
const ID = '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$'

export const PlanIdSchema = Type.String({ pattern: ID, description: 'The ID of the plan, a UUID.' })

export const JobIdSchema = Type.String({ pattern: ID, description: 'The ID of the job, a UUID.' })

export const CampaignIdSchema = Type.String({ pattern: ID, description: 'The ID of the campaign, a UUID.' })
export const ProbeIdSchema = Type.String({ pattern: ID, description: 'The ID of the probe, a UUID.' })

export const WebhookIdSchema = Type.String({ pattern: ID, description: 'The ID of the webhook, a UUID.' })

export const DeliveryIdSchema = Type.String({ pattern: ID, description: 'The ID of the delivery, a UUID.' })

export const ApprovalIdSchema = Type.String({ pattern: ID, description: 'The ID of the approval, a UUID.' })

export const ShareLinkIdSchema = Type.String({
  pattern: ID,
  description: 'The ID of the share link, a UUID.',
})

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

export const PlanShareLinkPathSchema = Type.Object(
  { planId: PlanIdSchema, shareLinkId: ShareLinkIdSchema },
  closed,
)

export const JobShareLinkPathSchema = Type.Object(
  { jobId: JobIdSchema, shareLinkId: ShareLinkIdSchema },
  closed,
)

export const CampaignPathSchema = Type.Object({ campaignId: CampaignIdSchema }, closed)
export const ProbePathSchema = Type.Object({ probeId: ProbeIdSchema }, closed)

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
