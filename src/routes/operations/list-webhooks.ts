import { Type } from 'typebox'
import { ref } from '../../contract/fields.ts'
import { JobIdSchema, PAGE_PARAMETERS, pageOf } from '../../contract/parameters.ts'
import { WebhookSchema } from '../../contract/webhook.ts'
import { EXAMPLE_WEBHOOK } from '../examples/webhooks.ts'
import { listQueryErrors, toPage } from '../validation/list-query.ts'
import { defineOperation } from './define-operation.ts'

const { limit, cursor } = PAGE_PARAMETERS

export const listWebhooks = defineOperation({
  operationId: 'listWebhooks',
  method: 'GET',
  path: '/v1/webhooks',
  tag: 'Webhooks',
  summary: 'List your webhooks',
  description:
    "The caller's own subscriptions, newest first; with `jobId` the webhooks that were ordered with that job.",
  grant: 'Egress.Read',
  subject: 'list',
  query: Type.Object({ jobId: Type.Optional(JobIdSchema), limit, cursor }, { additionalProperties: false }),
  errorsOf: listQueryErrors,
  responses: {
    200: {
      description: 'A page of webhooks.',
      schema: pageOf(ref(WebhookSchema)),
      example: { webhooks: { items: [EXAMPLE_WEBHOOK], next: null } },
    },
  },
  problems: ['PARAMETER_OUT_OF_RANGE', 'CURSOR_INVALID'],
  handle: ({ webhooks }, { query, subscriber }) => {
    const { limit, cursor } = toPage(query)
    const jobId = query.jobId?.toLowerCase()
    return webhooks.list({ ownerId: subscriber.owner.id, jobId, limit, cursor })
  },
})
