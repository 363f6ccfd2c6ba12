import { Type } from 'typebox'
import { NO_QUERY, ref } from '../../contract/fields.ts'
import { ProblemKindSchema } from '../../contract/problem.ts'
import { BUSY_PROBLEMS, publicResponses } from '../openapi/documented-responses.ts'
import { findProblemBySlug, Problem, problemKind } from '../problems/problems.ts'
import type { App } from '../server/app-deps.ts'

const path = '/problems/:name'

const schema = {
  operationId: 'getProblem',
  tags: ['Service'],
  summary: 'What a problem means',
  description: 'The `type` of every problem leads here.',
  params: Type.Object(
    {
      name: Type.String({
        description: 'The last part of `type`.',
        maxLength: 1000,
        examples: ['plan-stale'],
      }),
    },
    { additionalProperties: false },
  ),
  querystring: NO_QUERY,
  response: publicResponses(
    {
      200: {
        description: 'The problem.',
        schema: ref(ProblemKindSchema),
        example: 'problem',
      },
    },
    ['INVALID_REQUEST', 'URI_TOO_LONG', 'PROBLEM_NOT_FOUND', ...BUSY_PROBLEMS],
  ),
}

export function getProblem(app: App): void {
  const config = { operation: schema.operationId, public: true }
  app.get(path, { schema, config }, async ({ params }) => {
    const code = findProblemBySlug(params.name)
    if (code === undefined)
      throw new Problem('PROBLEM_NOT_FOUND', { facts: { name: params.name.slice(0, 100) } })
    return problemKind(code)
  })
}
