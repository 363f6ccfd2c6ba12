import { NO_QUERY, ref } from '../../contract/fields.ts'
import { WebhookPathSchema } from '../../contract/parameters.ts'
import { JOB_MESSAGE_TYPES, WebhookSchema, WebhookUpdateSchema } from '../../contract/webhook.ts'
import { toClusterPatterns, toOrigin, toSubscriber } from '../auth/caller.ts'
import { WEBHOOK_UPDATE_EXAMPLES } from '../examples/webhooks.ts'
import { BODY_PROBLEMS, documentedResponses } from '../openapi/documented-responses.ts'
import type { App, AppDeps } from '../server/app-deps.ts'

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
  response: documentedResponses(
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
      ...(clusters === undefined ? {} : { clusters: toClusterPatterns(clusters ?? []) }),
      ...(events === undefined ? {} : { events: events ?? [...JOB_MESSAGE_TYPES] }),
    }
    return webhooks.change(request.params.webhookId, change, toSubscriber(request), toOrigin(request))
  })
}
