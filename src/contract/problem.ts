import { type Static, Type } from 'typebox'
import { enumOf, ref, string } from './fields.ts'
import { openObject } from './json.ts'

/** One error of a request, with its field. */
export const FaultSchema = Type.Object(
  {
    in: enumOf(['body', 'path', 'query', 'header']),
    pointer: Type.Optional(
      Type.String({ description: 'JSON pointer to the field, for a fault in the body.' }),
    ),
    parameter: Type.Optional(
      Type.String({ description: 'Name of the path or query parameter, or of the header.' }),
    ),
    code: string('Stable, for programs.'),
    message: string(),
  },
  { $id: 'Fault' },
)
export type Fault = Static<typeof FaultSchema>

export const ProblemSchema = Type.Object(
  {
    type: string('A relative URI; GET it to read what the problem means.'),
    title: string(),
    status: Type.Integer(),
    detail: string(),
    instance: Type.Optional(Type.String({ description: 'The path that was asked for.' })),
    code: string('Stable, for programs; also in the header x-ms-error-code.'),
    remedy: string('What to do about it.'),
    facts: openObject('Every number, name and list of the sentence, as data.'),
    errors: Type.Array(ref(FaultSchema), {
      description: 'All faults of the request, at once.',
    }),
    requestId: string('Also in the header x-request-id and in the log.'),
  },
  { $id: 'Problem', description: 'RFC 9457 problem details.' },
)

export const ProblemKindSchema = Type.Object(
  { type: string(), code: string(), status: Type.Integer(), title: string(), remedy: string() },
  { $id: 'ProblemKind', description: 'What a problem code means, whoever runs into it.' },
)
