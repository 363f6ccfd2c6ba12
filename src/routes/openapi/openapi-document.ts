import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import { completeDocument, type GeneratedDocument } from './document-transforms.ts'
import type { OperationDocument } from './operation-schema.ts'
import { operationSecurity, resolveAuthority, type SignIn, securitySchemes } from './security-schemes.ts'

/**
 * Everything from this service; from the network only tokens, where people sign in. Swagger UI styles its elements in place and draws
 * its icons from data URLs. `upgrade-insecure-requests`, the plugin's own choice, would break "Try it out" over http.
 */
const contentSecurityPolicy = (tokensFrom: string) =>
  `default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'${tokensFrom}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`

/** Swagger UI at /docs, the document at /openapi.json, and the way there from the root. */
export async function addSwaggerUi(app: FastifyInstance, signIn?: SignIn): Promise<void> {
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: contentSecurityPolicy(signIn === undefined ? '' : ` ${resolveAuthority(signIn)}`),
    theme: { title: 'AKS Egress Planner' },
    uiConfig: {
      // Without the bar at the top, which offers to explore other addresses than this service.
      layout: 'BaseLayout',
      docExpansion: 'list',
      tryItOutEnabled: true,
      displayRequestDuration: true,
      defaultModelsExpandDepth: 0,
      deepLinking: true,
    },
    ...(signIn === undefined ? {} : { initOAuth: { usePkceWithAuthorizationCodeGrant: true } }),
  })
  const hidden = { schema: { hide: true }, config: { public: true } }
  let document: string | undefined
  app.get('/openapi.json', hidden, async (_request, reply) => {
    // The routes are complete once requests come, so the text is made once.
    document ??= JSON.stringify(app.swagger())
    return reply.type('application/json; charset=utf-8').send(document)
  })
  app.get('/', hidden, async (_request, reply) => reply.redirect('/docs'))
}

const DESCRIPTION = `Plans the change of an AKS cluster's outbound type, shows beforehand everything that will change or break, and
carries the plan out as a job that is polled.

1. \`GET /v1/clusters/…/egress\`: what is there, and what could become of it.
2. \`POST /v1/plans\`: what a change would do. Only reads.
3. \`POST /v1/jobs\`: do it.
4. \`GET /v1/jobs/{jobId}\`: poll until the status is \`Succeeded\`, \`Failed\` or \`Canceled\`, with \`If-None-Match\` and
   \`Prefer: wait=30\` to hear of news at once; or follow \`GET /v1/jobs/{jobId}/events\` as \`text/event-stream\`; or be
   told by \`POST /v1/webhooks\`.

In Swagger UI each operation opens filled in with a request that the simulated demo fleet answers. To go all the way:
execute \`POST /v1/plans\`, put the \`id\` of its answer into \`planId\` of \`POST /v1/jobs\`, and the \`id\` of that one into
\`jobId\` of \`GET /v1/jobs/{jobId}\`. Where callers are checked, \`Authorize\` first.

A POST that is sent again with the same \`Idempotency-Key\` is answered as the first time and done once.

Words of Azure are spelled as Azure spells them. Unknown fields and parameters of a request are refused; new fields may
appear in answers at any time. Everything that goes wrong is answered as \`application/problem+json\` (RFC 9457) with a
stable \`code\`, all faults at once in \`errors\`, and a \`remedy\`. A cluster that the caller may not see, and every plan and
job of it, is answered as one that does not exist. Each caller has a number of requests a minute, told in
\`RateLimit-Policy\` and \`RateLimit\`; one too many is answered with 429 and \`Retry-After\`.`

const SERVERS = [
  // ARM and OpenAPI know no word for it; linters and catalogues of APIs read this member.
  { url: '/', description: 'This service, local or in production.', 'x-internal': true },
  {
    url: 'https://{host}:{port}',
    description: 'A service in production, behind the name and port that its operator gave it.',
    'x-internal': true,
    variables: {
      host: { default: 'localhost', description: 'The name of the service.' },
      port: { default: '443', description: 'The port of the service.' },
    },
  },
]

const TAGS = [
  { name: 'Clusters', description: 'The egress of a cluster as it is.' },
  { name: 'Plans', description: 'What a change would do; made by reading alone, kept as it was made.' },
  { name: 'Jobs', description: 'Plans being carried out, one at a time for each cluster.' },
  { name: 'Webhooks', description: 'Being told of jobs by messages, as Standard Webhooks has them.' },
  { name: 'Transitions', description: 'Which outbound type can become which, as dated data.' },
  { name: 'Audit', description: 'Who did or tried what; cannot be altered.' },
  { name: 'Service', description: 'For those who run this service, and what its problems mean.' },
]

/** Collects the OpenAPI document from the routes that are added after it. `version` is that of the product. */
export async function addOpenapiDocument(
  app: FastifyInstance,
  operations: readonly OperationDocument[],
  version: string,
  signIn?: SignIn,
): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'AKS Egress Planner', version, description: DESCRIPTION },
      servers: SERVERS,
      tags: TAGS,
      components: { securitySchemes: securitySchemes(signIn) },
    },
    refResolver: {
      buildLocalReference: (json, _base, _fragment, index) => String(json.$id ?? `def-${index}`),
    },
    transform: ({ schema, url, route }) => {
      const grant = route.config?.operation?.grant
      const isDescribed = schema?.operationId !== undefined && grant !== undefined
      return { schema: isDescribed ? { ...schema, security: operationSecurity(grant, signIn) } : schema, url }
    },
    transformObject: (generated) => {
      const document = 'openapiObject' in generated ? generated.openapiObject : generated.swaggerObject
      const complete = completeDocument(document as unknown as GeneratedDocument, operations, version)
      return complete as unknown as typeof document
    },
  })
}
