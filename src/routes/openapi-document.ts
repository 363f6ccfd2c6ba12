import swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'

/** The version of the contract, not of the program: it moves when the contract does. */
const CONTRACT_VERSION = '1.0.0'

const DESCRIPTION = `Plans the change of an AKS cluster's outbound type, shows beforehand everything that will change or break, and
carries the plan out as a job that is polled.

1. \`GET /v1/clusters/…/egress\`: what is there, and what could become of it.
2. \`POST /v1/plans\`: what a change would do. Only reads.
3. \`POST /v1/jobs\`: do it.
4. \`GET /v1/jobs/{jobId}\`: poll until the status is \`Succeeded\`, \`Failed\` or \`Canceled\`.

Words of Azure are spelled as Azure spells them. Unknown fields and parameters of a request are refused; new fields may
appear in answers at any time. Everything that goes wrong is answered as \`application/problem+json\` (RFC 9457) with a
stable \`code\`, all faults at once in \`errors\`, and a \`remedy\`.`

const TAGS = [
  { name: 'Transitions', description: 'Which outbound type can become which, as dated data.' },
  { name: 'Clusters', description: 'The egress of a cluster as it is.' },
  { name: 'Plans', description: 'What a change would do; made by reading alone, kept as it was made.' },
  { name: 'Jobs', description: 'Plans being carried out, one at a time for each cluster.' },
  { name: 'Service', description: 'For those who run this service, and what its problems mean.' },
]

/** Collects the OpenAPI document from the routes that are added after it. */
export async function addOpenapiDocument(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'AKS Egress Planner', version: CONTRACT_VERSION, description: DESCRIPTION },
      servers: [{ url: '/', description: 'This service.' }],
      tags: TAGS,
    },
    refResolver: {
      buildLocalReference: (json, _base, _fragment, index) => String(json.$id ?? `def-${index}`),
    },
    transform: ({ schema, url, route }) => {
      const examples = route.config?.bodyExamples
      if (examples === undefined) return { schema, url }
      const body = { ...(schema.body as object), 'x-examples': examples }
      return { schema: { ...schema, body }, url }
    },
  })
}
