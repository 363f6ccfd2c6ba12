import type { Delivery } from '../../core/webhooks/webhook.ts'
import { answers, BODY_PROBLEMS, KEY_PROBLEMS } from '../answers.ts'
import { originOf } from '../auth/origin.ts'
import type { App, AppDeps } from '../deps.ts'
import { refuseBody } from '../no-body.ts'
import { once } from '../once.ts'
import { IDEMPOTENCY_KEY, IDEMPOTENCY_REPLAYED, requestHeaders } from '../schemas/headers.ts'
import { WebhookPathSchema } from '../schemas/names.ts'
import { NO_QUERY, ref } from '../schemas/plain.ts'
import { DeliverySchema } from '../schemas/webhook.ts'
import { subscriberOf } from '../subscriber.ts'

const path = '/v1/webhooks/:webhookId/ping'

const schema = {
  operationId: 'pingWebhook',
  tags: ['Webhooks'],
  summary: 'Try a webhook',
  description:
    'Sends a message of the type `webhook.ping`, as any other is sent. Read the delivery to see whether it arrived.',
  params: WebhookPathSchema,
  headers: requestHeaders(IDEMPOTENCY_KEY),
  querystring: NO_QUERY,
  response: answers(
    {
      202: {
        description: 'The delivery, on its way.',
        schema: ref(DeliverySchema),
        example: 'delivery',
        headers: {
          location: { type: 'string', description: 'The path of the delivery.' },
          ...IDEMPOTENCY_REPLAYED,
        },
      },
    },
    [...BODY_PROBLEMS, ...KEY_PROBLEMS, 'URI_TOO_LONG', 'WEBHOOK_NOT_FOUND', 'WEBHOOK_DISABLED'],
  ),
}

export function pingWebhook(app: App, { webhooks, keys }: AppDeps): void {
  const config = { operation: schema.operationId, faultsOf: refuseBody, idempotent: true }
  app.post(path, { schema, config }, (request, reply) => {
    const { webhookId } = request.params
    return once<Delivery>(
      keys,
      request,
      reply,
      (witness) => webhooks.ping(webhookId, subscriberOf(request), originOf(request), witness),
      (body) => {
        const location = `/v1/webhooks/${body.webhookId}/deliveries/${body.id}`
        return { status: 202, headers: { location }, body }
      },
    )
  })
}
