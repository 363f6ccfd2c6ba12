import { Type } from 'typebox'
import { enumOf, NO_QUERY, string } from '../../contract/fields.ts'
import { publicResponses } from '../openapi/documented-responses.ts'
import { Problem } from '../problems/problems.ts'
import type { App, AppDeps } from '../server/app-deps.ts'

const path = '/readyz'

const schema = {
  operationId: 'getReadiness',
  tags: ['Service'],
  summary: 'Whether the service can do its work',
  description: 'Looks at everything that a request needs; send no traffic while it answers 503.',
  querystring: NO_QUERY,
  response: publicResponses(
    {
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
        example: 'readiness',
      },
    },
    ['INVALID_REQUEST', 'NOT_READY', 'OVERLOADED'],
  ),
}

export function getReadiness(app: App, { readiness }: AppDeps): void {
  const config = { operation: schema.operationId, public: true, quiet: true }
  app.get(path, { schema, config }, async () => {
    const checks = await readiness()
    if (checks.some((check) => !check.ok && check.required !== false))
      throw new Problem('NOT_READY', { facts: { checks: [...checks] } })
    return { status: 'ready', checks }
  })
}
