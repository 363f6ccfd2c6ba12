import { NO_QUERY } from '../../contract/fields.ts'
import { WebhookPathSchema } from '../../contract/parameters.ts'
import { toOrigin, toSubscriber } from '../auth/caller.ts'
import { BODY_PROBLEMS, documentedResponses } from '../openapi/documented-responses.ts'
import type { App, AppDeps } from '../server/app-deps.ts'
import { unexpectedBodyErrors } from '../validation/request-validation.ts'

const path = '/v1/webhooks/:webhookId'

const schema = {
  operationId: 'deleteWebhook',
  tags: ['Webhooks'],
  summary: 'Delete a webhook',
  description: 'Nothing is sent any more; its messages are gone with it, those on their way too.',
  params: WebhookPathSchema,
  querystring: NO_QUERY,
  response: documentedResponses({ 204: { description: 'The webhook is gone.' } }, [
    ...BODY_PROBLEMS,
    'URI_TOO_LONG',
    'WEBHOOK_NOT_FOUND',
  ]),
}

export function deleteWebhook(app: App, { webhooks }: AppDeps): void {
  const config = { operation: schema.operationId, faultsOf: unexpectedBodyErrors }
  app.delete(path, { schema, config }, async (request, reply) => {
    await webhooks.remove(request.params.webhookId, toSubscriber(request), toOrigin(request))
    return reply.code(204).send()
  })
}
