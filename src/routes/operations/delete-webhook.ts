import { WebhookPathSchema } from '../../contract/parameters.ts'
import { defineOperation } from './define-operation.ts'

export const deleteWebhook = defineOperation({
  operationId: 'deleteWebhook',
  method: 'DELETE',
  path: '/v1/webhooks/:webhookId',
  tag: 'Webhooks',
  summary: 'Delete a webhook',
  description: 'Stops all messages of the webhook. Its deliveries are deleted, including pending deliveries.',
  grant: 'Egress.Read',
  subject: 'list',
  params: WebhookPathSchema,
  responses: { 204: { description: 'The webhook was deleted.' } },
  problems: ['WEBHOOK_NOT_FOUND'],
  handle: async ({ webhooks }, { params, subscriber, origin, reply }) => {
    await webhooks.remove(params.webhookId, subscriber, origin)
    return reply.code(204).send()
  },
})
