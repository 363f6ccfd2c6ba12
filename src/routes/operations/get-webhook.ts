import { NO_QUERY, ref } from '../../contract/fields.ts'
import { WebhookPathSchema } from '../../contract/parameters.ts'
import { WebhookSchema } from '../../contract/webhook.ts'
import { toSubscriber } from '../auth/caller.ts'
import { documentedResponses } from '../openapi/documented-responses.ts'
import type { App, AppDeps } from '../server/app-deps.ts'

const path = '/v1/webhooks/:webhookId'

const schema = {
  operationId: 'getWebhook',
  tags: ['Webhooks'],
  summary: 'Read a webhook',
  description: 'Whether it is enabled, and why not. Its secret is not told again.',
  params: WebhookPathSchema,
  querystring: NO_QUERY,
  response: documentedResponses(
    { 200: { description: 'The webhook.', schema: ref(WebhookSchema), example: 'webhook' } },
    ['INVALID_REQUEST', 'URI_TOO_LONG', 'WEBHOOK_NOT_FOUND'],
  ),
}

export function getWebhook(app: App, { webhooks }: AppDeps): void {
  const config = { operation: schema.operationId }
  app.get(path, { schema, config }, (request) =>
    webhooks.get(request.params.webhookId, toSubscriber(request).owner.id),
  )
}
