import { ref } from '../../contract/fields.ts'
import { WebhookPathSchema } from '../../contract/parameters.ts'
import { JOB_MESSAGE_TYPES, WebhookSchema, WebhookUpdateSchema } from '../../contract/webhook.ts'
import { toClusterPatterns } from '../auth/caller.ts'
import { EXAMPLE_WEBHOOK } from '../examples/webhooks.ts'
import { defineOperation } from './define-operation.ts'

export const updateWebhook = defineOperation({
  operationId: 'updateWebhook',
  method: 'PATCH',
  path: '/v1/webhooks/:webhookId',
  tag: 'Webhooks',
  summary: 'Change, disable or enable a webhook',
  description:
    'What is given is changed, whole lists at a time; the rest stays. Null makes a member what it is where it was left out when the webhook was made. Messages on their way go to the new URL. Whatever the caller may see then counts for what the webhook is told.',
  grant: 'Egress.Read',
  subject: 'list',
  params: WebhookPathSchema,
  body: ref(WebhookUpdateSchema),
  examples: {
    enableWebhook: { summary: 'Enable it again', value: { status: 'enabled' } },
    everything: {
      summary: 'Of everything again, without a description',
      value: { events: null, description: null },
    },
  },
  responses: {
    200: {
      description: 'The webhook as it is now.',
      schema: ref(WebhookSchema),
      example: { webhook: EXAMPLE_WEBHOOK },
    },
  },
  problems: ['WEBHOOK_URL_REFUSED', 'WEBHOOK_NOT_FOUND'],
  handle: ({ webhooks }, { params, body, subscriber, origin }) => {
    const { clusters, events, ...rest } = body
    const change = {
      ...rest,
      // Null is the same as left out when the webhook was created.
      ...(clusters === undefined ? {} : { clusters: toClusterPatterns(clusters ?? []) }),
      ...(events === undefined ? {} : { events: events ?? [...JOB_MESSAGE_TYPES] }),
    }
    return webhooks.change(params.webhookId, change, subscriber, origin)
  },
})
