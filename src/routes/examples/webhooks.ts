import type { Delivery, DeliveryWithPayload } from '../../contract/delivery.ts'
import type { WebhookWithSecret } from '../../contract/webhook.ts'
import { JOB_MESSAGE_TYPES, type Webhook } from '../../contract/webhook.ts'
import { EXAMPLE_JOB, EXAMPLE_JOB_LOG_ENTRY } from './jobs.ts'

/** The secret of the test vector of Standard Webhooks: known to everybody, and no secret of anybody. */
export const EXAMPLE_SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'

export const EXAMPLE_WEBHOOK: Webhook = {
  id: '01990000-0000-7000-8000-000000000005',
  url: 'https://portal.example.com/hooks/egress',
  description: 'The portal',
  events: [...JOB_MESSAGE_TYPES],
  clusters: [
    { subscriptionId: '11111111-1111-1111-1111-111111111111', resourceGroup: 'rg-demo', clusterName: '*' },
  ],
  status: 'enabled',
  disabledBecause: null,
  disabledAt: null,
  jobId: null,
  createdAt: '2026-09-01T00:00:00.000Z',
  createdBy: 'first.person@example.com',
  formerSecretValidUntil: null,
}

export const EXAMPLE_WEBHOOK_WITH_SECRET: WebhookWithSecret = { ...EXAMPLE_WEBHOOK, secret: EXAMPLE_SECRET }

export const EXAMPLE_DELIVERY: Delivery = {
  id: '01990000-0000-7000-8000-000000000006',
  webhookId: EXAMPLE_WEBHOOK.id,
  type: 'job.started',
  jobId: EXAMPLE_JOB.id,
  createdAt: '2026-09-01T00:05:01.000Z',
  status: 'pending',
  nextAttemptAt: '2026-09-01T00:05:06.000Z',
  attempts: [{ at: '2026-09-01T00:05:01.020Z', outcome: 'REFUSED', status: 503, durationMs: 84 }],
}

/** What a receiver gets as the body. */
export const EXAMPLE_MESSAGE = {
  type: 'job.started',
  timestamp: '2026-09-01T00:05:01.000Z',
  data: { entry: EXAMPLE_JOB_LOG_ENTRY, job: EXAMPLE_JOB },
}

export const EXAMPLE_DELIVERY_WITH_PAYLOAD: DeliveryWithPayload = {
  ...EXAMPLE_DELIVERY,
  payload: EXAMPLE_MESSAGE as unknown as DeliveryWithPayload['payload'],
}

export const WEBHOOK_REQUEST_EXAMPLES = {
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
}

export const WEBHOOK_UPDATE_EXAMPLES = {
  enableWebhook: { summary: 'Enable it again', value: { status: 'enabled' } },
  everything: {
    summary: 'Of everything again, without a description',
    value: { events: null, description: null },
  },
}

export const SECRET_ROTATION_EXAMPLES = {
  twoDays: { summary: 'Both secrets for two days', value: { overlapInHours: 48 } },
}

export const REPLAY_REQUEST_EXAMPLES = {
  allThatFailed: {
    summary: 'All that was given up since a moment',
    value: { failedSince: '2026-09-01T00:00:00Z' },
  },
  oneMessage: { summary: 'One message', value: { deliveryId: EXAMPLE_DELIVERY.id } },
}
