import { Type } from 'typebox'
import { DELIVERY_STATUSES, DeliverySchema } from '../../contract/delivery.ts'
import { enumOf, ref } from '../../contract/fields.ts'
import { PAGE_PARAMETERS, pageOf, WebhookPathSchema } from '../../contract/parameters.ts'
import { visibleScope } from '../auth/authorize.ts'
import { toSubscriber } from '../auth/caller.ts'
import { documentedResponses } from '../openapi/documented-responses.ts'
import type { App, AppDeps } from '../server/app-deps.ts'
import { listQueryErrors, toPage } from '../validation/list-query.ts'

const path = '/v1/webhooks/:webhookId/deliveries'
const { limit, cursor } = PAGE_PARAMETERS

const schema = {
  operationId: 'listDeliveries',
  tags: ['Webhooks'],
  summary: 'What was sent to a webhook',
  description: 'Its messages with every attempt, newest first. They are kept for 30 days.',
  params: WebhookPathSchema,
  querystring: Type.Object(
    { status: Type.Optional(enumOf(DELIVERY_STATUSES)), limit, cursor },
    { additionalProperties: false },
  ),
  response: documentedResponses(
    {
      200: {
        description: 'A page of deliveries.',
        schema: pageOf(ref(DeliverySchema)),
        example: 'deliveries',
      },
    },
    ['INVALID_REQUEST', 'URI_TOO_LONG', 'PARAMETER_OUT_OF_RANGE', 'CURSOR_INVALID', 'WEBHOOK_NOT_FOUND'],
  ),
}

export function listDeliveries(app: App, { webhooks }: AppDeps): void {
  const config = { operation: schema.operationId, faultsOf: listQueryErrors }
  app.get(path, { schema, config }, async (request) => {
    const { limit, cursor } = toPage(request.query)
    return webhooks.listDeliveries({
      webhookId: request.params.webhookId,
      ownerId: toSubscriber(request).owner.id,
      status: request.query.status,
      limit,
      cursor,
      ...visibleScope(request),
    })
  })
}
