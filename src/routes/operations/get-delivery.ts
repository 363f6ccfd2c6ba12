import { type DeliveryWithPayload, DeliveryWithPayloadSchema } from '../../contract/delivery.ts'
import { ref } from '../../contract/fields.ts'
import { DeliveryPathSchema } from '../../contract/parameters.ts'
import { visibleScope } from '../auth/authorize.ts'
import { EXAMPLE_DELIVERY, EXAMPLE_MESSAGE } from '../examples/webhooks.ts'

import { defineOperation } from './define-operation.ts'

export const EXAMPLE_DELIVERY_WITH_PAYLOAD: DeliveryWithPayload = {
  ...EXAMPLE_DELIVERY,
  payload: EXAMPLE_MESSAGE as unknown as DeliveryWithPayload['payload'],
}

export const getDelivery = defineOperation({
  operationId: 'getDelivery',
  method: 'GET',
  path: '/v1/webhooks/:webhookId/deliveries/:deliveryId',
  tag: 'Webhooks',
  summary: 'Read a delivery',
  description: 'The message itself, and what came of each attempt to deliver it.',
  grant: 'Egress.Read',
  subject: 'list',
  params: DeliveryPathSchema,
  responses: {
    200: {
      description: 'The delivery.',
      schema: ref(DeliveryWithPayloadSchema),
      example: { deliveryWithPayload: EXAMPLE_DELIVERY_WITH_PAYLOAD },
    },
  },
  problems: ['WEBHOOK_NOT_FOUND', 'DELIVERY_NOT_FOUND'],
  handle: ({ webhooks }, { params, subscriber, request }) =>
    webhooks.getDelivery({ ...params, ownerId: subscriber.owner.id, ...visibleScope(request) }),
})
