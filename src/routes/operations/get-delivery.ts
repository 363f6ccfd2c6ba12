import { DeliveryWithPayloadSchema } from '../../contract/delivery.ts'
import { NO_QUERY, ref } from '../../contract/fields.ts'
import { DeliveryPathSchema } from '../../contract/parameters.ts'
import { visibleScope } from '../auth/authorize.ts'
import { toSubscriber } from '../auth/caller.ts'
import { documentedResponses } from '../openapi/documented-responses.ts'
import type { App, AppDeps } from '../server/app-deps.ts'

const path = '/v1/webhooks/:webhookId/deliveries/:deliveryId'

const schema = {
  operationId: 'getDelivery',
  tags: ['Webhooks'],
  summary: 'Read a delivery',
  description: 'The message itself, and what came of each attempt to deliver it.',
  params: DeliveryPathSchema,
  querystring: NO_QUERY,
  response: documentedResponses(
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
    webhooks.getDelivery({
      ...request.params,
      ownerId: toSubscriber(request).owner.id,
      ...visibleScope(request),
    }),
  )
}
