import { type EgressReport, EgressReportSchema } from '../../contract/egress-report.ts'
import { ref } from '../../contract/fields.ts'
import { ClusterPathSchema } from '../../contract/parameters.ts'
import report from '../examples/egress-report.json' with { type: 'json' }

import { defineOperation } from './define-operation.ts'

/** An egress report as the core makes it, for the OpenAPI document; a test holds it to the schema. */
export const EXAMPLE_EGRESS_REPORT = report as unknown as EgressReport

export const getClusterEgress = defineOperation({
  operationId: 'getClusterEgress',
  method: 'GET',
  path: '/v1/clusters/:subscriptionId/:resourceGroup/:clusterName/egress',
  tag: 'Clusters',
  summary: 'The egress of a cluster as it is',
  description:
    'What the cluster declares and what its subnets really do, the addresses it is seen from, the authorized ranges of its API server, and every possible target with its verdict. Reads Azure, changes nothing.',
  grant: 'Egress.Read',
  subject: 'path',
  asksAzure: true,
  params: ClusterPathSchema,
  responses: {
    200: {
      description: 'The egress, and what could become of it.',
      schema: ref(EgressReportSchema),
      example: { egressReport: EXAMPLE_EGRESS_REPORT },
    },
  },
  problems: [],
  handle: ({ planning }, { params: { subscriptionId, resourceGroup, clusterName } }) =>
    planning.readEgress({ subscriptionId, resourceGroup, name: clusterName }),
})
