import { ref } from '../../contract/fields.ts'
import { type InventoryRefresh, InventoryRefreshSchema } from '../../contract/inventory.ts'
import { visibleScope } from '../auth/authorize.ts'
import { EXAMPLE_REFRESH } from '../examples/inventory.ts'
import { defineOperation } from './define-operation.ts'
import { toVisibleRefresh } from './get-inventory-refresh.ts'

export const refreshInventory = defineOperation({
  operationId: 'refreshInventory',
  method: 'POST',
  path: '/v1/inventory/refresh',
  tag: 'Clusters',
  summary: 'Refresh the inventory',
  description:
    'Requests a refresh of the inventory from Azure. If a refresh is pending or running, the service returns that refresh and starts no other.',
  grant: 'Egress.Plan',
  subject: 'nothing',
  responses: {
    202: {
      description: 'The refresh, which is pending or running.',
      schema: ref(InventoryRefreshSchema),
      example: {
        refresh: {
          ...EXAMPLE_REFRESH,
          status: 'pending',
          requestedBy: 'first.person@example.com',
          startedAt: null,
          endedAt: null,
          result: { ...EXAMPLE_REFRESH.result, source: null, clusters: 0, changed: 0 },
        },
      },
      headers: { location: { type: 'string', description: 'The path of the latest refresh.' } },
    },
  },
  problems: [],
  idempotent: true,
  handle: ({ inventory }, { by, origin, hook }) => inventory.requestRefresh(by, origin, hook),
  respond: (refresh: InventoryRefresh, _deps, request) => ({
    status: 202,
    headers: { location: '/v1/inventory/refreshes/latest' },
    body: toVisibleRefresh(refresh, visibleScope(request).reach),
  }),
})
