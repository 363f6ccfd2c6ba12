import { type Comparison, ComparisonSchema } from '../../contract/comparison.ts'
import { ref } from '../../contract/fields.ts'
import { ClusterPathSchema } from '../../contract/parameters.ts'
import example from '../examples/comparison.json' with { type: 'json' }
import { defineOperation } from './define-operation.ts'

/** A comparison as the core builds it, for the OpenAPI document. A test validates it against the schema. */
export const EXAMPLE_COMPARISON = example as unknown as Comparison

export const compareTargets = defineOperation({
  operationId: 'compareTargets',
  method: 'GET',
  path: '/v1/clusters/:subscriptionId/:resourceGroup/:clusterName/comparison',
  tag: 'Clusters',
  summary: 'Compare all targets of a cluster',
  description:
    'Compares all outbound types as targets of the cluster, from one snapshot. Each row is the result of a plan with default parameters: verdict, addresses, disruption, zones, SNAT ports, rollback, and infrastructure as code. If that plan is blocked, the row names the preparation that resolves blockers. The rows are in the recommended order, with the reasons. It only reads Azure and stores nothing.',
  grant: 'Egress.Read',
  subject: 'path',
  asksAzure: true,
  params: ClusterPathSchema,
  responses: {
    200: {
      description: 'The comparison.',
      schema: ref(ComparisonSchema),
      example: { comparison: EXAMPLE_COMPARISON },
    },
  },
  problems: [],
  handle: ({ planning }, { params: { subscriptionId, resourceGroup, clusterName } }) =>
    planning.compareTargets({ subscriptionId, resourceGroup, name: clusterName }),
})
