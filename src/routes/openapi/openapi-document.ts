import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import { GRANTS } from '../operation.ts'
import { compressDocuments } from './compress-documents.ts'
import { completeDocument, type GeneratedDocument } from './document-transforms.ts'
import type { OperationDocument } from './operation-schema.ts'
import {
  operationSecurity,
  resolveAuthority,
  type SignIn,
  securitySchemes,
  toScope,
} from './security-schemes.ts'
import { toSwaggerUiDocument } from './swagger-ui-document.ts'

/**
 * Allows resources from this service only, and token requests to Microsoft Entra ID if sign-in is configured. Swagger UI
 * uses inline styles and icons from data URLs. `upgrade-insecure-requests`, the default of the plugin, would break
 * "Try it out" over http.
 */
const contentSecurityPolicy = (tokensFrom: string) =>
  `default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'${tokensFrom}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`

/** The sign-in form with its values filled in. A single-page application has no secret, so PKCE replaces it. */
function initialSignIn(signIn: SignIn) {
  const { swaggerClientId: clientId } = signIn
  const form = { usePkceWithAuthorizationCodeGrant: true }
  if (clientId == null) return form
  return { ...form, clientId, scopes: GRANTS.map((grant) => toScope(grant, signIn)) }
}

/** Adds Swagger UI at /docs, and the document at /openapi.json. */
export async function addSwaggerUi(
  app: FastifyInstance,
  operations: readonly OperationDocument[],
  signIn?: SignIn,
): Promise<void> {
  let shown: Record<string, unknown> | undefined
  compressDocuments(app)
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    transformSpecification: (document) => {
      shown ??= { ...toSwaggerUiDocument(document, operations, signIn !== undefined) }
      return shown
    },
    transformSpecificationClone: false,
    staticCSP: contentSecurityPolicy(signIn === undefined ? '' : ` ${resolveAuthority(signIn)}`),
    theme: { title: 'AKS Egress Planner' },
    uiConfig: {
      // Hides the top bar, which offers to explore other services.
      layout: 'BaseLayout',
      docExpansion: 'list',
      tryItOutEnabled: true,
      displayRequestDuration: true,
      // Each operation shows its schemas; a list of all of them is slow and long.
      defaultModelsExpandDepth: -1,
      deepLinking: true,
      filter: true,
      // Coloring takes longer than everything else on a page with a plan of a thousand lines.
      syntaxHighlight: false,
    },
    ...(signIn === undefined ? {} : { initOAuth: initialSignIn(signIn) }),
  })
  const hidden = { schema: { hide: true }, config: { public: true } }
  // The page loads this part of Swagger UI, which only other layouts use.
  app.get('/docs/static/swagger-ui-standalone-preset.js', hidden, async (_request, reply) =>
    reply.type('application/javascript; charset=utf-8').send('var SwaggerUIStandalonePreset = []'),
  )
  let document: string | undefined
  app.get('/openapi.json', hidden, async (_request, reply) => {
    // All routes exist before the first request, so the text is built only once.
    document ??= JSON.stringify(app.swagger())
    return reply.type('application/json; charset=utf-8').send(document)
  })
}

const DESCRIPTION = `Plans a change of an AKS cluster's outbound type, reports everything that the change affects or breaks, and executes
the plan as an asynchronous job.

1. \`GET /v1/clusters/…/egress\` returns the current egress and a verdict for every possible target.
2. \`POST /v1/plans\` returns the full impact of a change. It only reads Azure.
3. \`POST /v1/jobs\` executes the plan.
4. \`GET /v1/jobs/{jobId}\` returns the job. Poll until its status is \`Succeeded\`, \`Failed\` or \`Canceled\`. With
   \`If-None-Match\` and \`Prefer: wait=30\`, the service responds as soon as the job changes. Alternatives to polling are
   \`GET /v1/jobs/{jobId}/events\` as \`text/event-stream\`, and webhooks (\`POST /v1/webhooks\`).

In Swagger UI, each operation is prefilled with a request for the simulated demo fleet. For a complete run, execute
\`POST /v1/plans\`. Copy the \`id\` of the response into \`planId\` of \`POST /v1/jobs\`. Then copy the \`id\` of the job into
\`jobId\` of \`GET /v1/jobs/{jobId}\`. If the service requires authentication, select \`Authorize\` first.

A POST repeated with the same \`Idempotency-Key\` returns the first response and has no further effect.

Azure terms are spelled as in Azure. Unknown fields and parameters in a request are rejected. New fields may appear in
responses at any time. Every error is returned as \`application/problem+json\` (RFC 9457), with a stable \`code\`, a \`remedy\`
and all errors of the request in \`errors\`. Only a browser that opens a page receives its error as a page. A cluster that
the caller has no permission to see is reported as not found, and so are its plans and jobs. Each caller has a limit of requests per
minute, reported in \`RateLimit-Policy\` and \`RateLimit\`. A request above the limit receives 429 with \`Retry-After\`.`

const SERVERS = [
  // ARM and OpenAPI have no standard member for this; linters and API catalogs read `x-internal`.
  { url: '/', description: 'This service, local or in production.', 'x-internal': true },
  {
    url: 'https://{host}:{port}',
    description: 'A production service, at the host name and port of its operator.',
    'x-internal': true,
    variables: {
      host: { default: 'localhost', description: 'The host name of the service.' },
      port: { default: '443', description: 'The port of the service.' },
    },
  },
]

const TAGS = [
  { name: 'Clusters', description: 'The current egress of a cluster.' },
  {
    name: 'Plans',
    description:
      'The full impact of a change. Creating a plan only reads Azure. A plan is immutable except for its status and its approval.',
  },
  { name: 'Jobs', description: 'Executions of plans, one at a time per cluster.' },
  { name: 'Campaigns', description: 'Changes of many clusters, in waves.' },
  {
    name: 'Probes',
    description: 'Measurements from nodes: which endpoints they reach, and from which source address.',
  },
  {
    name: 'Webhooks',
    description: 'Notifications about jobs and approvals, according to Standard Webhooks.',
  },
  {
    name: 'Transitions',
    description:
      'The published support matrix of AKS for changes of the outbound type. An edition is the matrix as published on a date.',
  },
  {
    name: 'Audit',
    description:
      'The log of all calls that changed something, were rejected or failed. Records cannot be altered.',
  },
  { name: 'Service', description: 'Health checks, and the problem types of this service.' },
]

/** Builds the OpenAPI document from the routes that are added after it. `version` is the product version. */
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
