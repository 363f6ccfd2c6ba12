import { Type } from 'typebox'
import { AZURE_MODES } from '../../contract/cluster.ts'
import { enumOf, NO_QUERY, string } from '../../contract/fields.ts'

import { publicResponses } from '../openapi/documented-responses.ts'
import type { App, AppDeps } from '../server/app-deps.ts'

const path = '/healthz'

const schema = {
  operationId: 'getHealth',
  tags: ['Service'],
  summary: 'Whether the process lives',
  description: 'Asks nothing of the database or of Azure; restart the process when it does not answer.',
  querystring: NO_QUERY,
  response: publicResponses(
    {
      200: {
        description: 'It lives.',
        schema: Type.Object({ status: enumOf(['ok']), version: string(), azure: enumOf(AZURE_MODES) }),
        example: 'health',
      },
    },
    ['INVALID_REQUEST'],
  ),
}

export function getHealth(app: App, { version, azure }: AppDeps): void {
  const config = { operation: schema.operationId, public: true, quiet: true, evenUnderPressure: true }
  app.get(path, { schema, config }, async () => ({ status: 'ok', version, azure }))
}
