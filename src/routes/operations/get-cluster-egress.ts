import { type EgressReport, EgressReportSchema } from '../../contract/egress-report.ts'
import { ref } from '../../contract/fields.ts'
import { ClusterPathSchema } from '../../contract/parameters.ts'
import report from '../examples/egress-report.json' with { type: 'json' }

import { defineOperation } from './define-operation.ts'

/** An egress report as the core builds it, for the OpenAPI document. A test validates it against the schema. */
export const EXAMPLE_EGRESS_REPORT = report as unknown as EgressReport

export const getClusterEgress = defineOperation({
  operationId: 'getClusterEgress',
  method: 'GET',
  path: '/v1/clusters/:subscriptionId/:resourceGroup/:clusterName/egress',
  tag: 'Clusters',
  summary: 'Read the current egress of a cluster',
  description:
    'Returns the declared and the actual egress of the cluster, its egress addresses, and the authorized IP ranges of its API server. It also returns a verdict for every possible target. It only reads Azure.',
  grant: 'Egress.Read',
  subject: 'path',
  asksAzure: true,
  params: ClusterPathSchema,
  responses: {
    200: {
      description: 'The current egress and the possible targets.',
      schema: ref(EgressReportSchema),
      example: { egressReport: EXAMPLE_EGRESS_REPORT },
    },
  },
  problems: [],
  handle: ({ planning }, { params: { subscriptionId, resourceGroup, clusterName } }) =>
    planning.readEgress({ subscriptionId, resourceGroup, name: clusterName }),
})
