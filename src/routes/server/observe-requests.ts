import type { FastifyInstance } from 'fastify'

/** The start of a request, for observers. */
export interface StartedRequest {
  /** Null for requests without an operation: unknown paths, documents. */
  operation: string | null
  method: string
  /** The path with the names of its parameters; null for an unknown one. */
  route: string | null
  /** Requested so often by machines that a single request is not logged. */
  isQuiet: boolean
  /** The unchanged trace header of the caller. */
  traceparent: string | undefined
}

export interface ObservedRequest {
  /** Runs a part of the request within its trace. */
  run<T>(part: () => T): T
  /** The request has ended. `code` is the code of the problem, if the response was a problem. */
  end(answer: { status: number; code: string | null; seconds: number }): void
}

export type HttpObserver = (request: StartedRequest) => ObservedRequest

declare module 'fastify' {
  interface FastifyRequest {
    observed: ObservedRequest | null
  }
}

/** The status that proxies log for a caller who closed the connection early. */
const CLIENT_CLOSED = 499

/** Reports the start and the end of every request once, and runs the handler in the trace of the request. */
export function observeRequests(app: FastifyInstance, observe: HttpObserver | undefined): void {
  app.decorateRequest('observed', null)
  if (observe === undefined) return
  app.addHook('onRequest', (request, _reply, done) => {
    const { config, url } = request.routeOptions
    request.observed = observe({
      operation: config.operation?.operationId ?? null,
      method: request.method,
      route: url ?? null,
      isQuiet: config.operation?.quiet === true,
      traceparent: request.headers.traceparent as string | undefined,
    })
    request.observed.run(done)
  })
  // The body arrives in events of the socket, which are outside of the trace.
  app.addHook('preValidation', (request, _reply, done) => {
    request.observed?.run(done)
  })
  app.addHook('onResponse', (request, reply, done) => {
    const code = reply.getHeader('x-ms-error-code')
    const seconds = reply.elapsedTime / 1_000
    request.observed?.end({
      status: reply.statusCode,
      code: typeof code === 'string' ? code : null,
      seconds,
    })
    done()
  })
  app.addHook('onRequestAbort', (request, done) => {
    request.observed?.end({ status: CLIENT_CLOSED, code: null, seconds: 0 })
    done()
  })
}
