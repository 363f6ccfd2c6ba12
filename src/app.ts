import buildAjvCompilers from '@fastify/ajv-compiler'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import Fastify, {
  type FastifyHttpOptions,
  type FastifySchemaCompiler,
  LogController,
  type RawServerDefault,
} from 'fastify'
import { COMPONENT_SCHEMAS } from './contract/components.ts'
import { addMcp } from './mcp/mcp.ts'
import { authorize, enforceAccessPolicy } from './routes/auth/authorize.ts'
import { UNCHECKED_CALLER } from './routes/auth/caller.ts'
import { addOpenapiDocument, addSwaggerUi } from './routes/openapi/openapi-document.ts'
import { ALL_OPERATIONS } from './routes/operations/all-operations.ts'
import type { App, AppDeps, Timeouts } from './routes/server/app-deps.ts'
import { auditRejections } from './routes/server/audit-rejections.ts'
import { addCors, addSecurityHeaders, forbidStoringSharedReports } from './routes/server/browser-headers.ts'
import {
  addUnknownRouteHandler,
  handleClientError,
  handleError,
  rejectExpectation,
} from './routes/server/error-handler.ts'
import { addExpectContinue } from './routes/server/expect-continue.ts'
import { addHeldResponses, closeIdleConnections } from './routes/server/held-responses.ts'
import { addOverloadProtection, addRateLimits } from './routes/server/load-limits.ts'
import { observeRequests } from './routes/server/observe-requests.ts'
import { addRequestLog, resolveRequestId } from './routes/server/request-log.ts'
import { addSharedPages } from './routes/server/shared-page.ts'
import { rejectOtherSites, rejectUnknownHosts } from './routes/server/site-checks.ts'
import { addBodyParser, addRequestValidation } from './routes/validation/request-validation.ts'

export type { AppDeps } from './routes/server/app-deps.ts'

const MAX_BODY_BYTES = 256 * 1024
/** The longest name in a path has 90 characters; what is longer than this is not a name at all. */
const MAX_PATH_PART_CHARS = 1000
/** Request line and headers together: room for the token of a user in many groups. */
const MAX_HEADER_BYTES = 16 * 1024
/** Idle is longer than the slowest answer, since waiting for Azure is silent. */
const TIMEOUTS: Timeouts = { headersMs: 15_000, requestMs: 30_000, idleMs: 180_000, checkMs: 5_000 }

/** The HTTP API of the service. It does not listen yet. */
export async function buildApp(deps: AppDeps): Promise<App> {
  const app = Fastify(serverOptions(deps)).withTypeProvider<TypeBoxTypeProvider>() as App
  // A serializer compiled from a schema would drop the members that the schema lacks; types and tests check responses.
  app.setSerializerCompiler(() => (answer) => JSON.stringify(answer))
  const rates = await addRateLimits(app, deps.rateLimits)
  app.setErrorHandler(rates.answering(handleError))
  app.server.on('checkExpectation', rejectExpectation)
  addBodyParser(app)
  addExpectContinue(app)
  observeRequests(app, deps.observer)
  addRequestLog(app)
  addSecurityHeaders(app)
  rejectUnknownHosts(app, deps.knownHosts ?? [])
  addCors(app, deps.corsOrigins ?? [])
  rejectOtherSites(app, deps.corsOrigins ?? [])
  if (deps.pressure !== undefined) await addOverloadProtection(app, deps.pressure)
  addUnknownRouteHandler(app)
  auditRejections(app, deps)
  authorize(app, deps.authenticate ?? (async () => UNCHECKED_CALLER), deps.policy, deps.links)
  forbidStoringSharedReports(app)
  app.addHook('onRequest', rates.count)
  addRequestValidation(app)
  enforceAccessPolicy(app, deps)
  addHeldResponses(app)
  closeIdleConnections(app)
  for (const schema of COMPONENT_SCHEMAS) app.addSchema(schema)
  app.setValidatorCompiler(lazyValidators())
  await addOpenapiDocument(app, ALL_OPERATIONS, deps.version, deps.signIn)
  await addSwaggerUi(app, ALL_OPERATIONS, deps.signIn)
  addSharedPages(app)
  for (const operation of ALL_OPERATIONS) operation.register(app, deps)
  addMcp(app, deps, rates.countRead)
  await app.ready()
  return app
}

function serverOptions(deps: AppDeps): FastifyHttpOptions<RawServerDefault> {
  const { logger, bodyLimit, trustedProxies } = deps
  const timeouts = { ...TIMEOUTS, ...deps.timeouts }
  const isInstance = typeof logger === 'object' && 'child' in logger
  return {
    ...(isInstance ? { loggerInstance: logger } : { logger }),
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: resolveRequestId,
    bodyLimit: bodyLimit ?? MAX_BODY_BYTES,
    requestTimeout: timeouts.requestMs,
    connectionTimeout: timeouts.idleMs,
    trustProxy: trustedProxies === undefined || trustedProxies.length === 0 ? false : [...trustedProxies],
    routerOptions: { maxParamLength: MAX_PATH_PART_CHARS },
    // Requests that come in on open connections while the service stops are still answered.
    return503OnClosing: false,
    frameworkErrors: handleError,
    clientErrorHandler: handleClientError,
    http: {
      // Checked by error-handler.ts, so that a request without it gets a problem too.
      requireHostHeader: false,
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: timeouts.headersMs,
      connectionsCheckingInterval: timeouts.checkMs,
    },
  }
}

const AJV_OPTIONS = { coerceTypes: false, removeAdditional: false, allErrors: true, verbose: true }

type Validator = ReturnType<FastifySchemaCompiler<object>>

/** Validators that are compiled at their first request: compiling them all would take a sixth of the start. */
function lazyValidators(): FastifySchemaCompiler<object> {
  const build = buildAjvCompilers()
  const schemas = Object.fromEntries(Object.entries(COMPONENT_SCHEMAS))
  let compile: ReturnType<typeof build> | null = null
  return (route) => {
    let compiled: Validator | null = null
    const validate: Validator = (data) => {
      compile ??= build(schemas, { customOptions: AJV_OPTIONS })
      compiled ??= compile(route)
      const result = compiled(data)
      validate.errors = compiled.errors
      return result
    }
    return validate
  }
}
