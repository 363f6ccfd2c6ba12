import type { Replayed } from '../../contract/delivery.ts'
import { ReplayedSchema, ReplayRequestSchema } from '../../contract/delivery.ts'
import { NO_QUERY, ref } from '../../contract/fields.ts'
import {
  IDEMPOTENCY_KEY,
  IDEMPOTENCY_REPLAYED,
  requestHeaders,
  WebhookPathSchema,
} from '../../contract/parameters.ts'
import { visibleScope } from '../auth/authorize.ts'
import { toOrigin, toSubscriber } from '../auth/caller.ts'
import { REPLAY_REQUEST_EXAMPLES } from '../examples/webhooks.ts'
import { runIdempotently } from '../idempotency/idempotent-handler.ts'
import { BODY_PROBLEMS, documentedResponses, KEY_PROBLEMS } from '../openapi/documented-responses.ts'
import type { App, AppDeps } from '../server/app-deps.ts'

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
  response: documentedResponses(
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
    const by = { ...toSubscriber(request), ...visibleScope(request) }
    return runIdempotently<Replayed>(
      keys,
      request,
      reply,
      (witness) => webhooks.replay(request.params.webhookId, request.body, by, toOrigin(request), witness),
      (body) => ({ status: 202, headers: {}, body }),
    )
  })
}
