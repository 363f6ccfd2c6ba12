import { Type } from 'typebox'
import { answers } from '../answers.ts'
import type { App, AppDeps } from '../deps.ts'
import { listQueryFaults, toPage } from '../list-query.ts'
import { listOf, PAGE_PARAMETERS } from '../schemas/lists.ts'
import { JobIdSchema } from '../schemas/names.ts'
import { ref } from '../schemas/plain.ts'
import { WebhookSchema } from '../schemas/webhook.ts'
import { subscriberOf } from '../subscriber.ts'

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
  response: answers(
    { 200: { description: 'A page of webhooks.', schema: listOf(ref(WebhookSchema)), example: 'webhooks' } },
    ['INVALID_REQUEST', 'PARAMETER_OUT_OF_RANGE', 'CURSOR_INVALID'],
  ),
}

export function listWebhooks(app: App, { webhooks }: AppDeps): void {
  const config = { operation: schema.operationId, faultsOf: listQueryFaults }
  app.get(path, { schema, config }, async (request) => {
    const { limit, cursor } = toPage(request.query)
    const { jobId } = request.query
    return webhooks.list({
      ownerId: subscriberOf(request).owner.id,
      jobId: jobId?.toLowerCase(),
      limit,
      cursor,
    })
  })
}
