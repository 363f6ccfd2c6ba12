import type { FastifyInstance } from 'fastify'

/** A request at its beginning, for observers. */
export interface StartedRequest {
  /** null for what is no operation: unknown paths, documents. */
  operation: string | null
  method: string
  /** The path with the names of its parameters; null for an unknown one. */
  route: string | null
  /** Asked so often by machines that one alone is no news. */
  isQuiet: boolean
  /** The caller's trace, as it came. */
  traceparent: string | undefined
}

export interface ObservedRequest {
  /** Runs a part of the request within its trace. */
  run<T>(part: () => T): T
  /** The request is over; `code` is the problem's, where one was answered. */
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

/** Reports the beginning and the end of every request, once each, and runs the handler in the request's trace. */
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
  // The body arrives in events of the socket, which know nothing of the trace.
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
