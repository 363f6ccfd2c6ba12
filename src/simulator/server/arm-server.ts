import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { ArmError, gatewayError } from '../arm/arm-error.ts'
import { type ArmPath, parseArmPath } from '../arm/arm-path.ts'
import { type ArmResponse, assertApiVersion } from '../arm/arm-request.ts'
import { applyWriterFaults } from '../cluster/concurrent-writer.ts'
import type { Fault } from '../faults/faults.ts'
import type { Json } from '../lib/json.ts'
import { answerLogin } from '../subscription/login.ts'
import { type LoggedRequest, survivesRestart } from '../world/request-log.ts'
import { resolveHandler } from './arm-routes.ts'
import type { Simulator } from './simulator.ts'

const JSON_TYPE = 'application/json; charset=utf-8'

/** Handles every request except the requests to control endpoints: log, faults, handler, journal, response, in this order. */
export async function handleArmRequest(
  simulator: Simulator,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const { log, faults } = simulator
  const parsed = parseBody(request.body)
  const logged = log.open({
    at: new Date().toISOString(),
    method: request.method,
    path: request.url,
    apiVersion: new URLSearchParams(request.url.split('?')[1] ?? '').get('api-version'),
    ifMatch: header(request, 'if-match') ?? null,
    requestBody: parsed.body,
  })
  const strikes = faults.strike(request.method, request.url, parsed.body)
  for (const fault of strikes) {
    if (fault.kind === 'delay' || fault.kind === 'timeout') await sleep(fault.ms, undefined, { ref: false })
    if (fault.kind === 'hold') await faults.takenBack()
    if (fault.kind === 'reset' || fault.kind === 'timeout') return cutConnection(request, reply)
  }
  const answer =
    statusFaultResponse(strikes) ??
    simulator.limits?.reject(request.method, request.url) ??
    handleOrReport(simulator, request, parsed, strikes)
  const { seq, method, path } = logged
  simulator.watcher.afterRequest({ seq, method, path, userAgent: header(request, 'user-agent') ?? null })
  const text = answer.text ?? (answer.body === undefined ? '' : JSON.stringify(answer.body))
  if (strikes.some((fault) => fault.kind === 'resetAfter')) {
    simulator.flush(journalNoteOf(logged))
    return cutConnection(request, reply)
  }
  log.answer(logged, answer.status, text)
  simulator.flush(journalNoteOf(logged))
  if (strikes.some((fault) => fault.kind === 'holdAfter')) await faults.takenBack()
  reply
    .code(answer.status)
    .header('x-ms-request-id', simulator.requestId())
    .header('cache-control', 'no-cache')
  if (text !== '') reply.header('content-type', JSON_TYPE)
  // Sent as bytes, because for a string Fastify would add a charset that AKS does not send.
  return reply.headers(answer.headers ?? {}).send(text === '' ? undefined : Buffer.from(text))
}

function journalNoteOf(logged: LoggedRequest): Json | undefined {
  return survivesRestart(logged) ? ({ ...logged } as unknown as Json) : undefined
}

interface ParsedBody {
  body: Json
  isBroken: boolean
}

function parseBody(raw: unknown): ParsedBody {
  if (typeof raw !== 'string' || raw === '') return { body: null, isBroken: false }
  try {
    return { body: JSON.parse(raw) as Json, isBroken: false }
  } catch {
    return { body: null, isBroken: true }
  }
}

function handleOrReport(
  simulator: Simulator,
  request: FastifyRequest,
  parsed: ParsedBody,
  strikes: Fault[],
): ArmResponse {
  try {
    return handle(simulator, request, parsed, strikes)
  } catch (error) {
    if (!(error instanceof ArmError)) throw error
    const { status, headers, body } = error
    return request.method === 'HEAD' ? { status, headers } : { status, headers, body }
  }
}

function handle(
  simulator: Simulator,
  request: FastifyRequest,
  parsed: ParsedBody,
  strikes: Fault[],
): ArmResponse {
  const { world } = simulator
  simulator.finishDueOperations()
  if (request.method !== 'GET' || strikes.length > 0) simulator.watcher.prepare()
  const question = request.url.indexOf('?')
  const pathname = question < 0 ? request.url : request.url.slice(0, question)
  const query = new URLSearchParams(question < 0 ? '' : request.url.slice(question + 1))
  const origin = `${request.protocol}://${request.host}`
  const text = typeof request.body === 'string' ? request.body : ''
  const login = answerLogin({ method: request.method, path: pathname, query, origin, text })
  if (login !== undefined) return login
  const path: ArmPath = parseArmPath(pathname)
  const isHead = request.method === 'HEAD'
  const handler = resolveHandler(isHead ? 'GET' : request.method, path)
  const apiVersion = query.get('api-version') ?? ''
  assertApiVersion(path, apiVersion)
  if (parsed.isBroken)
    throw gatewayError(
      400,
      'InvalidRequestContent',
      'The request content was invalid and could not be deserialized.',
    )
  applyWriterFaults(world, path, strikes)
  const answer = handler(world, {
    method: request.method,
    path,
    query,
    apiVersion,
    ifMatch: header(request, 'if-match'),
    ifNoneMatch: header(request, 'if-none-match'),
    body: parsed.body,
    origin,
    faults: strikes,
  })
  // For HEAD, Resource Manager only shows whether the resource exists, without a body.
  return isHead ? { status: 204 } : answer
}

/** The response of a `status` fault, which replaces the response of the handler. */
function statusFaultResponse(strikes: Fault[]): ArmResponse | undefined {
  const fault = strikes.find((strike) => strike.kind === 'status')
  if (fault === undefined) return undefined
  const headers: Record<string, string> = { ...fault.headers }
  if (fault.retryAfterSeconds !== undefined) headers['retry-after'] = String(fault.retryAfterSeconds)
  return { status: fault.status, headers, body: { error: { code: fault.code, message: fault.message } } }
}

/** Ends the connection without a response, like a network failure. */
function cutConnection(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  reply.hijack()
  request.raw.socket.destroy()
  return reply
}

function header(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name]
  return Array.isArray(value) ? value[0] : value
}
