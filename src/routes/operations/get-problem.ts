import { Type } from 'typebox'
import { BUSY_PROBLEMS, publicAnswers } from '../answers.ts'
import type { App } from '../deps.ts'
import { Problem, problemKind, problemOfSlug } from '../problems.ts'
import { NO_QUERY, ref } from '../schemas/plain.ts'
import { ProblemKindSchema } from '../schemas/problem.ts'

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
  response: publicAnswers(
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
    const code = problemOfSlug(params.name)
    if (code === undefined)
      throw new Problem('PROBLEM_NOT_FOUND', { facts: { name: params.name.slice(0, 100) } })
    return problemKind(code)
  })
}
