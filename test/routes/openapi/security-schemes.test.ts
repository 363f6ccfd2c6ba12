import t from 'tap'
import { GRANTS } from '../../../src/routes/operation.ts'
import { ALL_OPERATIONS } from '../../../src/routes/operations/all-operations.ts'
import { type Document, documentOf, operationsOf } from '../support/document.ts'
import { fakeApp } from '../support/fakes.ts'

interface Secured {
  components: {
    securitySchemes: {
      bearer: object
      entra: { flows: { authorizationCode: { authorizationUrl: string; tokenUrl: string; scopes: object } } }
    }
  }
}

t.test(
  'every operation documents its access requirement, and only public operations have none',
  async (t) => {
    const { app } = await fakeApp(t)
    const document = documentOf(app) as Document & Secured
    const { scopes } = document.components.securitySchemes.entra.flows.authorizationCode
    t.strictSame(
      Object.keys(scopes),
      GRANTS.map((grant) => `api://aks-egress-planner/${grant}`),
    )
    for (const { operation } of operationsOf(document)) {
      const { operationId = '', security, responses } = operation as typeof operation & { security: object[] }
      const grant = ALL_OPERATIONS.find((defined) => defined.operationId === operationId)?.grant
      const scopes = grant === 'signedIn' ? [] : [`api://aks-egress-planner/${grant}`]
      const wanted = [{ bearer: [] }, { entra: scopes }]
      t.strictSame(security, grant === 'public' ? [] : wanted, operationId)
      t.equal('401' in responses, grant !== 'public', operationId)
      t.equal('403' in responses, grant !== 'public' && grant !== 'signedIn', operationId)
    }
  },
)

t.test(
  'with a tenant the document leads to its sign-in, and Swagger UI may fetch tokens there',
  async (t) => {
    const tenantId = '22222222-2222-2222-2222-222222222222'
    const swaggerClientId = '88888888-8888-8888-8888-888888888888'
    const signIn = {
      swaggerClientId,
      tenantId,
      audience: 'api://planner',
      authority: 'https://login.microsoftonline.us/',
    }
    const { app } = await fakeApp(t, { signIn })
    const { components } = documentOf(app) as Document & Secured
    const { authorizationUrl, tokenUrl, scopes } = components.securitySchemes.entra.flows.authorizationCode
    t.equal(authorizationUrl, `https://login.microsoftonline.us/${tenantId}/oauth2/v2.0/authorize`)
    t.equal(tokenUrl, `https://login.microsoftonline.us/${tenantId}/oauth2/v2.0/token`)
    t.ok('api://planner/Egress.Read' in scopes)
    const page = await app.inject('/docs')
    t.match(
      page.headers['content-security-policy'],
      /connect-src 'self' https:\/\/login\.microsoftonline\.us;/,
    )
    const { payload } = await app.inject('/docs/static/swagger-initializer.js')
    t.match(payload, /usePkceWithAuthorizationCodeGrant/)
    t.match(payload, `"clientId":"${swaggerClientId}"`)
    t.match(payload, '"api://planner/Egress.Read","api://planner/Egress.Plan"')
    t.equal((await app.inject('/docs/static/oauth2-redirect.html')).statusCode, 200)
    const { app: plain } = await fakeApp(t)
    t.match((await plain.inject('/docs')).headers['content-security-policy'], /connect-src 'self';/)
  },
)
