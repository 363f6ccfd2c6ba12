import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'

/**
 * Everything from this service, nothing from the network. Swagger UI styles its elements in place and draws
 * its icons from data URLs. `upgrade-insecure-requests`, the plugin's own choice, would break "Try it out" over http.
 */
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

/** Swagger UI at /docs, the document at /openapi.json, and the way there from the root. */
export async function addDocs(app: FastifyInstance): Promise<void> {
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: CONTENT_SECURITY_POLICY,
    theme: { title: 'AKS Egress Planner' },
    uiConfig: {
      docExpansion: 'list',
      tryItOutEnabled: true,
      displayRequestDuration: true,
      deepLinking: true,
    },
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
