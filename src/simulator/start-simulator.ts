import fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify'
import { controlRoutes } from './control/control-routes.ts'
import { handleArmRequest } from './server/arm-server.ts'
import { Simulator, type SimulatorSettings } from './server/simulator.ts'

/** The options for building a simulator. */
export interface SimulatorOptions extends SimulatorSettings {
  /** PEM texts. With them, the simulator uses https instead of http. */
  tls?: { key: string; cert: string } | undefined
  /** A logger like pino, true for the logger of Fastify, or false (the default) for no logger. */
  logger?: boolean | FastifyBaseLogger | undefined
}

/** ARM rejects bodies over 4 MB. */
const MAX_BODY_BYTES = 4 * 1024 * 1024

/**
 * Builds the simulator's server without listening: every ARM path plus the control endpoints under `/simulator`.
 * The state file, if any, is opened here and closed with the instance.
 */
export function buildSimulator(options: SimulatorOptions = {}): FastifyInstance {
  const simulator = new Simulator(options)
  const server = createServer(options)
  // Handlers parse bodies themselves, because an invalid body requires ARM's error response.
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body))
  server.register(controlRoutes, { prefix: '/simulator', simulator })
  server.all('/*', (request, reply) => handleArmRequest(simulator, request, reply))
  server.setErrorHandler(handleUnexpectedError)
  server.addHook('onClose', () => simulator.close())
  return server
}

function createServer(options: SimulatorOptions): FastifyInstance {
  const { logger, tls } = options
  const common = {
    bodyLimit: MAX_BODY_BYTES,
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: true,
    frameworkErrors: handleUnexpectedError,
    routerOptions: { maxParamLength: 10_000 },
    ...(typeof logger === 'object' ? { loggerInstance: logger } : { logger: logger ?? false }),
  }
  return (tls === undefined ? fastify(common) : fastify({ ...common, https: tls })) as FastifyInstance
}

/** Unexpected errors (a body over the limit, an internal error) also use ARM's error format. */
function handleUnexpectedError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  const status = error.statusCode ?? 500
  if (status >= 500) request.log.error(error)
  const code =
    status === 413 ? 'RequestContentTooLarge' : status >= 500 ? 'InternalServerError' : 'BadRequest'
  reply.code(status).send({ error: { code, message: error.message } })
}

/** The options for starting a simulator: the options for building it, and the address to listen on. */
export interface StartOptions extends SimulatorOptions {
  /** 127.0.0.1 by default, because the control endpoints have no authentication. */
  host?: string | undefined
  /** 0, the default, for any free port. */
  port?: number | undefined
}

/** A simulator that listens. */
export interface RunningSimulator {
  /** For the `endpoint` of the SDK, without a slash at the end. */
  url: string
  port: number
  /** Stops listening, closes open connections and writes the state file. */
  close(): Promise<void>
}

/**
 * Starts a simulated Azure Resource Manager.
 * @throws when the port is in use or the state file is invalid
 */
export async function startSimulator(options: StartOptions = {}): Promise<RunningSimulator> {
  const server = buildSimulator(options)
  const host = options.host ?? '127.0.0.1'
  await server.listen({ host, port: options.port ?? 0 })
  const address = server.server.address()
  const port = address !== null && typeof address === 'object' ? address.port : 0
  const scheme = options.tls === undefined ? 'http' : 'https'
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  return {
    url: `${scheme}://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`,
    port,
    close: async () => {
      await server.close()
    },
  }
}
