import { JOB_MESSAGE_TYPES } from '../../core/webhooks/webhook.ts'
import { answers, BODY_PROBLEMS } from '../answers.ts'
import { originOf } from '../auth/origin.ts'
import type { App, AppDeps } from '../deps.ts'
import { WEBHOOK_UPDATE_EXAMPLES } from '../examples/webhooks.ts'
import { WebhookPathSchema } from '../schemas/names.ts'
import { NO_QUERY, ref } from '../schemas/plain.ts'
import { WebhookSchema } from '../schemas/webhook.ts'
import { WebhookUpdateSchema } from '../schemas/webhook-request.ts'
import { subscriberOf, toPatterns } from '../subscriber.ts'

const path = '/v1/webhooks/:webhookId'

const schema = {
  operationId: 'updateWebhook',
  tags: ['Webhooks'],
  summary: 'Change, disable or enable a webhook',
  description:
    'What is given is changed, whole lists at a time; the rest stays. Null makes a member what it is where it was left out when the webhook was made. Messages on their way go to the new URL. Whatever the caller may see then counts for what the webhook is told.',
  params: WebhookPathSchema,
  body: ref(WebhookUpdateSchema),
  querystring: NO_QUERY,
  response: answers(
    { 200: { description: 'The webhook as it is now.', schema: ref(WebhookSchema), example: 'webhook' } },
    [...BODY_PROBLEMS, 'URI_TOO_LONG', 'WEBHOOK_URL_REFUSED', 'WEBHOOK_NOT_FOUND'],
  ),
}

export function updateWebhook(app: App, { webhooks }: AppDeps): void {
  const config = { operation: schema.operationId, bodyExamples: Object.keys(WEBHOOK_UPDATE_EXAMPLES) }
  app.patch(path, { schema, config }, (request) => {
    const { clusters, events, ...given } = request.body
    const change = {
      ...given,
      // As they are where a webhook is made without them.
      ...(clusters === undefined ? {} : { clusters: toPatterns(clusters ?? []) }),
      ...(events === undefined ? {} : { events: events ?? [...JOB_MESSAGE_TYPES] }),
    }
    return webhooks.change(request.params.webhookId, change, subscriberOf(request), originOf(request))
  })
}
