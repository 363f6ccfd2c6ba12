import { Type } from 'typebox'
import { enumOf, ref } from '../../contract/fields.ts'
import { INVENTORY_SORTS, InventoryClusterSchema } from '../../contract/inventory.ts'
import { INVENTORY_FILTERS } from '../../contract/inventory-filter.ts'
import { PAGE_PARAMETERS, pageOf } from '../../contract/parameters.ts'
import { inventoryCsv } from '../../reports/inventory/inventory-csv.ts'
import { htmlClusterList } from '../../reports/overview/cluster-list.ts'
import { visibleScope } from '../auth/authorize.ts'
import {
  negotiateMediaType,
  notAcceptableProblem,
  sendFilterPage,
  sendText,
} from '../conditional/content-negotiation.ts'
import { EXAMPLE_CLUSTER } from '../examples/inventory.ts'
import { listQueryErrors, nextPage, toPage } from '../validation/list-query.ts'
import { inventoryFilterRules } from '../validation/request-rules.ts'
import { defineOperation } from './define-operation.ts'
import { toVisibleRefresh } from './get-inventory-refresh.ts'

const FORMS = ['application/json', 'text/csv', 'text/html'] as const

export const listClusters = defineOperation({
  operationId: 'listClusters',
  method: 'GET',
  path: '/v1/clusters',
  tag: 'Clusters',
  summary: 'List all clusters',
  description:
    'Returns every cluster of the inventory that the caller has permission to see, in all subscriptions. The inventory is read in the background: this operation does not call Azure, and `asOf` is the time of each row. With `Accept: text/csv`, the page is CSV (RFC 4180), and the header `link` names the next page. With `Accept: text/html`, the response is a page with filters for people.',
  grant: 'Egress.Read',
  subject: 'list',
  query: Type.Object(
    {
      ...INVENTORY_FILTERS,
      sort: Type.Optional(
        enumOf(INVENTORY_SORTS, {
          description: 'The order of the clusters. `-` reverses it. Default: `name`.',
        }),
      ),
      limit: Type.Optional(
        Type.Integer({
          minimum: 1,
          maximum: 1_000,
          default: 20,
          description: 'The number of clusters per page, 1 to 1000.',
        }),
      ),
      cursor: PAGE_PARAMETERS.cursor,
    },
    { additionalProperties: false },
  ),
  errorsOf: (request) => listQueryErrors(request, inventoryFilterRules('')),
  responses: {
    200: {
      description: 'A page of clusters.',
      schema: pageOf(ref(InventoryClusterSchema)),
      example: { clusters: { items: [EXAMPLE_CLUSTER], next: null } },
      others: {
        'text/csv': { clustersCsv: inventoryCsv([EXAMPLE_CLUSTER]) },
        'text/html': { clustersPage: '<!doctype html>\n<html lang="en">…</html>\n' },
      },
      headers: {
        vary: { type: 'string', description: '`Accept`: the format depends on this header.' },
        link: {
          type: 'string',
          description: 'The next page, with `rel="next"` (RFC 8288). Absent on the last page.',
        },
      },
    },
  },
  problems: ['PARAMETER_OUT_OF_RANGE', 'CURSOR_INVALID', 'NOT_ACCEPTABLE'],
  handle: async ({ inventory, azure }, { query, request, reply }) => {
    const form = negotiateMediaType(request, reply, FORMS)
    if (form === null) throw notAcceptableProblem(request, FORMS)
    const { limit, cursor, ...filters } = query
    const page = await inventory.list({ ...filters, ...toPage({ limit, cursor }), ...visibleScope(request) })
    if (page.next !== null) reply.header('link', `<${nextPage(request.url, page.next)}>; rel="next"`)
    if (form === 'text/html') {
      const [refresh, summary] = await Promise.all([
        inventory.endedRefresh(),
        inventory.summary(visibleScope(request).reach),
      ])
      return sendFilterPage(
        reply,
        htmlClusterList({
          clusters: page.items,
          total: summary.clusters,
          filters: Object.entries(filters).filter(([, value]) => value !== undefined),
          next: page.next === null ? null : nextPage(request.url, page.next),
          refresh: refresh && toVisibleRefresh(refresh, visibleScope(request).reach),
          isSimulated: azure === 'simulated',
        }),
      )
    }
    return form === 'text/csv'
      ? sendText(reply, 'text/csv; charset=utf-8; header=present', inventoryCsv(page.items))
      : page
  },
})
