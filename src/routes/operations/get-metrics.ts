import { defineOperation } from './define-operation.ts'

/** What Prometheus scrapes. For operators and not of the contract, so the document leaves it out. */
export const getMetrics = defineOperation({
  operationId: 'getMetrics',
  method: 'GET',
  path: '/metrics',
  tag: 'Service',
  summary: 'Metrics for Prometheus',
  description: 'The metrics of this process.',
  grant: 'Egress.Read',
  subject: 'nothing',
  quiet: true,
  evenUnderPressure: true,
  hidden: true,
  isOffered: ({ metrics }) => metrics !== undefined,
  responses: {},
  problems: [],
  handle: async ({ metrics }, { reply }) =>
    reply
      .type('text/plain; version=0.0.4; charset=utf-8')
      .header('cache-control', 'no-store')
      .send(await metrics?.()),
})
