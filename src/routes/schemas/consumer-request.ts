import { Type } from 'typebox'
import { NO_CONTROL_CHARACTERS } from './plain.ts'

export const CONSUMERS_AT_MOST = 50

/** An address has 39 characters at most, with a prefix length four more. */
const ADDRESS_LENGTH = 43

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
        Type.String({ minLength: 1, maxLength: ADDRESS_LENGTH, description: 'An address or a CIDR.' }),
        {
          maxItems: 200,
          uniqueItems: true,
          description:
            "What they have allow-listed. Left out: they are told all of the cluster's addresses that go.",
        },
      ),
    ),
  },
  { additionalProperties: false, $id: 'ConsumerRequest' },
)
