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
  summary: 'List all problem types',
  description: 'Returns the complete list of problem codes, with status and remedy. The list has no pages.',
  grant: 'public',
  subject: 'nothing',
  responses: {
    200: {
      description: 'The problem codes.',
      schema: pageOf(ref(ProblemKindSchema)),
      example: { problems: { items: [problemKind('PLAN_STALE')], next: null } },
    },
  },
  problems: [],
  handle: () => ({ items: PROBLEM_CODES.map(problemKind), next: null }),
})
