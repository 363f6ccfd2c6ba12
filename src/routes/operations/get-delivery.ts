import { answers } from '../answers.ts'
import { within } from '../auth/guard-clusters.ts'
import type { App, AppDeps } from '../deps.ts'
import { DeliveryPathSchema } from '../schemas/names.ts'
import { NO_QUERY, ref } from '../schemas/plain.ts'
import { DeliveryWithPayloadSchema } from '../schemas/webhook.ts'
import { subscriberOf } from '../subscriber.ts'

const path = '/v1/webhooks/:webhookId/deliveries/:deliveryId'

const schema = {
  operationId: 'getDelivery',
  tags: ['Webhooks'],
  summary: 'Read a delivery',
  description: 'The message itself, and what came of each attempt to deliver it.',
  params: DeliveryPathSchema,
  querystring: NO_QUERY,
  response: answers(
    {
      200: {
        description: 'The delivery.',
        schema: ref(DeliveryWithPayloadSchema),
        example: 'deliveryWithPayload',
      },
    },
    ['INVALID_REQUEST', 'URI_TOO_LONG', 'WEBHOOK_NOT_FOUND', 'DELIVERY_NOT_FOUND'],
  ),
}

export function getDelivery(app: App, { webhooks }: AppDeps): void {
  const config = { operation: schema.operationId }
  app.get(path, { schema, config }, (request) =>
    webhooks.getDelivery({ ...request.params, ownerId: subscriberOf(request).owner.id, ...within(request) }),
  )
}
