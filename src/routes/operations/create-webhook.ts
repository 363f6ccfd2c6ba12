import { ref } from '../../contract/fields.ts'
import {
  WebhookRequestSchema,
  type WebhookWithSecret,
  WebhookWithSecretSchema,
} from '../../contract/webhook.ts'
import { toClusterPatterns } from '../auth/caller.ts'
import { EXAMPLE_WEBHOOK_WITH_SECRET } from '../examples/webhooks.ts'
import { defineOperation } from './define-operation.ts'

const WEBHOOK = { webhookId: '$response.body#/id' }
const WEBHOOK_LINKS = {
  readWebhook: { operationId: 'getWebhook', parameters: WEBHOOK, description: 'Whether it is enabled.' },
  pingWebhook: {
    operationId: 'pingWebhook',
    parameters: WEBHOOK,
    description: 'See whether messages arrive.',
  },
  readDeliveries: {
    operationId: 'listDeliveries',
    parameters: WEBHOOK,
    description: 'What was sent, and what came of it.',
  },
}

export const createWebhook = defineOperation({
  operationId: 'createWebhook',
  method: 'POST',
  path: '/v1/webhooks',
  tag: 'Webhooks',
  summary: 'Be told of jobs',
  description:
    'From now on a message is sent for every event of jobs on these clusters, signed as Standard Webhooks has it, until it is answered with 2xx: ten attempts over three days. The answer holds the secret, this once. At most 50 webhooks for each caller. For a single job give `webhook` with the job instead.',
  grant: 'Egress.Read',
  subject: 'list',
  body: ref(WebhookRequestSchema),
  examples: {
    webhookOfEverything: {
      summary: 'Everything, of every cluster that you may see, to a URL of your own',
      value: { url: 'https://portal.example.com/hooks/egress' },
    },
    webhookOfEnds: {
      summary: 'How jobs on clusters of one resource group end, to a URL of your own',
      value: {
        url: 'https://portal.example.com/hooks/egress',
        events: ['job.succeeded', 'job.failed', 'job.canceled'],
        clusters: [{ subscriptionId: '11111111-1111-1111-1111-111111111111', resourceGroup: 'rg-demo' }],
        description: 'The portal',
      },
    },
  },
  responses: {
    201: {
      description: 'The webhook, with its secret.',
      schema: ref(WebhookWithSecretSchema),
      example: { webhookWithSecret: EXAMPLE_WEBHOOK_WITH_SECRET },
      headers: {
        location: { type: 'string', description: 'The path of the webhook.' },
      },
      links: WEBHOOK_LINKS,
    },
  },
  problems: ['WEBHOOK_URL_REFUSED', 'WEBHOOK_LIMIT_REACHED'],
  idempotent: true,
  handle: ({ webhooks }, { body, subscriber, origin, hook }) => {
    const { clusters = [], description = null, ...rest } = body
    const webhook = { ...rest, description, clusters: toClusterPatterns(clusters) }
    return webhooks.create(webhook, subscriber, origin, hook)
  },
  respond: (webhook: WebhookWithSecret) => ({
    status: 201,
    headers: { location: `/v1/webhooks/${webhook.id}` },
    body: webhook,
  }),
})
