import { type Replayed, ReplayedSchema, ReplayRequestSchema } from '../../contract/delivery.ts'
import { ref } from '../../contract/fields.ts'
import { WebhookPathSchema } from '../../contract/parameters.ts'
import { visibleScope } from '../auth/authorize.ts'
import { EXAMPLE_DELIVERY } from '../examples/webhooks.ts'
import { defineOperation } from './define-operation.ts'

export const replayDeliveries = defineOperation({
  operationId: 'replayDeliveries',
  method: 'POST',
  path: '/v1/webhooks/:webhookId/replays',
  tag: 'Webhooks',
  summary: 'Send messages again',
  description:
    'One message, whatever became of it, or those that were given up since a moment, oldest first. They keep their `webhook-id`, so that a receiver knows what it has already.',
  grant: 'Egress.Read',
  subject: 'list',
  params: WebhookPathSchema,
  body: ref(ReplayRequestSchema),
  examples: {
    allThatFailed: {
      summary: 'All that was given up since a moment',
      value: { failedSince: '2026-09-01T00:00:00Z' },
    },
    oneMessage: { summary: 'One message', value: { deliveryId: EXAMPLE_DELIVERY.id } },
  },
  responses: {
    202: {
      description: 'How many are sent again.',
      schema: ref(ReplayedSchema),
      example: { replayed: { replayed: 3 } },
    },
  },
  problems: ['WEBHOOK_NOT_FOUND', 'DELIVERY_NOT_FOUND', 'WEBHOOK_DISABLED'],
  idempotent: true,
  handle: ({ webhooks }, { params, body, subscriber, origin, hook, request }) =>
    webhooks.replay(params.webhookId, body, { ...subscriber, ...visibleScope(request) }, origin, hook),
  respond: (replayed: Replayed) => ({ status: 202, body: replayed }),
})
