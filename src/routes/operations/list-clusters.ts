import { isIP } from 'node:net'
import { Type } from 'typebox'
import { ResourceGroupSchema, SubscriptionIdSchema } from '../../contract/cluster.ts'
import { EFFECTIVE_PATHS } from '../../contract/egress.ts'
import { enumOf, ref } from '../../contract/fields.ts'
import { INVENTORY_FLAGS, INVENTORY_SORTS, InventoryClusterSchema } from '../../contract/inventory.ts'
import { TYPE_KEYS } from '../../contract/outbound-type.ts'
import { PAGE_PARAMETERS, pageOf } from '../../contract/parameters.ts'
import { inventoryCsv } from '../../reports/inventory/inventory-csv.ts'
import { visibleScope } from '../auth/authorize.ts'
import { negotiateMediaType, notAcceptableProblem, sendText } from '../conditional/content-negotiation.ts'
import { EXAMPLE_CLUSTER } from '../examples/inventory.ts'
import { listQueryErrors, toPage } from '../validation/list-query.ts'
import { type Rule, rulesOf } from '../validation/rules.ts'
import { defineOperation } from './define-operation.ts'

const FORMS = ['application/json', 'text/csv'] as const

const filter = (description: string, maxLength = 200) =>
  Type.Optional(
    Type.String({ minLength: 1, maxLength, pattern: '^[^\\u0000-\\u001f\\u007f]*$', description }),
  )

/** The filters of the inventory as query parameters. A cluster must match all of them. */
export const INVENTORY_FILTERS = {
  subscriptionId: Type.Optional(SubscriptionIdSchema),
  resourceGroup: Type.Optional(ResourceGroupSchema),
  location: filter('Returns only clusters in this region, such as `eastus` or `East US`.'),
  tag: filter(
    'Returns only clusters with this tag: a name, or a name and a value such as `team=payments`. The letter case of the name does not count.',
    800,
  ),
  outboundType: Type.Optional(
    enumOf(TYPE_KEYS, { description: 'Returns only clusters that declare this outbound type.' }),
  ),
  path: Type.Optional(
    enumOf(EFFECTIVE_PATHS, { description: 'Returns only clusters that use this egress path.' }),
  ),
  flag: Type.Optional(enumOf(INVENTORY_FLAGS, { description: 'Returns only clusters with this flag.' })),
  address: filter(
    'Returns only clusters with an egress address in this IP address or CIDR, or with a public IP prefix that contains it.',
    50,
  ),
}

const FILTER_RULES: readonly Rule[] = [
  rulesOf('FORMAT_INVALID')(
    '/tag',
    'tag must be the name of a tag, or a name and a value such as team=payments.',
    (tag) => typeof tag === 'string' && !/^[^=]+(=.+)?$/.test(tag),
  ),
  rulesOf('FORMAT_INVALID')(
    '/address',
    'address must be an IP address or a CIDR, such as 20.1.2.3 or 20.1.2.0/28.',
    (address) => typeof address === 'string' && !isAddressOrCidr(address),
  ),
]

function isAddressOrCidr(text: string): boolean {
  const [address = '', length, ...rest] = text.split('/')
  const version = isIP(address)
  if (version === 0 || rest.length > 0 || address.includes('%')) return false
  return length === undefined || (/^\d{1,3}$/.test(length) && Number(length) <= (version === 4 ? 32 : 128))
}

export const listClusters = defineOperation({
  operationId: 'listClusters',
  method: 'GET',
  path: '/v1/clusters',
  tag: 'Clusters',
  summary: 'List all clusters',
  description:
    'Returns every cluster of the inventory that the caller may see, over all subscriptions. The inventory is read in the background: this operation does not call Azure, and `asOf` is the time of each row. With `Accept: text/csv`, the page is CSV (RFC 4180), and the header `link` names the next page.',
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
  errorsOf: (request) => listQueryErrors(request, FILTER_RULES),
  responses: {
    200: {
      description: 'A page of clusters.',
      schema: pageOf(ref(InventoryClusterSchema)),
      example: { clusters: { items: [EXAMPLE_CLUSTER], next: null } },
      others: { 'text/csv': { clustersCsv: inventoryCsv([EXAMPLE_CLUSTER]) } },
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
  handle: async ({ inventory }, { query, request, reply }) => {
    const form = negotiateMediaType(request, reply, FORMS)
    if (form === null) throw notAcceptableProblem(request, FORMS)
    const { limit, cursor, ...filters } = query
    const page = await inventory.list({ ...filters, ...toPage({ limit, cursor }), ...visibleScope(request) })
    if (page.next !== null) reply.header('link', `<${nextPage(request.url, page.next)}>; rel="next"`)
    return form === 'text/csv'
      ? sendText(reply, 'text/csv; charset=utf-8; header=present', inventoryCsv(page.items))
      : page
  },
})

function nextPage(url: string, cursor: string): string {
  const [path, query = ''] = url.split('?')
  const parameters = new URLSearchParams(query)
  parameters.set('cursor', cursor)
  return `${path}?${parameters}`
}
