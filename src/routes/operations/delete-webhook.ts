import { WebhookPathSchema } from '../../contract/parameters.ts'
import { defineOperation } from './define-operation.ts'

export const deleteWebhook = defineOperation({
  operationId: 'deleteWebhook',
  method: 'DELETE',
  path: '/v1/webhooks/:webhookId',
  tag: 'Webhooks',
  summary: 'Delete a webhook',
  description: 'Nothing is sent any more; its messages are gone with it, those on their way too.',
  grant: 'Egress.Read',
  subject: 'list',
  params: WebhookPathSchema,
  responses: { 204: { description: 'The webhook is gone.' } },
  problems: ['WEBHOOK_NOT_FOUND'],
  handle: async ({ webhooks }, { params, subscriber, origin, reply }) => {
    await webhooks.remove(params.webhookId, subscriber, origin)
    return reply.code(204).send()
  },
})
