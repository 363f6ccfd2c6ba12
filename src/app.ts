import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import Fastify, { type FastifyHttpOptions, LogController, type RawServerDefault } from 'fastify'
import { auditRefusals } from './routes/audit-refusals.ts'
import { authorize } from './routes/auth/authorize.ts'
import { UNCHECKED_CALLER } from './routes/auth/caller.ts'
import { guardClusters } from './routes/auth/guard-clusters.ts'
import { addBodyParser } from './routes/body-parser.ts'
import { answerClientError, answerExpectation } from './routes/client-errors.ts'
import type { App, AppDeps } from './routes/deps.ts'
import { addDocs } from './routes/docs.ts'
import { answerError } from './routes/error-handler.ts'
import { closeIdleConnections } from './routes/idle-connections.ts'
import { addKnownPaths } from './routes/known-paths.ts'
import { addOpenWaits } from './routes/open-waits.ts'
import { addOpenapiDocument } from './routes/openapi-document.ts'
import { ALL_OPERATIONS } from './routes/operations/all-operations.ts'
import { addRequestLog, requestIdOf } from './routes/request-log.ts'
import { addRequestValidation } from './routes/request-validation.ts'
import { SHARED_SCHEMAS } from './routes/schemas/shared-schemas.ts'

export type { AppDeps } from './routes/deps.ts'

const BODY_LIMIT = 256 * 1024
/** The longest name in a path has 90 characters; what is longer than this is not a name at all. */
const LONGEST_PATH_PART = 1000
/** For the whole request to arrive, in milliseconds. */
const REQUEST_TIMEOUT_MS = 30_000
/** Without any traffic; longer than the slowest answer, since waiting for Azure is silent. */
const IDLE_SOCKET_TIMEOUT_MS = 180_000

/** The HTTP side of the service, complete but for listening. */
export async function buildApp(deps: AppDeps): Promise<App> {
  const app = Fastify(serverOptions(deps)).withTypeProvider<TypeBoxTypeProvider>() as App
  // The validator and the types keep answers whole; a serializer made from a schema would drop what it lacks.
  app.setSerializerCompiler(() => (answer) => JSON.stringify(answer))
  app.setErrorHandler(answerError)
  app.server.on('checkExpectation', answerExpectation)
  addBodyParser(app)
  addRequestLog(app)
  addKnownPaths(app)
  auditRefusals(app, deps)
  authorize(app, deps.authenticate ?? (async () => UNCHECKED_CALLER), deps.policy)
  addRequestValidation(app)
  guardClusters(app, deps)
  addOpenWaits(app)
  closeIdleConnections(app)
  for (const schema of SHARED_SCHEMAS) app.addSchema(schema)
  await addOpenapiDocument(app, deps.signIn)
  await addDocs(app, deps.signIn)
  for (const add of ALL_OPERATIONS) add(app, deps)
  await app.ready()
  return app
}

function serverOptions({ logger, bodyLimit }: AppDeps): FastifyHttpOptions<RawServerDefault> {
  const isInstance = typeof logger === 'object' && 'child' in logger
  return {
    ...(isInstance ? { loggerInstance: logger } : { logger }),
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: requestIdOf,
    bodyLimit: bodyLimit ?? BODY_LIMIT,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionTimeout: IDLE_SOCKET_TIMEOUT_MS,
    routerOptions: { maxParamLength: LONGEST_PATH_PART },
    // Requests that come in on open connections while the service stops are still answered.
    return503OnClosing: false,
    frameworkErrors: answerError,
    clientErrorHandler: answerClientError,
    // Checked by known-paths.ts, so that its absence is answered as a problem too.
    http: { requireHostHeader: false },
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, allErrors: true, verbose: true } },
  }
}
