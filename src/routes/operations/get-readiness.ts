import { Type } from 'typebox'
import { enumOf, string } from '../../contract/fields.ts'
import { Problem } from '../problems/problems.ts'
import { defineOperation } from './define-operation.ts'

export const getReadiness = defineOperation({
  operationId: 'getReadiness',
  method: 'GET',
  path: '/readyz',
  tag: 'Service',
  summary: 'Whether the service can do its work',
  description: 'Looks at everything that a request needs; send no traffic while it answers 503.',
  grant: 'public',
  subject: 'nothing',
  quiet: true,
  responses: {
    200: {
      description: 'Ready.',
      schema: Type.Object({
        status: enumOf(['ready']),
        checks: Type.Array(
          Type.Object({
            name: string(),
            ok: Type.Boolean(),
            required: Type.Optional(
              Type.Boolean({
                description: 'false: told for information; the service is ready without it.',
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
