import { Type } from 'typebox'
import { enumOf, ref } from '../../contract/fields.ts'
import { CHANGE_CAUSES, INVENTORY_CHANGES, InventoryChangeSchema } from '../../contract/inventory.ts'
import { FILTER_PARAMETERS, PAGE_PARAMETERS, pageOf, repeatable } from '../../contract/parameters.ts'
import { htmlChangeList } from '../../reports/overview/change-list.ts'
import { visibleScope } from '../auth/authorize.ts'
import {
  negotiateMediaType,
  notAcceptableProblem,
  sendFilterPage,
} from '../conditional/content-negotiation.ts'
import { EXAMPLE_CHANGE } from '../examples/inventory.ts'
import { listQueryErrors, nextPage, timeRule, toFilters, toPage } from '../validation/list-query.ts'
import { defineOperation } from './define-operation.ts'

const FORMS = ['application/json', 'text/html'] as const

export const listClusterChanges = defineOperation({
  operationId: 'listClusterChanges',
  method: 'GET',
  path: '/v1/clusters/changes',
  tag: 'Clusters',
  summary: 'List the changes of all clusters',
  description:
    'Returns the changes that each refresh of the inventory found since the previous refresh, over all clusters that the caller has permission to see, newest first. Changes are kept for 400 days. It does not call Azure. With `Accept: text/html`, the response is a page with filters for people.',
  grant: 'Egress.Read',
  subject: 'list',
  query: Type.Object(
    {
      kind: Type.Optional(repeatable(enumOf(INVENTORY_CHANGES), 'Returns only changes of this kind.')),
      cause: Type.Optional(
        enumOf(CHANGE_CAUSES, {
          description:
            '`job`: returns only changes that a job of this service explains. `unexplained`: returns only the other changes.',
        }),
      ),
      changedAfter: Type.Optional(
        Type.String({
          maxLength: 40,
          description: 'Returns only changes that were found at or after this time (RFC 3339).',
        }),
      ),
      changedBefore: Type.Optional(
        Type.String({
          maxLength: 40,
          description: 'Returns only changes that were found before this time (RFC 3339).',
        }),
      ),
      subscriptionId: FILTER_PARAMETERS.subscriptionId,
      resourceGroup: FILTER_PARAMETERS.resourceGroup,
      limit: PAGE_PARAMETERS.limit,
      cursor: PAGE_PARAMETERS.cursor,
    },
    { additionalProperties: false },
  ),
  errorsOf: (request) => listQueryErrors(request, [timeRule('changedAfter'), timeRule('changedBefore')]),
  responses: {
    200: {
      description: 'A page of changes.',
      schema: pageOf(ref(InventoryChangeSchema)),
      example: { changes: { items: [EXAMPLE_CHANGE], next: null } },
      others: { 'text/html': { changesPage: '<!doctype html>\n<html lang="en">…</html>\n' } },
      headers: { vary: { type: 'string', description: '`Accept`: the format depends on this header.' } },
    },
  },
  problems: ['PARAMETER_OUT_OF_RANGE', 'CURSOR_INVALID', 'NOT_ACCEPTABLE'],
  handle: async ({ inventory, azure }, { query, request, reply }) => {
    const form = negotiateMediaType(request, reply, FORMS)
    if (form === null) throw notAcceptableProblem(request, FORMS)
    const { kind, cause, changedAfter, changedBefore, limit, cursor } = query
    const { cluster: _cluster, ...page } = toPage({ limit, cursor })
    const changes = await inventory.changes({
      kind,
      cause,
      changedAfter: changedAfter === undefined ? undefined : new Date(changedAfter),
      changedBefore: changedBefore === undefined ? undefined : new Date(changedBefore),
      ...toFilters(query),
      ...page,
      ...visibleScope(request),
    })
    if (form === 'application/json') return changes
    const { limit: _limit, cursor: _cursor, ...filters } = query
    return sendFilterPage(
      reply,
      htmlChangeList({
        changes: changes.items,
        filters: Object.entries(filters).flatMap(([name, value]) =>
          [value].flat().map((item): [string, string] => [name, String(item)]),
        ),
        next: changes.next === null ? null : nextPage(request.url, changes.next),
        isSimulated: azure === 'simulated',
      }),
    )
  },
})
