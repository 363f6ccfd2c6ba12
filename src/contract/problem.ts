import { type Static, Type } from 'typebox'
import { enumOf, ref, string } from './fields.ts'
import { openObject } from './json.ts'

/** One error of a request, with its field. */
export const FaultSchema = Type.Object(
  {
    in: enumOf(['body', 'path', 'query', 'header']),
    pointer: Type.Optional(
      Type.String({ description: 'A JSON pointer to the field, for an error in the body.' }),
    ),
    parameter: Type.Optional(
      Type.String({ description: 'The name of the path parameter, query parameter or header.' }),
    ),
    code: string('The stable code of the error, for programs.'),
    message: string(),
  },
  { $id: 'Fault' },
)
export type Fault = Static<typeof FaultSchema>

export const ProblemSchema = Type.Object(
  {
    type: string('A relative URI. GET it for a description of the problem.'),
    title: string(),
    status: Type.Integer(),
    detail: string(),
    instance: Type.Optional(Type.String({ description: 'The path of the request.' })),
    code: string(
      'The stable code of the problem, for programs. Also returned in the header `x-ms-error-code`.',
    ),
    remedy: string('The recommended action.'),
    facts: openObject('Every number, name and list of the detail, as data.'),
    errors: Type.Array(ref(FaultSchema), {
      description: 'All errors of the request.',
    }),
    requestId: string('The request ID, also returned in the header `x-request-id` and written to the log.'),
  },
  { $id: 'Problem', description: 'RFC 9457 problem details.' },
)
export type ProblemDetails = Static<typeof ProblemSchema>

export const ProblemKindSchema = Type.Object(
  { type: string(), code: string(), status: Type.Integer(), title: string(), remedy: string() },
  { $id: 'ProblemKind', description: 'The meaning of a problem code.' },
)
