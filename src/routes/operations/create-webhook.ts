import { ref } from '../../contract/fields.ts'
import {
  WebhookRequestSchema,
  type WebhookWithSecret,
  WebhookWithSecretSchema,
} from '../../contract/webhook.ts'
import { toClusterPatterns } from '../auth/caller.ts'
import { EXAMPLE_WEBHOOK_WITH_SECRET } from '../examples/webhooks.ts'
import { webhookErrors } from '../validation/request-rules.ts'
import { defineOperation } from './define-operation.ts'

const WEBHOOK = { webhookId: '$response.body#/id' }
const WEBHOOK_LINKS = {
  readWebhook: {
    operationId: 'getWebhook',
    parameters: WEBHOOK,
    description: 'Returns the webhook with its status.',
  },
  pingWebhook: {
    operationId: 'pingWebhook',
    parameters: WEBHOOK,
    description: 'Sends a test message.',
  },
  readDeliveries: {
    operationId: 'listDeliveries',
    parameters: WEBHOOK,
    description: 'Returns the messages and their delivery attempts.',
  },
}

export const createWebhook = defineOperation({
  operationId: 'createWebhook',
  method: 'POST',
  path: '/v1/webhooks',
  tag: 'Webhooks',
  summary: 'Create a webhook',
  description:
    'Creates a webhook. From then on, the service sends a message for every event of jobs on the selected clusters, signed according to Standard Webhooks. It makes at most 10 attempts over 3 days, until the receiver returns 2xx. Only this response contains the secret. Each caller can have at most 50 webhooks. To follow a single job, set `webhook` in the job request instead.',
  grant: 'Egress.Read',
  subject: 'list',
  body: ref(WebhookRequestSchema),
  examples: {
    webhookOfEverything: {
      summary: 'All events of all visible clusters',
      value: { url: 'https://portal.example.com/hooks/egress' },
    },
    webhookOfEnds: {
      summary: 'The results of jobs in one resource group',
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
  errorsOf: webhookErrors,
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
