import { Type } from 'typebox'
import { DELIVERY_STATUSES } from '../../core/webhooks/webhook.ts'
import { answers } from '../answers.ts'
import { within } from '../auth/guard-clusters.ts'
import type { App, AppDeps } from '../deps.ts'
import { listQueryFaults, toPage } from '../list-query.ts'
import { listOf, PAGE_PARAMETERS } from '../schemas/lists.ts'
import { WebhookPathSchema } from '../schemas/names.ts'
import { ref, words } from '../schemas/plain.ts'
import { DeliverySchema } from '../schemas/webhook.ts'
import { subscriberOf } from '../subscriber.ts'

const path = '/v1/webhooks/:webhookId/deliveries'
const { limit, cursor } = PAGE_PARAMETERS

const schema = {
  operationId: 'listDeliveries',
  tags: ['Webhooks'],
  summary: 'What was sent to a webhook',
  description: 'Its messages with every attempt, newest first. They are kept for 30 days.',
  params: WebhookPathSchema,
  querystring: Type.Object(
    { status: Type.Optional(words(DELIVERY_STATUSES)), limit, cursor },
    { additionalProperties: false },
  ),
  response: answers(
    {
      200: {
        description: 'A page of deliveries.',
        schema: listOf(ref(DeliverySchema)),
        example: 'deliveries',
      },
    },
    ['INVALID_REQUEST', 'URI_TOO_LONG', 'PARAMETER_OUT_OF_RANGE', 'CURSOR_INVALID', 'WEBHOOK_NOT_FOUND'],
  ),
}

export function listDeliveries(app: App, { webhooks }: AppDeps): void {
  const config = { operation: schema.operationId, faultsOf: listQueryFaults }
  app.get(path, { schema, config }, async (request) => {
    const { limit, cursor } = toPage(request.query)
    return webhooks.listDeliveries({
      webhookId: request.params.webhookId,
      ownerId: subscriberOf(request).owner.id,
      status: request.query.status,
      limit,
      cursor,
      ...within(request),
    })
  })
}
