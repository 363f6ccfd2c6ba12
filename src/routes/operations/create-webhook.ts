import { NO_QUERY, ref } from '../../contract/fields.ts'
import { IDEMPOTENCY_KEY, IDEMPOTENCY_REPLAYED, requestHeaders } from '../../contract/parameters.ts'
import type { WebhookWithSecret } from '../../contract/webhook.ts'
import { WebhookRequestSchema, WebhookWithSecretSchema } from '../../contract/webhook.ts'
import { toClusterPatterns, toOrigin, toSubscriber } from '../auth/caller.ts'
import { WEBHOOK_REQUEST_EXAMPLES } from '../examples/webhooks.ts'
import { runIdempotently } from '../idempotency/idempotent-handler.ts'
import { BODY_PROBLEMS, documentedResponses, KEY_PROBLEMS } from '../openapi/documented-responses.ts'
import type { App, AppDeps } from '../server/app-deps.ts'

const path = '/v1/webhooks'

const schema = {
  operationId: 'createWebhook',
  tags: ['Webhooks'],
  summary: 'Be told of jobs',
  description:
    'From now on a message is sent for every event of jobs on these clusters, signed as Standard Webhooks has it, until it is answered with 2xx: ten attempts over three days. The answer holds the secret, this once. At most 50 webhooks for each caller. For a single job give `webhook` with the job instead.',
  body: ref(WebhookRequestSchema),
  headers: requestHeaders(IDEMPOTENCY_KEY),
  querystring: NO_QUERY,
  response: documentedResponses(
    {
      201: {
        description: 'The webhook, with its secret.',
        schema: ref(WebhookWithSecretSchema),
        example: 'webhookWithSecret',
        headers: {
          location: { type: 'string', description: 'The path of the webhook.' },
          ...IDEMPOTENCY_REPLAYED,
        },
      },
    },
    [...BODY_PROBLEMS, ...KEY_PROBLEMS, 'WEBHOOK_URL_REFUSED', 'WEBHOOK_LIMIT_REACHED'],
  ),
}

const config = {
  operation: schema.operationId,
  idempotent: true,
  bodyExamples: Object.keys(WEBHOOK_REQUEST_EXAMPLES),
}

export function createWebhook(app: App, { webhooks, keys }: AppDeps): void {
  app.post(path, { schema, config }, (request, reply) => {
    const { clusters = [], description = null, ...given } = request.body
    const wanted = { ...given, description, clusters: toClusterPatterns(clusters) }
    return runIdempotently<WebhookWithSecret>(
      keys,
      request,
      reply,
      (witness) => webhooks.create(wanted, toSubscriber(request), toOrigin(request), witness),
      (body) => ({ status: 201, headers: { location: `${path}/${body.id}` }, body }),
    )
  })
}
