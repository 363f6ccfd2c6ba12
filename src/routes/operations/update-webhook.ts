import { ref } from '../../contract/fields.ts'
import { WebhookPathSchema } from '../../contract/parameters.ts'
import { EVENT_TYPES, WebhookSchema, WebhookUpdateSchema } from '../../contract/webhook.ts'
import { toClusterPatterns } from '../auth/caller.ts'
import { EXAMPLE_WEBHOOK } from '../examples/webhooks.ts'
import { webhookErrors } from '../validation/request-rules.ts'
import { defineOperation } from './define-operation.ts'

export const updateWebhook = defineOperation({
  operationId: 'updateWebhook',
  method: 'PATCH',
  path: '/v1/webhooks/:webhookId',
  tag: 'Webhooks',
  summary: 'Update, enable or disable a webhook',
  description:
    'Updates only the given members; a list is replaced as a whole. Null resets a member to its default. Pending messages go to the new URL. After the update, the webhook reports the jobs that the caller may currently see.',
  grant: 'Egress.Read',
  subject: 'list',
  params: WebhookPathSchema,
  body: ref(WebhookUpdateSchema),
  examples: {
    enableWebhook: { summary: 'Re-enable the webhook', value: { status: 'enabled' } },
    everything: {
      summary: 'Report all events again, without a description',
      value: { events: null, description: null },
    },
  },
  responses: {
    200: {
      description: 'The updated webhook.',
      schema: ref(WebhookSchema),
      example: { webhook: EXAMPLE_WEBHOOK },
    },
  },
  problems: ['WEBHOOK_URL_REFUSED', 'WEBHOOK_NOT_FOUND'],
  errorsOf: webhookErrors,
  handle: ({ webhooks }, { params, body, subscriber, origin }) => {
    const { clusters, events, ...rest } = body
    const change = {
      ...rest,
      // Null restores the default.
      ...(clusters === undefined ? {} : { clusters: toClusterPatterns(clusters ?? []) }),
      ...(events === undefined ? {} : { events: events ?? [...EVENT_TYPES] }),
    }
    return webhooks.change(params.webhookId, change, subscriber, origin)
  },
})
