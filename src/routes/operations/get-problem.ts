import { Type } from 'typebox'
import { ref } from '../../contract/fields.ts'
import { ProblemKindSchema } from '../../contract/problem.ts'
import { findProblemBySlug, Problem, problemKind } from '../problems/problems.ts'
import { defineOperation } from './define-operation.ts'

export const getProblem = defineOperation({
  operationId: 'getProblem',
  method: 'GET',
  path: '/problems/:name',
  tag: 'Service',
  summary: 'What a problem means',
  description: 'The `type` of every problem leads here.',
  grant: 'public',
  subject: 'nothing',
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
  responses: {
    200: {
      description: 'The problem.',
      schema: ref(ProblemKindSchema),
      example: { problem: problemKind('PLAN_STALE') },
    },
  },
  problems: ['PROBLEM_NOT_FOUND'],
  handle: (_deps, { params: { name } }) => {
    const code = findProblemBySlug(name)
    if (code === undefined) throw new Problem('PROBLEM_NOT_FOUND', { facts: { name: name.slice(0, 100) } })
    return problemKind(code)
  },
})
