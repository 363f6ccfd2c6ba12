import { ref } from '../../contract/fields.ts'
import { pageOf } from '../../contract/parameters.ts'
import { ProblemKindSchema } from '../../contract/problem.ts'
import { PROBLEM_CODES, problemKind } from '../problems/problems.ts'
import { defineOperation } from './define-operation.ts'

export const listProblems = defineOperation({
  operationId: 'listProblems',
  method: 'GET',
  path: '/problems',
  tag: 'Service',
  summary: 'Every problem that this service can answer',
  description: 'The closed list of codes, with status and remedy. Not paged.',
  grant: 'public',
  subject: 'nothing',
  responses: {
    200: {
      description: 'The problems.',
      schema: pageOf(ref(ProblemKindSchema)),
      example: { problems: { items: [problemKind('PLAN_STALE')], next: null } },
    },
  },
  problems: [],
  handle: () => ({ items: PROBLEM_CODES.map(problemKind), next: null }),
})
