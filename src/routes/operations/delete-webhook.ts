import { answers, BODY_PROBLEMS } from '../answers.ts'
import { originOf } from '../auth/origin.ts'
import type { App, AppDeps } from '../deps.ts'
import { refuseBody } from '../no-body.ts'
import { WebhookPathSchema } from '../schemas/names.ts'
import { NO_QUERY } from '../schemas/plain.ts'
import { subscriberOf } from '../subscriber.ts'

const path = '/v1/webhooks/:webhookId'

const schema = {
  operationId: 'deleteWebhook',
  tags: ['Webhooks'],
  summary: 'Delete a webhook',
  description: 'Nothing is sent any more; its messages are gone with it, those on their way too.',
  params: WebhookPathSchema,
  querystring: NO_QUERY,
  response: answers({ 204: { description: 'The webhook is gone.' } }, [
    ...BODY_PROBLEMS,
    'URI_TOO_LONG',
    'WEBHOOK_NOT_FOUND',
  ]),
}

export function deleteWebhook(app: App, { webhooks }: AppDeps): void {
  const config = { operation: schema.operationId, faultsOf: refuseBody }
  app.delete(path, { schema, config }, async (request, reply) => {
    await webhooks.remove(request.params.webhookId, subscriberOf(request), originOf(request))
    return reply.code(204).send()
  })
}
