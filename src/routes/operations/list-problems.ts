import { BUSY_PROBLEMS, publicAnswers } from '../answers.ts'
import type { App } from '../deps.ts'
import { PROBLEM_CODES, problemKind } from '../problems.ts'
import { listOf } from '../schemas/lists.ts'
import { NO_QUERY, ref } from '../schemas/plain.ts'
import { ProblemKindSchema } from '../schemas/problem.ts'

const path = '/problems'

const schema = {
  operationId: 'listProblems',
  tags: ['Service'],
  summary: 'Every problem that this service can answer',
  description: 'The closed list of codes, with status and remedy. Not paged.',
  querystring: NO_QUERY,
  response: publicAnswers(
    {
      200: {
        description: 'The problems.',
        schema: listOf(ref(ProblemKindSchema)),
        example: 'problems',
      },
    },
    ['INVALID_REQUEST', ...BUSY_PROBLEMS],
  ),
}

export function listProblems(app: App): void {
  const config = { operation: schema.operationId, public: true }
  app.get(path, { schema, config }, async () => ({ items: PROBLEM_CODES.map(problemKind), next: null }))
}
