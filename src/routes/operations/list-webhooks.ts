import { Type } from 'typebox'
import { ref } from '../../contract/fields.ts'
import { JobIdSchema, PAGE_PARAMETERS, pageOf } from '../../contract/parameters.ts'
import { WebhookSchema } from '../../contract/webhook.ts'
import { toSubscriber } from '../auth/caller.ts'
import { documentedResponses } from '../openapi/documented-responses.ts'
import type { App, AppDeps } from '../server/app-deps.ts'
import { listQueryErrors, toPage } from '../validation/list-query.ts'

const path = '/v1/webhooks'
const { limit, cursor } = PAGE_PARAMETERS

const schema = {
  operationId: 'listWebhooks',
  tags: ['Webhooks'],
  summary: 'List your webhooks',
  description:
    "The caller's own subscriptions, newest first; with `jobId` the webhooks that were ordered with that job.",
  querystring: Type.Object(
    { jobId: Type.Optional(JobIdSchema), limit, cursor },
    { additionalProperties: false },
  ),
  response: documentedResponses(
    { 200: { description: 'A page of webhooks.', schema: pageOf(ref(WebhookSchema)), example: 'webhooks' } },
    ['INVALID_REQUEST', 'PARAMETER_OUT_OF_RANGE', 'CURSOR_INVALID'],
  ),
}

export function listWebhooks(app: App, { webhooks }: AppDeps): void {
  const config = { operation: schema.operationId, faultsOf: listQueryErrors }
  app.get(path, { schema, config }, async (request) => {
    const { limit, cursor } = toPage(request.query)
    const { jobId } = request.query
    return webhooks.list({
      ownerId: toSubscriber(request).owner.id,
      jobId: jobId?.toLowerCase(),
      limit,
      cursor,
    })
  })
}
