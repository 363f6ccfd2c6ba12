import { DELIVERY_ID, JOB_ID, SUBSCRIPTION, WEBHOOK_ID } from './fakes.ts'
import type { Success } from './successes.ts'

const WEBHOOK = `/v1/webhooks/${WEBHOOK_ID}`
const RECEIVER = 'https://portal.example.com/hooks'
const ANYBODY = { name: 'anonymous', owner: { id: 'anonymous', appId: null, groups: [] } }

/** Requests about webhooks that are answered well. */
export const WEBHOOK_SUCCESSES: Success[] = [
  {
    operationId: 'createWebhook',
    request: {
      method: 'POST',
      url: '/v1/webhooks',
      payload: {
        url: RECEIVER,
        events: ['job.failed'],
        clusters: [{ subscriptionId: SUBSCRIPTION }],
        description: 'The portal',
      },
    },
    status: 201,
    calls: [
      [
        'createWebhook',
        {
          url: RECEIVER,
          events: ['job.failed'],
          clusters: [{ subscriptionId: SUBSCRIPTION, resourceGroup: '*', clusterName: '*' }],
          description: 'The portal',
        },
        ANYBODY,
      ],
    ],
    headers: { location: WEBHOOK },
  },
  {
    operationId: 'listWebhooks',
    request: { url: `/v1/webhooks?jobId=${JOB_ID}&limit=5` },
    status: 200,
    calls: [['listWebhooks', { ownerId: 'anonymous', jobId: JOB_ID, limit: 5, cursor: null }]],
  },
  {
    operationId: 'getWebhook',
    request: { url: WEBHOOK },
    status: 200,
    calls: [['getWebhook', WEBHOOK_ID, 'anonymous']],
  },
  {
    operationId: 'updateWebhook',
    request: { method: 'PATCH', url: WEBHOOK, payload: { status: 'disabled', clusters: [] } },
    status: 200,
    calls: [['changeWebhook', WEBHOOK_ID, { status: 'disabled', clusters: [] }, ANYBODY]],
  },
  {
    operationId: 'deleteWebhook',
    request: { method: 'DELETE', url: WEBHOOK },
    status: 204,
    calls: [['removeWebhook', WEBHOOK_ID, ANYBODY]],
  },
  {
    operationId: 'rotateWebhookSecret',
    request: { method: 'POST', url: `${WEBHOOK}/secret-rotation` },
    status: 200,
    calls: [['rotateSecret', WEBHOOK_ID, 24, ANYBODY]],
  },
  {
    operationId: 'pingWebhook',
    request: { method: 'POST', url: `${WEBHOOK}/ping` },
    status: 202,
    calls: [['ping', WEBHOOK_ID, ANYBODY]],
    headers: { location: `${WEBHOOK}/deliveries/${DELIVERY_ID}` },
  },
  {
    operationId: 'listDeliveries',
    request: { url: `${WEBHOOK}/deliveries?status=failed` },
    status: 200,
    calls: [
      [
        'listDeliveries',
        { webhookId: WEBHOOK_ID, ownerId: 'anonymous', status: 'failed', limit: 20, cursor: null },
      ],
    ],
  },
  {
    operationId: 'getDelivery',
    request: { url: `${WEBHOOK}/deliveries/${DELIVERY_ID}` },
    status: 200,
    calls: [['getDelivery', { webhookId: WEBHOOK_ID, deliveryId: DELIVERY_ID, ownerId: 'anonymous' }]],
  },
  {
    operationId: 'replayDeliveries',
    request: {
      method: 'POST',
      url: `${WEBHOOK}/replays`,
      payload: { failedSince: '2026-09-01T00:00:00Z' },
    },
    status: 202,
    calls: [['replay', WEBHOOK_ID, { failedSince: '2026-09-01T00:00:00Z' }, ANYBODY]],
  },
]
