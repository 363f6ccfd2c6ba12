import { EgressReportSchema } from '../../contract/egress-report.ts'
import { NO_QUERY, ref } from '../../contract/fields.ts'
import { ClusterPathSchema } from '../../contract/parameters.ts'
import { AZURE_PROBLEMS, documentedResponses } from '../openapi/documented-responses.ts'
import type { App, AppDeps } from '../server/app-deps.ts'

const path = '/v1/clusters/:subscriptionId/:resourceGroup/:clusterName/egress'

const schema = {
  operationId: 'getClusterEgress',
  tags: ['Clusters'],
  summary: 'The egress of a cluster as it is',
  description:
    'What the cluster declares and what its subnets really do, the addresses it is seen from, the authorized ranges of its API server, and every possible target with its verdict. Reads Azure, changes nothing.',
  params: ClusterPathSchema,
  querystring: NO_QUERY,
  response: documentedResponses(
    {
      200: {
        description: 'The egress, and what could become of it.',
        schema: ref(EgressReportSchema),
        example: 'egressReport',
      },
    },
    ['INVALID_REQUEST', 'URI_TOO_LONG', 'CLUSTER_NOT_FOUND', 'SUBSCRIPTION_NOT_FOUND', ...AZURE_PROBLEMS],
  ),
}

export function getClusterEgress(app: App, { planning }: AppDeps): void {
  app.get(
    path,
    { schema, config: { operation: schema.operationId, asksAzure: true } },
    async ({ params }) => {
      const { subscriptionId, resourceGroup, clusterName } = params
      return planning.readEgress({ subscriptionId, resourceGroup, name: clusterName })
    },
  )
}
