import { Type } from 'typebox'
import { publicAnswers } from '../answers.ts'
import type { App, AppDeps } from '../deps.ts'
import { NO_QUERY, text, words } from '../schemas/plain.ts'
import { AZURE_MODES } from '../schemas/plan.ts'

const path = '/healthz'

const schema = {
  operationId: 'getHealth',
  tags: ['Service'],
  summary: 'Whether the process lives',
  description: 'Asks nothing of the database or of Azure; restart the process when it does not answer.',
  querystring: NO_QUERY,
  response: publicAnswers(
    {
      200: {
        description: 'It lives.',
        schema: Type.Object({ status: words(['ok']), version: text(), azure: words(AZURE_MODES) }),
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
