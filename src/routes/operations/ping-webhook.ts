import { type Delivery, DeliverySchema } from '../../contract/delivery.ts'
import { ref } from '../../contract/fields.ts'
import { WebhookPathSchema } from '../../contract/parameters.ts'
import { EXAMPLE_DELIVERY } from '../examples/webhooks.ts'
import { defineOperation } from './define-operation.ts'

export const pingWebhook = defineOperation({
  operationId: 'pingWebhook',
  method: 'POST',
  path: '/v1/webhooks/:webhookId/ping',
  tag: 'Webhooks',
  summary: 'Try a webhook',
  description:
    'Sends a message of the type `webhook.ping`, as any other is sent. Read the delivery to see whether it arrived.',
  grant: 'Egress.Read',
  subject: 'list',
  params: WebhookPathSchema,
  responses: {
    202: {
      description: 'The delivery, on its way.',
      schema: ref(DeliverySchema),
      example: { delivery: EXAMPLE_DELIVERY },
      headers: {
        location: { type: 'string', description: 'The path of the delivery.' },
      },
      links: {
        readDelivery: {
          operationId: 'getDelivery',
          parameters: { webhookId: '$response.body#/webhookId', deliveryId: '$response.body#/id' },
          description: 'Whether the message has arrived.',
        },
      },
    },
  },
  problems: ['WEBHOOK_NOT_FOUND', 'WEBHOOK_DISABLED'],
  idempotent: true,
  handle: ({ webhooks }, { params, subscriber, origin, hook }) =>
    webhooks.ping(params.webhookId, subscriber, origin, hook),
  respond: (delivery: Delivery) => ({
    status: 202,
    headers: { location: `/v1/webhooks/${delivery.webhookId}/deliveries/${delivery.id}` },
    body: delivery,
  }),
})
