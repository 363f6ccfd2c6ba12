import { Type } from 'typebox'
import { DELIVERY_STATUSES, DeliverySchema } from '../../contract/delivery.ts'
import { enumOf, ref } from '../../contract/fields.ts'
import { PAGE_PARAMETERS, pageOf, WebhookPathSchema } from '../../contract/parameters.ts'
import { visibleScope } from '../auth/authorize.ts'
import { EXAMPLE_DELIVERY } from '../examples/webhooks.ts'
import { listQueryErrors, toPage } from '../validation/list-query.ts'
import { defineOperation } from './define-operation.ts'

const { limit, cursor } = PAGE_PARAMETERS

export const listDeliveries = defineOperation({
  operationId: 'listDeliveries',
  method: 'GET',
  path: '/v1/webhooks/:webhookId/deliveries',
  tag: 'Webhooks',
  summary: 'What was sent to a webhook',
  description: 'Its messages with every attempt, newest first. They are kept for 30 days.',
  grant: 'Egress.Read',
  subject: 'list',
  params: WebhookPathSchema,
  query: Type.Object(
    { status: Type.Optional(enumOf(DELIVERY_STATUSES)), limit, cursor },
    { additionalProperties: false },
  ),
  errorsOf: listQueryErrors,
  responses: {
    200: {
      description: 'A page of deliveries.',
      schema: pageOf(ref(DeliverySchema)),
      example: { deliveries: { items: [EXAMPLE_DELIVERY], next: null } },
    },
  },
  problems: ['PARAMETER_OUT_OF_RANGE', 'CURSOR_INVALID', 'WEBHOOK_NOT_FOUND'],
  handle: ({ webhooks }, { params, query, subscriber, request }) => {
    const { limit, cursor } = toPage(query)
    return webhooks.listDeliveries({
      webhookId: params.webhookId,
      ownerId: subscriber.owner.id,
      status: query.status,
      limit,
      cursor,
      ...visibleScope(request),
    })
  },
})
