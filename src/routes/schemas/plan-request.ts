import { Type } from 'typebox'
import { NAT_GATEWAY_SKUS, TYPE_KEYS } from '../../core/outbound-type.ts'
import { CONSUMERS_AT_MOST, ConsumerRequestSchema } from './consumer-request.ts'
import { ClusterNameSchema, ResourceGroupSchema, SubscriptionIdSchema } from './names.ts'
import { NO_CONTROL_CHARACTERS, ref, words } from './plain.ts'
import { PreparationSchema } from './preparation.ts'

const closed = { additionalProperties: false }

const ipIds = resourceIds('publicIPAddresses', 'Ids of own public IP addresses, in place of managed ones.')
const prefixIds = resourceIds('publicIPPrefixes', 'Ids of own public IP prefixes, in place of managed ones.')

function resourceIds(type: string, description: string) {
  return Type.Array(
    Type.String({
      minLength: 1,
      maxLength: 1000,
      description: `The ARM id of a resource of type Microsoft.Network/${type}.`,
    }),
    { maxItems: 16, uniqueItems: true, description },
  )
}

/** The same shape says what a rollback would ask for, so that it can be sent back as it is. */
export const RequestedTargetSchema = Type.Object(
  {
    outboundType: words(TYPE_KEYS, {
      description: '`managedNATGatewayV2` is read as `managedNATGateway` with the SKU `StandardV2`.',
    }),
    natGateway: Type.Optional(
      Type.Object(
        {
          sku: Type.Optional(words(NAT_GATEWAY_SKUS, { description: 'Left out: `Standard`.' })),
          managedOutboundIpCount: Type.Optional(Type.Integer({ minimum: 1, maximum: 16 })),
          managedOutboundIpv6Count: Type.Optional(
            Type.Integer({ minimum: 1, maximum: 16, description: 'StandardV2 only.' }),
          ),
          outboundIpIds: Type.Optional(ipIds),
          outboundIpPrefixIds: Type.Optional(prefixIds),
          idleTimeoutInMinutes: Type.Optional(Type.Integer({ minimum: 4, maximum: 120 })),
        },
        { ...closed, description: 'For `managedNATGateway` only. Own addresses are for StandardV2 only.' },
      ),
    ),
    loadBalancer: Type.Optional(
      Type.Object(
        {
          managedOutboundIpCount: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
          managedOutboundIpv6Count: Type.Optional(Type.Integer({ minimum: 0, maximum: 100 })),
          outboundIpIds: Type.Optional(ipIds),
          outboundIpPrefixIds: Type.Optional(prefixIds),
          allocatedOutboundPorts: Type.Optional(
            Type.Integer({
              minimum: 0,
              maximum: 64_000,
              multipleOf: 8,
              description: 'SNAT ports for each node; 0 lets Azure choose.',
            }),
          ),
          idleTimeoutInMinutes: Type.Optional(Type.Integer({ minimum: 4, maximum: 120 })),
        },
        { ...closed, description: 'For `loadBalancer` only.' },
      ),
    ),
  },
  { ...closed, $id: 'RequestedTarget' },
)

const ClusterByNameSchema = Type.Object(
  { subscriptionId: SubscriptionIdSchema, resourceGroup: ResourceGroupSchema, name: ClusterNameSchema },
  { ...closed, title: 'by name' },
)

const ClusterByIdSchema = Type.Object(
  {
    id: Type.String({
      minLength: 1,
      maxLength: 1000,
      description: 'The ARM id of the managed cluster.',
    }),
  },
  { ...closed, title: 'by id' },
)

export const ReasonSchema = Type.String({
  maxLength: 500,
  pattern: NO_CONTROL_CHARACTERS,
  description: 'Free text without control characters, such as a change number; kept for the audit.',
})

export const PlanRequestSchema = Type.Object(
  {
    cluster: Type.Union([ClusterByNameSchema, ClusterByIdSchema], {
      description: 'The cluster, either by subscriptionId, resourceGroup and name, or by id.',
    }),
    target: ref(RequestedTargetSchema),
    authorizedRanges: Type.Optional(
      words(['widen', 'keep'], {
        description:
          "`widen` (the default): the plan adds the new egress addresses to the API server's authorized ranges before the switch. `keep`: it leaves the ranges alone, and addresses that they do not cover block the plan.",
      }),
    ),
    prepare: Type.Optional(ref(PreparationSchema)),
    upgradeNodeImages: Type.Optional(
      Type.Boolean({
        description:
          'Whether the plan upgrades the node image of every pool at its end, which AKS asks for after a change of type and does not start itself. Left out: no.',
      }),
    ),
    consumers: Type.Optional(
      Type.Array(ref(ConsumerRequestSchema), {
        maxItems: CONSUMERS_AT_MOST,
        description:
          'Those outside Azure who have allow-listed the cluster; the plan says what each has to add and to drop.',
      }),
    ),
    reason: Type.Optional(ReasonSchema),
  },
  { ...closed, $id: 'PlanRequest' },
)
