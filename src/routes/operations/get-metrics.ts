import { defineOperation } from './define-operation.ts'

/** The Prometheus endpoint. It is for operators and not part of the contract, so the document omits it. */
export const getMetrics = defineOperation({
  operationId: 'getMetrics',
  method: 'GET',
  path: '/metrics',
  tag: 'Service',
  summary: 'Read the metrics for Prometheus',
  description: 'Returns the metrics of this process.',
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
