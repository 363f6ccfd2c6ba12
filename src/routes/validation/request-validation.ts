import { isUtf8 } from 'node:buffer'
import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify'
import type { Fault } from '../../contract/problem.ts'
import { idempotencyKeyErrors } from '../idempotency/idempotent-handler.ts'
import type { RawRequest } from '../operation.ts'
import { Problem } from '../problems/problems.ts'
import { type SchemaError, textErrors, toErrorsProblem, toFieldErrors } from './schema-errors.ts'

const MAX_FACT_LENGTH = 100

/**
 * JSON in UTF-8 without an encoding is the only body. An empty body counts as missing, because many clients send the
 * content type with every POST. Keys that could change the prototype of an object are rejected.
 */
export function addBodyParser(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addHook('preParsing', (request, _reply, payload, done) => {
    const encoding = contentEncoding(request)
    if (encoding === null) return done(null, payload)
    const headers = { 'accept-encoding': 'identity' }
    done(new Problem('UNSUPPORTED_MEDIA_TYPE', { facts: { contentEncoding: encoding }, headers }))
  })
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const text = decodeUtf8(body as Buffer)
    if (text === null)
      return done(new Problem('MALFORMED_JSON', { facts: { reason: 'it is not valid UTF-8' } }))
    if (text === '') return done(null, undefined)
    return parse(request, text, (error, value) => {
      done(error === null ? null : malformedJson(text, error), value)
    })
  })
}

/** The content encoding of a body; null without an encoding. */
function contentEncoding({ method, headers }: FastifyRequest): string | null {
  const encoding = headers['content-encoding']?.trim() ?? ''
  if (method === 'GET' || method === 'HEAD' || /^(identity)?$/i.test(encoding)) return null
  return encoding.slice(0, MAX_FACT_LENGTH)
}

/** Null for bytes that are not valid UTF-8, because replacing them would silently change the request. */
function decodeUtf8(bytes: Buffer): string | null {
  return isUtf8(bytes) ? bytes.toString('utf8') : null
}

function malformedJson(body: string, cause: Error): Problem {
  return new Problem('MALFORMED_JSON', { facts: { reason: describeParseError(body) }, cause })
}

/** The parser's error message with its position, which the safe parser does not report. */
function describeParseError(body: string): string {
  try {
    JSON.parse(body)
    return 'the keys __proto__ and constructor are not allowed'
  } catch (error) {
    // The message quotes the text around the position, which may be a secret.
    const quote = /, (\.\.\.)?".*"(\.\.\.)? is not valid JSON$/s
    return error instanceof Error ? error.message.replace(quote, '') : 'syntax error'
  }
}

/** For actions without a body: an empty object counts as no body; any other body would be ignored silently. */
export function unexpectedBodyErrors({ body }: RawRequest): Fault[] {
  if (body === undefined || body === null) return []
  if (typeof body === 'object' && !Array.isArray(body) && Object.keys(body).length === 0) return []
  return [
    { in: 'body', pointer: '', code: 'BODY_NOT_EXPECTED', message: 'This operation does not accept a body.' },
  ]
}

const WHOLE_NUMBER = /^-?\d{1,15}$/

/**
 * Validates requests by the schema of the route, then by `errorsOf` of its operation. Only whole numbers in a query are
 * converted from text.
 */
export function addRequestValidation(app: FastifyInstance): void {
  app.addHook('onRoute', convertQueryIntegers)
  app.addHook('preValidation', (request, _reply, done) => {
    if (request.routeOptions.config.operation?.bodyOptional === true) request.body ??= {}
    done()
  })
  app.addHook('preHandler', (request, _reply, done) => {
    const errors = routeErrors(request)
    done(errors.length > 0 ? toErrorsProblem(errors) : undefined)
  })
}

/** Fastify stops at the first invalid part of a request; the problem reports all parts. */
export function toValidationProblem(request: FastifyRequest): Problem {
  return toErrorsProblem([
    ...schemaErrors(request, 'path', 'params', request.params),
    ...schemaErrors(request, 'query', 'querystring', request.query),
    ...schemaErrors(request, 'body', 'body', request.body ?? null),
    ...routeErrors(request),
  ])
}

function routeErrors(request: FastifyRequest): Fault[] {
  const { query, body, headers, routeOptions } = request
  const { operation } = routeOptions.config
  const keyErrors = operation?.idempotent === true ? idempotencyKeyErrors(request.raw) : []
  return [...keyErrors, ...textErrors(body), ...(operation?.errorsOf?.({ query, body, headers }) ?? [])]
}

function schemaErrors(
  request: FastifyRequest,
  part: Fault['in'],
  httpPart: 'params' | 'querystring' | 'body',
  value: unknown,
): Fault[] {
  const validate = request.getValidationFunction(httpPart)
  if (validate === undefined || validate(value) === true) return []
  return toFieldErrors(part, (validate.errors ?? []) as SchemaError[])
}

function convertQueryIntegers(route: RouteOptions): void {
  const schema = route.schema?.querystring as { properties?: Record<string, { type?: string }> } | undefined
  const names = Object.entries(schema?.properties ?? {})
    .filter(([, property]) => property.type === 'integer')
    .map(([name]) => name)
  if (names.length === 0) return
  const read = async (request: FastifyRequest): Promise<void> => {
    const query = request.query as Record<string, unknown>
    for (const name of names) {
      const value = query[name]
      if (typeof value === 'string' && WHOLE_NUMBER.test(value)) query[name] = Number(value)
    }
  }
  route.preValidation = [read, ...[route.preValidation ?? []].flat()]
}
