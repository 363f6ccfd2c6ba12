import { ref } from '../../contract/fields.ts'
import { WebhookPathSchema } from '../../contract/parameters.ts'
import { WebhookSchema } from '../../contract/webhook.ts'
import { EXAMPLE_WEBHOOK } from '../examples/webhooks.ts'
import { defineOperation } from './define-operation.ts'

export const getWebhook = defineOperation({
  operationId: 'getWebhook',
  method: 'GET',
  path: '/v1/webhooks/:webhookId',
  tag: 'Webhooks',
  summary: 'Read a webhook',
  description: 'Whether it is enabled, and why not. Its secret is not told again.',
  grant: 'Egress.Read',
  subject: 'list',
  params: WebhookPathSchema,
  responses: {
    200: { description: 'The webhook.', schema: ref(WebhookSchema), example: { webhook: EXAMPLE_WEBHOOK } },
  },
  problems: ['WEBHOOK_NOT_FOUND'],
  handle: ({ webhooks }, { params, subscriber }) => webhooks.get(params.webhookId, subscriber.owner.id),
})
