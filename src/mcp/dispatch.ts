import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Operation } from '../routes/operations/define-operation.ts'
import { PROBLEMS, problemBody } from '../routes/problems/problems.ts'

/** A request of an operation, before it is HTTP. */
export interface OperationRequest {
  operation: Operation
  params?: Record<string, string>
  query?: Record<string, unknown>
  body?: unknown
  headers?: Record<string, string>
}

export interface Answer {
  status: number
  headers: Record<string, unknown>
  text: string
}

/** Calls an operation for the caller of the MCP request. */
export type Send = (request: OperationRequest) => Promise<Answer>

/** Headers that determine the caller, its address, and the host. */
const PASSED_HEADERS = [
  'authorization',
  'host',
  'traceparent',
  'user-agent',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
]

/**
 * Sends requests through the same application, in the process. Each passes the same hooks as a request from outside:
 * authentication, roles, access policy, validation, rate limits, audit, and log, under the same request ID.
 */
export function dispatcher(
  app: FastifyInstance,
  outer: FastifyRequest,
  agent: string,
  signal: AbortSignal,
): Send {
  const headers: Record<string, string> = { 'x-request-id': outer.id, 'x-agent': agent }
  for (const name of PASSED_HEADERS) {
    const value = outer.headers[name]
    if (typeof value === 'string') headers[name] = value
  }
  const { remoteAddress } = outer.raw.socket
  return async ({ operation, params = {}, query = {}, body, headers: own = {} }) => {
    try {
      const answer = await app.inject({
        method: operation.method,
        url: urlOf(operation.path, params, query),
        headers: { ...headers, ...own },
        signal,
        ...(remoteAddress === undefined ? {} : { remoteAddress }),
        ...(body === undefined ? {} : { payload: body as object }),
      })
      return { status: answer.statusCode, headers: answer.headers, text: answer.payload }
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'FST_ERR_REOPENED_CLOSE_SERVER') throw error
      return stopping(outer.id)
    }
  }
}

/** A service that stops begins no further operation. Another replica answers the next call. */
function stopping(requestId: string): Answer {
  const { retryAfterSeconds, status } = PROBLEMS.NOT_READY
  const facts = { checks: [{ name: 'the service is about to stop', ok: false }] }
  const problem = problemBody({ code: 'NOT_READY', facts, errors: [], instance: undefined, requestId })
  return { status, headers: { 'retry-after': retryAfterSeconds }, text: JSON.stringify(problem) }
}

function urlOf(path: string, params: Record<string, string>, query: Record<string, unknown>): string {
  const filled = path.replace(/:(\w+)/g, (_match, name: string) => encodeURIComponent(params[name] ?? ''))
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) search.append(name, String(value))
  return search.size === 0 ? filled : `${filled}?${search}`
}
