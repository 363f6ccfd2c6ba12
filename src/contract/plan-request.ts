import { type Static, Type } from 'typebox'
import { ClusterByIdSchema, ClusterByNameSchema } from './cluster.ts'
import { closed, enumOf, NO_CONTROL_CHARACTERS, ref } from './fields.ts'
import { labelsOf } from './labels.ts'
import { PreparationSchema } from './preparation.ts'
import { ProbeOptions } from './probe.ts'
import { RequestedTargetSchema } from './target.ts'

export const MAX_CONSUMERS = 50

/** An address has at most 39 characters; a prefix length adds four. */
const MAX_ADDRESS_LENGTH = 43

/** A consumer outside Azure whose allow list contains addresses of the cluster. */
export const ConsumerRequestSchema = Type.Object(
  {
    name: Type.String({
      minLength: 1,
      maxLength: 100,
      pattern: NO_CONTROL_CHARACTERS,
      description: 'The name of the consumer, such as a partner or a system. Each name may appear once.',
    }),
    contact: Type.Optional(
      Type.String({
        maxLength: 200,
        pattern: NO_CONTROL_CHARACTERS,
        description: 'The contact of the consumer. Stored with the plan.',
      }),
    ),
    note: Type.Optional(
      Type.String({
        maxLength: 500,
        pattern: NO_CONTROL_CHARACTERS,
        description: 'Free text without control characters.',
      }),
    ),
    addresses: Type.Optional(
      Type.Array(
        Type.String({ minLength: 1, maxLength: MAX_ADDRESS_LENGTH, description: 'An IP address or a CIDR.' }),
        {
          maxItems: 200,
          uniqueItems: true,
          description:
            "The entries of the consumer's allow list. Default: all addresses that the cluster loses.",
        },
      ),
    ),
  },
  { ...closed, $id: 'ConsumerRequest' },
)
export type ConsumerRequest = Static<typeof ConsumerRequestSchema>

export const ReasonSchema = Type.String({
  maxLength: 500,
  pattern: NO_CONTROL_CHARACTERS,
  description: 'Free text without control characters, such as a change number. Recorded in the audit log.',
})

export const VerifyFromNodesSchema = Type.Object(ProbeOptions, {
  ...closed,
  description:
    'Measures from nodes before the cutover and after it. The job fails, or reverts the change with `onFailure: rollBack`, if nodes no longer reach an endpoint that they reached before. After an automatic rollback, the job measures again. `{}` probes the endpoints that AKS requires. Default: no measurement.',
})

export const ConsumersSchema = Type.Array(ref(ConsumerRequestSchema), {
  maxItems: MAX_CONSUMERS,
  description:
    'Consumers outside Azure whose allow lists contain addresses of the cluster. For each consumer, the plan lists the addresses to add and to remove.',
})

export const PlanRequestSchema = Type.Object(
  {
    cluster: Type.Union([ClusterByNameSchema, ClusterByIdSchema], {
      description: 'The cluster, either by `subscriptionId`, `resourceGroup` and `name`, or by `id`.',
    }),
    target: ref(RequestedTargetSchema),
    authorizedRanges: Type.Optional(
      enumOf(['widen', 'keep'], {
        description:
          '`widen` (default): the plan adds the new egress addresses to the authorized IP ranges of the API server before the cutover. `keep`: the plan does not change the ranges, and an uncovered address blocks the plan.',
      }),
    ),
    prepare: Type.Optional(ref(PreparationSchema)),
    upgradeNodeImages: Type.Optional(
      Type.Boolean({
        description:
          'Whether the last steps of the plan upgrade the node image of every pool. AKS requires the upgrade after a change of the outbound type and does not start it itself. Default: false.',
      }),
    ),
    verifyFromNodes: Type.Optional(VerifyFromNodesSchema),
    consumers: Type.Optional(ConsumersSchema),
    reason: Type.Optional(ReasonSchema),
    labels: Type.Optional(
      labelsOf(
        'Up to 20 labels, named like labels of Kubernetes. Lists filter by them. A job inherits the labels of its plan.',
      ),
    ),
  },
  { ...closed, $id: 'PlanRequest' },
)
export type PlanRequest = Static<typeof PlanRequestSchema>
