import { answers } from '../answers.ts'
import type { App, AppDeps } from '../deps.ts'
import { WebhookPathSchema } from '../schemas/names.ts'
import { NO_QUERY, ref } from '../schemas/plain.ts'
import { WebhookSchema } from '../schemas/webhook.ts'
import { subscriberOf } from '../subscriber.ts'

const path = '/v1/webhooks/:webhookId'

const schema = {
  operationId: 'getWebhook',
  tags: ['Webhooks'],
  summary: 'Read a webhook',
  description: 'Whether it is enabled, and why not. Its secret is not told again.',
  params: WebhookPathSchema,
  querystring: NO_QUERY,
  response: answers(
    { 200: { description: 'The webhook.', schema: ref(WebhookSchema), example: 'webhook' } },
    ['INVALID_REQUEST', 'URI_TOO_LONG', 'WEBHOOK_NOT_FOUND'],
  ),
}

export function getWebhook(app: App, { webhooks }: AppDeps): void {
  const config = { operation: schema.operationId }
  app.get(path, { schema, config }, (request) =>
    webhooks.get(request.params.webhookId, subscriberOf(request).owner.id),
  )
}
