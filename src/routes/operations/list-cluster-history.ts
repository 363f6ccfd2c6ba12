import { Type } from 'typebox'
import { closed, ref } from '../../contract/fields.ts'
import { InventoryChangeSchema } from '../../contract/inventory.ts'
import { ClusterPathSchema, PAGE_PARAMETERS, pageOf } from '../../contract/parameters.ts'
import { EXAMPLE_CHANGE } from '../examples/inventory.ts'
import { listQueryErrors, toPage } from '../validation/list-query.ts'
import { defineOperation } from './define-operation.ts'

export const listClusterHistory = defineOperation({
  operationId: 'listClusterHistory',
  method: 'GET',
  path: '/v1/clusters/:subscriptionId/:resourceGroup/:clusterName/history',
  tag: 'Clusters',
  summary: 'List the changes of a cluster',
  description:
    'Returns the changes that each refresh of the inventory found since the previous refresh, newest first. Changes are kept for 400 days. A cluster that was deleted keeps its history. It does not call Azure.',
  grant: 'Egress.Read',
  subject: 'path',
  params: ClusterPathSchema,
  query: Type.Object({ limit: PAGE_PARAMETERS.limit, cursor: PAGE_PARAMETERS.cursor }, closed),
  errorsOf: (request) => listQueryErrors(request),
  responses: {
    200: {
      description: 'A page of changes.',
      schema: pageOf(ref(InventoryChangeSchema)),
      example: { changes: { items: [EXAMPLE_CHANGE], next: null } },
    },
  },
  problems: ['CLUSTER_NOT_FOUND', 'PARAMETER_OUT_OF_RANGE', 'CURSOR_INVALID'],
  handle: ({ inventory }, { params, query: { limit, cursor } }) => {
    const { subscriptionId, resourceGroup, clusterName: name } = params
    const { cluster: _cluster, ...page } = toPage({ limit, cursor })
    return inventory.history({ subscriptionId, resourceGroup, name }, page)
  },
})
