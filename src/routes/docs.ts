import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import { authorityOf, type SignIn } from './security-schemes.ts'

/**
 * Everything from this service; from the network only tokens, where people sign in. Swagger UI styles its elements in place and draws
 * its icons from data URLs. `upgrade-insecure-requests`, the plugin's own choice, would break "Try it out" over http.
 */
const contentSecurityPolicy = (tokensFrom: string) =>
  `default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'${tokensFrom}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`

/** Swagger UI at /docs, the document at /openapi.json, and the way there from the root. */
export async function addDocs(app: FastifyInstance, signIn?: SignIn): Promise<void> {
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: contentSecurityPolicy(signIn === undefined ? '' : ` ${authorityOf(signIn)}`),
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
