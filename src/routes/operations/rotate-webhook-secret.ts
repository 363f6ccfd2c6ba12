import type { NewSecret } from '../../webhooks/webhooks.ts'
import { answers, BODY_PROBLEMS, KEY_PROBLEMS } from '../answers.ts'
import { originOf } from '../auth/origin.ts'
import type { App, AppDeps } from '../deps.ts'
import { SECRET_ROTATION_EXAMPLES } from '../examples/webhooks.ts'
import { once } from '../once.ts'
import { IDEMPOTENCY_KEY, IDEMPOTENCY_REPLAYED, requestHeaders } from '../schemas/headers.ts'
import { WebhookPathSchema } from '../schemas/names.ts'
import { NO_QUERY, ref } from '../schemas/plain.ts'
import { WebhookWithSecretSchema } from '../schemas/webhook.ts'
import { SecretRotationSchema } from '../schemas/webhook-request.ts'
import { subscriberOf } from '../subscriber.ts'

const path = '/v1/webhooks/:webhookId/secret-rotation'
const USUAL_OVERLAP_HOURS = 24

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
  response: answers(
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
    const { overlapInHours = USUAL_OVERLAP_HOURS } = request.body
    const { webhookId } = request.params
    return once<NewSecret>(
      keys,
      request,
      reply,
      (witness) =>
        webhooks.rotateSecret(webhookId, overlapInHours, subscriberOf(request), originOf(request), witness),
      (body) => ({ status: 200, headers: {}, body }),
    )
  })
}
