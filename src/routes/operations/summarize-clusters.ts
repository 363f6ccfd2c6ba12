import { NO_QUERY, ref } from '../../contract/fields.ts'
import { InventorySummarySchema } from '../../contract/inventory.ts'
import { visibleScope } from '../auth/authorize.ts'
import { EXAMPLE_SUMMARY } from '../examples/inventory.ts'
import { defineOperation } from './define-operation.ts'

export const summarizeClusters = defineOperation({
  operationId: 'summarizeClusters',
  method: 'GET',
  path: '/v1/clusters/summary',
  tag: 'Clusters',
  summary: 'Count the clusters',
  description:
    'Returns the number of clusters that the caller has permission to see, by declared type, egress path, flag, region, and subscription. It does not call Azure.',
  grant: 'Egress.Read',
  subject: 'list',
  query: NO_QUERY,
  responses: {
    200: {
      description: 'The counts.',
      schema: ref(InventorySummarySchema),
      example: { summary: EXAMPLE_SUMMARY },
    },
  },
  problems: [],
  handle: ({ inventory }, { request }) => inventory.summary(visibleScope(request).reach),
})
