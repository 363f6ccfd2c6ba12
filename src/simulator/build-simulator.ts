import fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify'
import { controlRoutes } from './control/control-routes.ts'
import { answerArm } from './http/arm-server.ts'
import { Simulator, type SimulatorSettings } from './simulator.ts'

/** How to build a simulator. */
export interface SimulatorOptions extends SimulatorSettings {
  /** PEM texts; https instead of http when given. */
  tls?: { key: string; cert: string } | undefined
  /** A logger like pino's, true for Fastify's own, or false (the default) for none. */
  logger?: boolean | FastifyBaseLogger | undefined
}

/** ARM refuses bodies over 4 MB. */
const BODY_LIMIT = 4 * 1024 * 1024

/**
 * Builds the simulator's server without listening: every ARM path plus the control endpoints under `/simulator`.
 * The state file, if any, is opened here and closed with the instance.
 */
export function buildSimulator(options: SimulatorOptions = {}): FastifyInstance {
  const simulator = new Simulator(options)
  const server = createServer(options)
  // Bodies are parsed by whoever needs them: a broken one must be answered in ARM's own way.
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body))
  server.register(controlRoutes, { prefix: '/simulator', simulator })
  server.all('/*', (request, reply) => answerArm(simulator, request, reply))
  server.setErrorHandler(answerUnexpected)
  server.addHook('onClose', () => simulator.close())
  return server
}

function createServer(options: SimulatorOptions): FastifyInstance {
  const { logger, tls } = options
  const common = {
    bodyLimit: BODY_LIMIT,
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: true,
    frameworkErrors: answerUnexpected,
    routerOptions: { maxParamLength: 10_000 },
    ...(typeof logger === 'object' ? { loggerInstance: logger } : { logger: logger ?? false }),
  }
  return (tls === undefined ? fastify(common) : fastify({ ...common, https: tls })) as FastifyInstance
}

/** What no handler foresaw (a body over the limit, a fault of ours) still comes in ARM's error shape. */
function answerUnexpected(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  const status = error.statusCode ?? 500
  if (status >= 500) request.log.error(error)
  const code =
    status === 413 ? 'RequestContentTooLarge' : status >= 500 ? 'InternalServerError' : 'BadRequest'
  reply.code(status).send({ error: { code, message: error.message } })
}
