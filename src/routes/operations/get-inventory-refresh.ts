import { NO_QUERY, ref } from '../../contract/fields.ts'
import { type InventoryRefresh, InventoryRefreshSchema } from '../../contract/inventory.ts'
import type { ClusterScope } from '../../core/access/access-policy.ts'
import { visibleScope } from '../auth/authorize.ts'
import { EXAMPLE_REFRESH } from '../examples/inventory.ts'
import { defineOperation } from './define-operation.ts'

export const getInventoryRefresh = defineOperation({
  operationId: 'getInventoryRefresh',
  method: 'GET',
  path: '/v1/inventory/refreshes/latest',
  tag: 'Clusters',
  summary: 'Read the latest refresh of the inventory',
  description:
    'Returns the latest refresh with its progress or result. The progress of a running refresh grows with every batch of clusters.',
  grant: 'Egress.Read',
  subject: 'list',
  query: NO_QUERY,
  responses: {
    200: {
      description: 'The refresh.',
      schema: ref(InventoryRefreshSchema),
      example: { refresh: EXAMPLE_REFRESH },
    },
  },
  problems: ['REFRESH_NOT_FOUND'],
  handle: async ({ inventory }, { request }) =>
    toVisibleRefresh(await inventory.latestRefresh(), visibleScope(request).reach),
})

/** The result counts and names clusters and subscriptions of the whole estate. */
export function toVisibleRefresh(
  refresh: InventoryRefresh,
  reach: ClusterScope = 'everything',
): InventoryRefresh {
  return reach === 'everything' ? refresh : { ...refresh, result: null }
}
