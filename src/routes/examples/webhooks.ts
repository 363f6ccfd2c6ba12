import type { Delivery } from '../../contract/delivery.ts'
import { EVENT_TYPES, type Webhook, type WebhookWithSecret } from '../../contract/webhook.ts'
import { EXAMPLE_JOB, EXAMPLE_JOB_LOG_ENTRY } from './jobs.ts'

/** The secret from the test vector of Standard Webhooks. It is public and protects nothing. */
export const EXAMPLE_SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'

export const EXAMPLE_WEBHOOK: Webhook = {
  id: '01990000-0000-7000-8000-000000000005',
  url: 'https://portal.example.com/hooks/egress',
  description: 'The portal',
  events: [...EVENT_TYPES],
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

/** The body of a message. */
export const EXAMPLE_MESSAGE = {
  type: 'job.started',
  timestamp: '2026-09-01T00:05:01.000Z',
  data: { entry: EXAMPLE_JOB_LOG_ENTRY, job: EXAMPLE_JOB },
}
