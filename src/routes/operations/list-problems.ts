import { NO_QUERY, ref } from '../../contract/fields.ts'
import { pageOf } from '../../contract/parameters.ts'
import { ProblemKindSchema } from '../../contract/problem.ts'
import { BUSY_PROBLEMS, publicResponses } from '../openapi/documented-responses.ts'
import { PROBLEM_CODES, problemKind } from '../problems/problems.ts'
import type { App } from '../server/app-deps.ts'

const path = '/problems'

const schema = {
  operationId: 'listProblems',
  tags: ['Service'],
  summary: 'Every problem that this service can answer',
  description: 'The closed list of codes, with status and remedy. Not paged.',
  querystring: NO_QUERY,
  response: publicResponses(
    {
      200: {
        description: 'The problems.',
        schema: pageOf(ref(ProblemKindSchema)),
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
