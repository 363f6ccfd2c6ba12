import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import Fastify, { type FastifyHttpOptions, LogController, type RawServerDefault } from 'fastify'
import { auditRefusals } from './routes/audit-refusals.ts'
import { authorize } from './routes/auth/authorize.ts'
import { UNCHECKED_CALLER } from './routes/auth/caller.ts'
import { guardClusters } from './routes/auth/guard-clusters.ts'
import { addBodyParser } from './routes/body-parser.ts'
import { answerClientError, answerExpectation } from './routes/client-errors.ts'
import { allowOrigins } from './routes/cors.ts'
import type { App, AppDeps, Timeouts } from './routes/deps.ts'
import { addDocs } from './routes/docs.ts'
import { answerError } from './routes/error-handler.ts'
import { closeIdleConnections } from './routes/idle-connections.ts'
import { addKnownPaths } from './routes/known-paths.ts'
import { observeRequests } from './routes/observe-requests.ts'
import { addOpenWaits } from './routes/open-waits.ts'
import { addOpenapiDocument } from './routes/openapi-document.ts'
import { ALL_OPERATIONS } from './routes/operations/all-operations.ts'
import { getMetrics } from './routes/operations/get-metrics.ts'
import { refuseUnderPressure } from './routes/pressure.ts'
import { addRateLimits } from './routes/rate-limit.ts'
import { addRequestLog, requestIdOf } from './routes/request-log.ts'
import { addRequestValidation } from './routes/request-validation.ts'
import { SHARED_SCHEMAS } from './routes/schemas/shared-schemas.ts'
import { addSecurityHeaders } from './routes/security-headers.ts'

export type { AppDeps } from './routes/deps.ts'

const BODY_LIMIT = 256 * 1024
/** The longest name in a path has 90 characters; what is longer than this is not a name at all. */
const LONGEST_PATH_PART = 1000
/** Request line and headers together: room for the token of a user in many groups. */
const HEADERS_LIMIT = 16 * 1024
/** Idle is longer than the slowest answer, since waiting for Azure is silent. */
const TIMEOUTS: Timeouts = { headersMs: 15_000, requestMs: 30_000, idleMs: 180_000, checkMs: 5_000 }

/** The HTTP side of the service, complete but for listening. */
export async function buildApp(deps: AppDeps): Promise<App> {
  const app = Fastify(serverOptions(deps)).withTypeProvider<TypeBoxTypeProvider>() as App
  // The validator and the types keep answers whole; a serializer made from a schema would drop what it lacks.
  app.setSerializerCompiler(() => (answer) => JSON.stringify(answer))
  const rates = await addRateLimits(app, deps.rateLimits)
  app.setErrorHandler(rates.answering(answerError))
  app.server.on('checkExpectation', answerExpectation)
  addBodyParser(app)
  observeRequests(app, deps.observer)
  addRequestLog(app)
  addSecurityHeaders(app)
  allowOrigins(app, deps.corsOrigins ?? [])
  if (deps.pressure !== undefined) await refuseUnderPressure(app, deps.pressure)
  addKnownPaths(app)
  auditRefusals(app, deps)
  authorize(app, deps.authenticate ?? (async () => UNCHECKED_CALLER), deps.policy)
  app.addHook('onRequest', rates.count)
  addRequestValidation(app)
  guardClusters(app, deps)
  addOpenWaits(app)
  closeIdleConnections(app)
  for (const schema of SHARED_SCHEMAS) app.addSchema(schema)
  await addOpenapiDocument(app, deps.version, deps.signIn)
  await addDocs(app, deps.signIn)
  for (const add of ALL_OPERATIONS) add(app, deps)
  getMetrics(app, deps)
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
    genReqId: requestIdOf,
    bodyLimit: bodyLimit ?? BODY_LIMIT,
    requestTimeout: timeouts.requestMs,
    connectionTimeout: timeouts.idleMs,
    trustProxy: trustedProxies === undefined || trustedProxies.length === 0 ? false : [...trustedProxies],
    routerOptions: { maxParamLength: LONGEST_PATH_PART },
    // Requests that come in on open connections while the service stops are still answered.
    return503OnClosing: false,
    frameworkErrors: answerError,
    clientErrorHandler: answerClientError,
    http: {
      // Checked by known-paths.ts, so that its absence is answered as a problem too.
      requireHostHeader: false,
      maxHeaderSize: HEADERS_LIMIT,
      headersTimeout: timeouts.headersMs,
      connectionsCheckingInterval: timeouts.checkMs,
    },
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, allErrors: true, verbose: true } },
  }
}
