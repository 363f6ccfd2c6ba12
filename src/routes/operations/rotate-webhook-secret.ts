import { NO_QUERY, ref } from '../../contract/fields.ts'
import {
  IDEMPOTENCY_KEY,
  IDEMPOTENCY_REPLAYED,
  requestHeaders,
  WebhookPathSchema,
} from '../../contract/parameters.ts'
import type { WebhookWithSecret } from '../../contract/webhook.ts'
import { SecretRotationSchema, WebhookWithSecretSchema } from '../../contract/webhook.ts'
import { toOrigin, toSubscriber } from '../auth/caller.ts'
import { SECRET_ROTATION_EXAMPLES } from '../examples/webhooks.ts'
import { runIdempotently } from '../idempotency/idempotent-handler.ts'
import { BODY_PROBLEMS, documentedResponses, KEY_PROBLEMS } from '../openapi/documented-responses.ts'
import type { App, AppDeps } from '../server/app-deps.ts'

const path = '/v1/webhooks/:webhookId/secret-rotation'
const DEFAULT_OVERLAP_HOURS = 24

const schema = {
  operationId: 'rotateWebhookSecret',
  tags: ['Webhooks'],
  summary: 'Change the secret of a webhook',
  description:
    'The answer holds the new secret, this once. For the overlap every message has two signatures, so that the receiver can change over at its leisure; 0 hours drops the present secret at once, as after a leak. The body may be left out.',
  params: WebhookPathSchema,
  body: ref(SecretRotationSchema),
  headers: requestHeaders(IDEMPOTENCY_KEY),
  querystring: NO_QUERY,
  response: documentedResponses(
    {
      200: {
        description: 'The webhook, with its new secret.',
        schema: ref(WebhookWithSecretSchema),
        example: 'webhookWithSecret',
        headers: IDEMPOTENCY_REPLAYED,
      },
    },
    [...BODY_PROBLEMS, ...KEY_PROBLEMS, 'PARAMETER_OUT_OF_RANGE', 'URI_TOO_LONG', 'WEBHOOK_NOT_FOUND'],
  ),
}

const config = {
  operation: schema.operationId,
  bodyOptional: true,
  idempotent: true,
  bodyExamples: Object.keys(SECRET_ROTATION_EXAMPLES),
}

export function rotateWebhookSecret(app: App, { webhooks, keys }: AppDeps): void {
  app.post(path, { schema, config }, (request, reply) => {
    const { overlapInHours = DEFAULT_OVERLAP_HOURS } = request.body
    const { webhookId } = request.params
    return runIdempotently<WebhookWithSecret>(
      keys,
      request,
      reply,
      (witness) =>
        webhooks.rotateSecret(webhookId, overlapInHours, toSubscriber(request), toOrigin(request), witness),
      (body) => ({ status: 200, headers: {}, body }),
    )
  })
}
