import { ref } from '../../contract/fields.ts'
import { WebhookPathSchema } from '../../contract/parameters.ts'
import {
  SecretRotationSchema,
  type WebhookWithSecret,
  WebhookWithSecretSchema,
} from '../../contract/webhook.ts'
import { EXAMPLE_WEBHOOK_WITH_SECRET } from '../examples/webhooks.ts'
import { defineOperation } from './define-operation.ts'

const DEFAULT_OVERLAP_HOURS = 24

export const rotateWebhookSecret = defineOperation({
  operationId: 'rotateWebhookSecret',
  method: 'POST',
  path: '/v1/webhooks/:webhookId/secret-rotation',
  tag: 'Webhooks',
  summary: 'Change the secret of a webhook',
  description:
    'The answer holds the new secret, this once. For the overlap every message has two signatures, so that the receiver can change over at its leisure; 0 hours drops the present secret at once, as after a leak. The body may be left out.',
  grant: 'Egress.Read',
  subject: 'list',
  params: WebhookPathSchema,
  body: ref(SecretRotationSchema),
  bodyOptional: true,
  examples: {
    twoDays: { summary: 'Both secrets for two days', value: { overlapInHours: 48 } },
  },
  responses: {
    200: {
      description: 'The webhook, with its new secret.',
      schema: ref(WebhookWithSecretSchema),
      example: { webhookWithSecret: EXAMPLE_WEBHOOK_WITH_SECRET },
    },
  },
  problems: ['PARAMETER_OUT_OF_RANGE', 'WEBHOOK_NOT_FOUND'],
  idempotent: true,
  handle: ({ webhooks }, { params, body, subscriber, origin, hook }) => {
    const { overlapInHours = DEFAULT_OVERLAP_HOURS } = body
    return webhooks.rotateSecret(params.webhookId, overlapInHours, subscriber, origin, hook)
  },
  respond: (webhook: WebhookWithSecret) => ({ status: 200, body: webhook }),
})
