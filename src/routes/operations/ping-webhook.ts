import { type Delivery, DeliverySchema } from '../../contract/delivery.ts'
import { NO_QUERY, ref } from '../../contract/fields.ts'
import {
  IDEMPOTENCY_KEY,
  IDEMPOTENCY_REPLAYED,
  requestHeaders,
  WebhookPathSchema,
} from '../../contract/parameters.ts'
import { toOrigin, toSubscriber } from '../auth/caller.ts'
import { runIdempotently } from '../idempotency/idempotent-handler.ts'
import { BODY_PROBLEMS, documentedResponses, KEY_PROBLEMS } from '../openapi/documented-responses.ts'
import type { App, AppDeps } from '../server/app-deps.ts'
import { unexpectedBodyErrors } from '../validation/request-validation.ts'

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
  response: documentedResponses(
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
  const config = { operation: schema.operationId, faultsOf: unexpectedBodyErrors, idempotent: true }
  app.post(path, { schema, config }, (request, reply) => {
    const { webhookId } = request.params
    return runIdempotently<Delivery>(
      keys,
      request,
      reply,
      (witness) => webhooks.ping(webhookId, toSubscriber(request), toOrigin(request), witness),
      (body) => {
        const location = `/v1/webhooks/${body.webhookId}/deliveries/${body.id}`
        return { status: 202, headers: { location }, body }
      },
    )
  })
}
