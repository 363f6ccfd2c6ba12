import type { Replayed } from '../../webhooks/webhooks.ts'
import { answers, BODY_PROBLEMS, KEY_PROBLEMS } from '../answers.ts'
import { within } from '../auth/guard-clusters.ts'
import { originOf } from '../auth/origin.ts'
import type { App, AppDeps } from '../deps.ts'
import { REPLAY_REQUEST_EXAMPLES } from '../examples/webhooks.ts'
import { once } from '../once.ts'
import { IDEMPOTENCY_KEY, IDEMPOTENCY_REPLAYED, requestHeaders } from '../schemas/headers.ts'
import { WebhookPathSchema } from '../schemas/names.ts'
import { NO_QUERY, ref } from '../schemas/plain.ts'
import { ReplayedSchema } from '../schemas/webhook.ts'
import { ReplayRequestSchema } from '../schemas/webhook-request.ts'
import { subscriberOf } from '../subscriber.ts'

const path = '/v1/webhooks/:webhookId/replays'

const schema = {
  operationId: 'replayDeliveries',
  tags: ['Webhooks'],
  summary: 'Send messages again',
  description:
    'One message, whatever became of it, or those that were given up since a moment, oldest first. They keep their `webhook-id`, so that a receiver knows what it has already.',
  params: WebhookPathSchema,
  body: ref(ReplayRequestSchema),
  headers: requestHeaders(IDEMPOTENCY_KEY),
  querystring: NO_QUERY,
  response: answers(
    {
      202: {
        description: 'How many are sent again.',
        schema: ref(ReplayedSchema),
        example: 'replayed',
        headers: IDEMPOTENCY_REPLAYED,
      },
    },
    [
      ...BODY_PROBLEMS,
      ...KEY_PROBLEMS,
      'URI_TOO_LONG',
      'WEBHOOK_NOT_FOUND',
      'DELIVERY_NOT_FOUND',
      'WEBHOOK_DISABLED',
    ],
  ),
}

const config = {
  operation: schema.operationId,
  idempotent: true,
  bodyExamples: Object.keys(REPLAY_REQUEST_EXAMPLES),
}

export function replayDeliveries(app: App, { webhooks, keys }: AppDeps): void {
  app.post(path, { schema, config }, (request, reply) => {
    const by = { ...subscriberOf(request), ...within(request) }
    return once<Replayed>(
      keys,
      request,
      reply,
      (witness) => webhooks.replay(request.params.webhookId, request.body, by, originOf(request), witness),
      (body) => ({ status: 202, headers: {}, body }),
    )
  })
}
