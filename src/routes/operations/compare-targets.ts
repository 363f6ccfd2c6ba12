import { type Comparison, ComparisonSchema } from '../../contract/comparison.ts'
import { ref } from '../../contract/fields.ts'
import { ClusterPathSchema } from '../../contract/parameters.ts'
import { htmlComparison, markdownComparison } from '../../reports/overview/comparison-report.ts'
import {
  negotiateMediaType,
  notAcceptableProblem,
  sendHtml,
  sendText,
} from '../conditional/content-negotiation.ts'
import example from '../examples/comparison.json' with { type: 'json' }
import { defineOperation } from './define-operation.ts'

const FORMS = ['application/json', 'text/markdown', 'text/html'] as const

/** A comparison as the core builds it, for the OpenAPI document. A test validates it against the schema. */
export const EXAMPLE_COMPARISON = example as unknown as Comparison

export const compareTargets = defineOperation({
  operationId: 'compareTargets',
  method: 'GET',
  path: '/v1/clusters/:subscriptionId/:resourceGroup/:clusterName/comparison',
  tag: 'Clusters',
  summary: 'Compare all targets of a cluster',
  description:
    'Compares all outbound types as targets of the cluster, from one snapshot. Each row is the result of a plan with default parameters: verdict, addresses, disruption, zones, SNAT ports, rollback, and infrastructure as code. If that plan is blocked, the row names the preparation that resolves blockers. The rows are in the recommended order, with the reasons. It only reads Azure and stores nothing. With `Accept: text/markdown` or `text/html`, the response is a page for people: the recommended order first, then one card for each target.',
  grant: 'Egress.Read',
  subject: 'path',
  asksAzure: true,
  params: ClusterPathSchema,
  responses: {
    200: {
      description: 'The comparison.',
      schema: ref(ComparisonSchema),
      example: { comparison: EXAMPLE_COMPARISON },
      others: {
        'text/markdown': { comparisonMarkdown: markdownComparison(EXAMPLE_COMPARISON) },
        'text/html': { comparisonHtml: '<!doctype html>\n<html lang="en">…</html>\n' },
      },
      headers: {
        vary: { type: 'string', description: '`Accept`: the format depends on this header.' },
      },
    },
  },
  problems: ['NOT_ACCEPTABLE'],
  handle: async ({ planning }, { params, request, reply }) => {
    const { subscriptionId, resourceGroup, clusterName } = params
    const form = negotiateMediaType(request, reply, FORMS)
    if (form === null) throw notAcceptableProblem(request, FORMS)
    const comparison = await planning.compareTargets({ subscriptionId, resourceGroup, name: clusterName })
    if (form === 'application/json') return comparison
    return form === 'text/html'
      ? sendHtml(reply, htmlComparison(comparison))
      : sendText(reply, 'text/markdown; charset=utf-8; variant=GFM', markdownComparison(comparison))
  },
})
