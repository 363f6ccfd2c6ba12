import { randomUUID } from 'node:crypto'
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import type { Fault } from '../../contract/problem.ts'
import { DomainError } from '../../core/lib/errors.ts'
import { equalsIgnoringCase } from '../../core/lib/fold-case.ts'
import { DatabaseUnavailableError } from '../../database/engine/server-connections.ts'
import { isStorageFull } from '../../database/engine/storage-full.ts'
import { htmlProblem } from '../../reports/overview/problem-page.ts'
import { sendHtml } from '../conditional/content-negotiation.ts'
import {
  PROBLEMS,
  Problem,
  type ProblemCode,
  pathWithoutQuery,
  problemBody,
  problemDetail,
} from '../problems/problems.ts'
import { toValidationProblem } from '../validation/request-validation.ts'

/** Input that Node's HTTP parser rejects never becomes a request, so the problem is written directly to the socket. */
export function handleClientError(error: Error & { code?: string }, socket: Socket): void {
  // After a reset, or during a response, no problem can be sent.
  if (error.code === 'ECONNRESET' || !socket.writable || hasAnswered(socket)) {
    socket.destroy(error)
    return
  }
  const { status, headers, body } = rawProblem(toProblemCode(error.code))
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`)
}

/** Without a listener, Node itself responds to an unknown Expect header. */
export function rejectExpectation(_request: IncomingMessage, response: ServerResponse): void {
  const { status, headers, body } = rawProblem('EXPECTATION_FAILED')
  response.writeHead(status, headers).end(body)
}

function rawProblem(code: ProblemCode) {
  const requestId = randomUUID()
  const body = JSON.stringify(problemBody({ code, facts: {}, errors: [], instance: undefined, requestId }))
  const headers = {
    'content-type': 'application/problem+json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    'x-request-id': requestId,
    'x-ms-error-code': code,
    connection: 'close',
  }
  return { status: PROBLEMS[code].status, headers, body }
}

function toProblemCode(code: string | undefined): ProblemCode {
  if (code === 'HPE_HEADER_OVERFLOW') return 'HEADERS_TOO_LARGE'
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 'REQUEST_TIMEOUT'
  return 'MALFORMED_HTTP'
}

/** Node stores the response in progress on the socket. A second status line would become part of its content. */
function hasAnswered(socket: Socket & { _httpMessage?: { headersSent: boolean } | null }): boolean {
  return socket._httpMessage?.headersSent === true
}

/** Fastify's own errors that a caller can cause. */
const FASTIFY_ERROR_CODES: Record<string, ProblemCode | undefined> = {
  FST_ERR_BAD_URL: 'MALFORMED_URL',
  FST_ERR_INVALID_URL: 'MALFORMED_URL',
  FST_ERR_MAX_PARAM_LENGTH: 'URI_TOO_LONG',
  FST_ERR_CTP_BODY_TOO_LARGE: 'BODY_TOO_LARGE',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'UNSUPPORTED_MEDIA_TYPE',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'BODY_INCOMPLETE',
  FST_ERR_CTP_INVALID_JSON_BODY: 'MALFORMED_JSON',
  ECONNRESET: 'BODY_INCOMPLETE',
}

/** Turns any thrown value into a problem, logs what an operator needs, and responds. */
export function handleError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = toProblem(error, request)
  const { status } = PROBLEMS[problem.code]
  const { operation } = request.routeOptions.config
  if (status >= 500) {
    const line = {
      operationId: operation?.operationId,
      code: problem.code,
      facts: problem.facts,
      // An overload is no error of the code, and logging must not increase it.
      ...(problem.code === 'OVERLOADED' ? {} : { err: problem.cause ?? error }),
    }
    if (problem.code === 'INTERNAL') request.log.error(line, 'unexpected error')
    else request.log.warn(line, 'request failed')
  }
  return sendProblem(request, reply, problem)
}

function toProblem(error: unknown, request: FastifyRequest): Problem {
  if (error instanceof Problem) return error
  if (error instanceof DomainError) return fromDomainError(error, request)
  if (error instanceof DatabaseUnavailableError) return new Problem('DATABASE_UNAVAILABLE', { cause: error })
  if (isStorageFull(error)) return new Problem('STORAGE_FULL', { cause: error })
  if (isValidation(error)) return toValidationProblem(request)
  return fromFastify(error, request)
}

function fromDomainError(error: DomainError, request: FastifyRequest): Problem {
  const message = problemDetail(error.code, error.facts)
  const errors = error.pointers.map(
    (pointer): Fault => ({ ...locate(pointer, request), code: error.code, message }),
  )
  return new Problem(error.code, { facts: error.facts, errors, cause: error.cause ?? error })
}

/** Modules return pointers into their arguments. Without a body, the arguments came from the path or the query. */
function locate(pointer: string, request: FastifyRequest): Omit<Fault, 'code' | 'message'> {
  // Methods that only read ignore a body.
  if (!['GET', 'HEAD'].includes(request.method) && request.body !== undefined) return { in: 'body', pointer }
  const parameter = pointer.split('/').at(-1) ?? ''
  const isInPath = Object.hasOwn(request.params as object, parameter)
  return { in: isInPath ? 'path' : 'query', parameter }
}

function isValidation(error: unknown): boolean {
  return error instanceof Error && 'validation' in error && Array.isArray(error.validation)
}

function fromFastify(error: unknown, request: FastifyRequest): Problem {
  if (!(error instanceof Error)) return new Problem('INTERNAL', { cause: error })
  const { code, statusCode } = error as Partial<FastifyError>
  const known = FASTIFY_ERROR_CODES[code ?? '']
  if (known !== undefined) return new Problem(known, { facts: toFacts(known, request), cause: error })
  const isCallers = statusCode !== undefined && statusCode >= 400 && statusCode < 500
  return new Problem(isCallers ? 'INVALID_REQUEST' : 'INTERNAL', { cause: error })
}

function toFacts(code: ProblemCode, request: FastifyRequest): Problem['facts'] {
  if (code === 'BODY_TOO_LARGE') return { limitInBytes: request.routeOptions.bodyLimit ?? null }
  if (code === 'UNSUPPORTED_MEDIA_TYPE')
    return { contentType: request.headers['content-type']?.slice(0, 100) ?? null }
  return {}
}

/**
 * Node uses the first of several headers, but a proxy may have checked the last: the two would see different callers or
 * hosts.
 */
const SINGLE_HEADERS = ['Authorization', 'Host']

/** The number of times that a header was sent, which `headers` does not show. */
function countHeader({ rawHeaders }: IncomingMessage, name: string): number {
  return rawHeaders.filter((text, index) => index % 2 === 0 && equalsIgnoringCase(text, name)).length
}

/**
 * Distinguishes an unknown path from a path with other methods, before the body is read. A caller with a wrong path
 * should not get an error about the content type first.
 */
export function addUnknownRouteHandler(app: FastifyInstance): void {
  const methodsOfPath = new Map<string, Set<string>>()
  app.addHook('onRoute', (route: RouteOptions) => {
    const methods = methodsOfPath.get(route.url) ?? new Set()
    for (const method of [route.method].flat()) methods.add(method)
    methodsOfPath.set(route.url, methods)
  })
  const refuse = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const path = pathWithoutQuery(request.url)
    const allowed = [...methodsOfPath]
      .filter(([pattern]) => matches(pattern, path))
      .flatMap(([, methods]) => [...methods])
    const allow = [...new Set([...allowed, 'OPTIONS'])].toSorted().join(', ')
    // A route for many paths, such as the files of Swagger UI, can have the method but not this path.
    if (allowed.length === 0 || allowed.includes(request.method))
      throw new Problem('ROUTE_NOT_FOUND', { facts: { path: path.slice(0, 200) } })
    if (request.method === 'OPTIONS') return reply.code(204).header('allow', allow).send()
    const facts = { method: request.method, allowed: allow.split(', ') }
    throw new Problem('METHOD_NOT_ALLOWED', { facts, headers: { allow } })
  }
  app.addHook('onRequest', (request, reply, done) => {
    // HTTP/1.1 requires it (RFC 9112 section 3.2).
    if (request.headers.host === undefined && request.raw.httpVersion === '1.1')
      return done(new Problem('MALFORMED_HTTP'))
    const repeated = SINGLE_HEADERS.find((name) => countHeader(request.raw, name) > 1)
    if (repeated !== undefined)
      return done(new Problem('MALFORMED_HTTP', { facts: { repeatedHeader: repeated } }))
    if (!request.is404) return done()
    refuse(request, reply)
  })
  app.setNotFoundHandler(refuse)
}

function matches(pattern: string, path: string): boolean {
  const expected = pattern.split('/')
  const segments = path.split('/')
  if (expected.at(-1) === '*')
    return expected.slice(0, -1).every((segment, index) => segment === segments[index])
  return (
    expected.length === segments.length &&
    expected.every((segment, index) =>
      segment.startsWith(':') ? segments[index] !== '' : segment === segments[index],
    )
  )
}

const MAX_INSTANCE_LENGTH = 500

/** Sends a problem; every error response is sent here. */
export function sendProblem(request: FastifyRequest, reply: FastifyReply, problem: Problem): FastifyReply {
  const { status, retryAfterSeconds, headers } = PROBLEMS[problem.code]
  const path = pathWithoutQuery(request.url)
  const instance = path.length > MAX_INSTANCE_LENGTH ? undefined : path
  const body = problemBody({
    code: problem.code,
    facts: problem.facts,
    errors: problem.errors,
    instance,
    requestId: request.id,
  })
  const asked = problem.facts.retryAfterSeconds
  const wait = typeof asked === 'number' && asked > 0 ? Math.ceil(asked) : retryAfterSeconds
  if (wait !== undefined) reply.header('retry-after', String(wait))
  // Of the JSON problems, only this one depends on Accept. If operations set the header `Vary` before the access check,
  // the header would reveal that a plan exists.
  if (problem.code !== 'NOT_ACCEPTABLE') reply.removeHeader('vary')
  reply
    .code(status)
    .headers({ ...headers, ...problem.headers, 'x-request-id': request.id, 'x-ms-error-code': problem.code })
  // Not stored, because a program could get it from a cache.
  if (opensPage(request))
    return sendHtml(reply.header('cache-control', 'no-store'), htmlProblem(body, wait ?? null))
  return reply.type('application/problem+json; charset=utf-8').send(JSON.stringify(body))
}

/**
 * Whether a browser opens a page of this service, or an unknown path. Programs that request HTML still get JSON. A browser
 * without `Sec-Fetch-Mode`, as over plain HTTP, is recognized by its header Accept.
 */
function opensPage({ method, headers, is404, routeOptions }: FastifyRequest): boolean {
  const hasPage = is404 || routeOptions?.config.operation?.hasPage === true
  if (!hasPage || (method !== 'GET' && method !== 'HEAD')) return false
  const { accept = '', 'sec-fetch-mode': mode } = headers
  if (mode !== undefined) return mode === 'navigate'
  return accept.includes('text/html') && accept.includes('application/xhtml+xml')
}
