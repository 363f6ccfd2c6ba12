import { ref } from '../../contract/fields.ts'
import { ProbeRequestSchema, ProbeSchema } from '../../contract/probe.ts'
import { absoluteUrl, POLL_HEADERS, resolveRetryAfter } from '../conditional/long-poll.ts'
import { EXAMPLE_PROBE } from '../examples/probes.ts'
import { probeRequestErrors, toProbedCluster } from '../validation/request-rules.ts'
import { defineOperation } from './define-operation.ts'

const DEMO = { subscriptionId: '11111111-1111-1111-1111-111111111111', resourceGroup: 'rg-demo' }

export const createProbe = defineOperation({
  operationId: 'createProbe',
  method: 'POST',
  path: '/v1/probes',
  tag: 'Probes',
  summary: 'Test which endpoints the nodes reach',
  description:
    'Uses run-command to run a shell script on one ready Linux node of each pool and subnet. The script measures DNS, TCP, TLS and HTTP of every endpoint that AKS requires for this cluster and of the endpoints in the request, and the public source address if `sourceAddressUrl` is set. It writes nothing on the node and reads no secret. Poll the probe at `Operation-Location`.',
  grant: 'Egress.Execute',
  subject: 'body',
  asksAzure: true,
  body: ref(ProbeRequestSchema),
  examples: {
    probeRequest: {
      summary: 'The required endpoints and one more',
      value: { cluster: { ...DEMO, name: 'udr-byo' }, endpoints: ['https://example.com/'] },
    },
  },
  errorsOf: ({ body }) => probeRequestErrors(body),
  responses: {
    202: {
      description: 'The accepted probe.',
      schema: ref(ProbeSchema),
      example: { probe: EXAMPLE_PROBE },
      headers: {
        location: { type: 'string', description: 'The path of the probe.' },
        'operation-location': { type: 'string', description: 'The absolute URL for polling the probe.' },
        ...POLL_HEADERS,
      },
      links: {
        pollProbe: {
          operationId: 'getProbe',
          parameters: { probeId: '$response.body#/id' },
          description: 'Returns the current state of the probe.',
        },
      },
    },
  },
  problems: ['PARAMETER_OUT_OF_RANGE', 'RESOURCE_ID_INVALID'],
  idempotent: true,
  handle: ({ probes }, { body, by, origin, hook }) =>
    probes.accept({ ...body, cluster: toProbedCluster(body), by }, { origin, hook }),
  respond: (probe: { id: string }, { azure }, request) => {
    const location = `/v1/probes/${probe.id}`
    const headers = {
      location,
      'operation-location': absoluteUrl(request, location),
      'retry-after': resolveRetryAfter(azure, { isHeld: false, beginsAt: null }, new Date()),
    }
    return { status: 202, headers, body: probe }
  },
})
