import { type Static, Type } from 'typebox'
import { ClusterByIdSchema, ClusterByNameSchema } from './cluster.ts'
import { closed, enumOf, NO_CONTROL_CHARACTERS, ref } from './fields.ts'
import { PreparationSchema } from './preparation.ts'
import { RequestedTargetSchema } from './target.ts'

export const MAX_CONSUMERS = 50

/** An address has at most 39 characters; a prefix length adds four. */
const MAX_ADDRESS_LENGTH = 43

/** A partner outside Azure that has the cluster's addresses in an allow list. */
export const ConsumerRequestSchema = Type.Object(
  {
    name: Type.String({
      minLength: 1,
      maxLength: 100,
      pattern: NO_CONTROL_CHARACTERS,
      description: 'Who it is, such as a partner or a system; each name once.',
    }),
    contact: Type.Optional(
      Type.String({
        maxLength: 200,
        pattern: NO_CONTROL_CHARACTERS,
        description: 'How to reach them; kept with the plan.',
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
        Type.String({ minLength: 1, maxLength: MAX_ADDRESS_LENGTH, description: 'An address or a CIDR.' }),
        {
          maxItems: 200,
          uniqueItems: true,
          description:
            "What they have allow-listed. Left out: they are told all of the cluster's addresses that go.",
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
  description: 'Free text without control characters, such as a change number; kept for the audit.',
})

export const PlanRequestSchema = Type.Object(
  {
    cluster: Type.Union([ClusterByNameSchema, ClusterByIdSchema], {
      description: 'The cluster, either by subscriptionId, resourceGroup and name, or by id.',
    }),
    target: ref(RequestedTargetSchema),
    authorizedRanges: Type.Optional(
      enumOf(['widen', 'keep'], {
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
        maxItems: MAX_CONSUMERS,
        description:
          'Those outside Azure who have allow-listed the cluster; the plan says what each has to add and to drop.',
      }),
    ),
    reason: Type.Optional(ReasonSchema),
  },
  { ...closed, $id: 'PlanRequest' },
)
export type PlanRequest = Static<typeof PlanRequestSchema>
