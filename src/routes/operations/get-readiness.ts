import { Type } from 'typebox'
import { enumOf, string } from '../../contract/fields.ts'
import { Problem } from '../problems/problems.ts'
import { defineOperation } from './define-operation.ts'

export const getReadiness = defineOperation({
  operationId: 'getReadiness',
  method: 'GET',
  path: '/readyz',
  tag: 'Service',
  summary: 'Check readiness',
  description:
    'Checks everything that a request depends on. Do not send traffic to the process while this operation returns 503.',
  grant: 'public',
  subject: 'nothing',
  quiet: true,
  responses: {
    200: {
      description: 'The service is ready.',
      schema: Type.Object({
        status: enumOf(['ready']),
        checks: Type.Array(
          Type.Object({
            name: string(),
            ok: Type.Boolean(),
            required: Type.Optional(
              Type.Boolean({
                description:
                  'False: the check is only for information. The service can be ready although this check fails.',
              }),
            ),
            detail: Type.Optional(Type.String()),
          }),
        ),
      }),
      example: { readiness: { status: 'ready', checks: [{ name: 'database', ok: true }] } },
    },
  },
  problems: ['NOT_READY'],
  handle: async ({ readiness }) => {
    const checks = await readiness()
    if (checks.some((check) => !check.ok && check.required !== false))
      throw new Problem('NOT_READY', { facts: { checks: [...checks] } })
    return { status: 'ready', checks }
  },
})
