import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { Refusal } from '../core/refusal.ts'
import { DatabaseAway } from '../database/database-away.ts'
import { detailOf, PROBLEMS, Problem, type ProblemCode } from './problems.ts'
import { validationProblem } from './request-validation.ts'
import type { Fault } from './schemas/problem.ts'
import { sendProblem } from './send-problem.ts'

/** Fastify's own errors that a caller can cause. */
const CODES_OF_FASTIFY: Record<string, ProblemCode | undefined> = {
  FST_ERR_BAD_URL: 'MALFORMED_URL',
  FST_ERR_INVALID_URL: 'MALFORMED_URL',
  FST_ERR_MAX_PARAM_LENGTH: 'URI_TOO_LONG',
  FST_ERR_CTP_BODY_TOO_LARGE: 'BODY_TOO_LARGE',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'UNSUPPORTED_MEDIA_TYPE',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'BODY_INCOMPLETE',
  FST_ERR_CTP_INVALID_JSON_BODY: 'MALFORMED_JSON',
  ECONNRESET: 'BODY_INCOMPLETE',
}

/** Turns whatever was thrown into a problem, logs what an operator should know, and answers. */
export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = toProblem(error, request)
  const { status } = PROBLEMS[problem.code]
  const { operation } = request.routeOptions.config
  if (status >= 500) {
    const line = {
      operationId: operation,
      code: problem.code,
      facts: problem.facts,
      err: problem.cause ?? error,
    }
    if (problem.code === 'INTERNAL') request.log.error(line, 'unexpected error')
    else request.log.warn(line, 'could not serve the request')
  }
  return sendProblem(request, reply, problem)
}

function toProblem(error: unknown, request: FastifyRequest): Problem {
  if (error instanceof Problem) return error
  if (error instanceof Refusal) return fromRefusal(error, request)
  if (error instanceof DatabaseAway) return new Problem('DATABASE_UNAVAILABLE', { cause: error })
  if (isValidation(error)) return validationProblem(request)
  return fromFastify(error, request)
}

function fromRefusal(refusal: Refusal, request: FastifyRequest): Problem {
  const message = detailOf(refusal.code, refusal.facts)
  const faults = refusal.pointers.map(
    (pointer): Fault => ({ ...placeOf(pointer, request), code: refusal.code, message }),
  )
  return new Problem(refusal.code, { facts: refusal.facts, faults, cause: refusal.cause ?? refusal })
}

/** The rooms point into what they were given; where there is no body that came from the path or the query. */
function placeOf(pointer: string, request: FastifyRequest): Omit<Fault, 'code' | 'message'> {
  if (request.method === 'POST' && request.body !== undefined) return { in: 'body', pointer }
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
  const known = CODES_OF_FASTIFY[code ?? '']
  if (known !== undefined) return new Problem(known, { facts: factsOf(known, request), cause: error })
  const isCallers = statusCode !== undefined && statusCode >= 400 && statusCode < 500
  return new Problem(isCallers ? 'INVALID_REQUEST' : 'INTERNAL', { cause: error })
}

function factsOf(code: ProblemCode, request: FastifyRequest): Problem['facts'] {
  if (code === 'BODY_TOO_LARGE') return { limitInBytes: request.routeOptions.bodyLimit ?? null }
  if (code === 'UNSUPPORTED_MEDIA_TYPE')
    return { contentType: request.headers['content-type']?.slice(0, 100) ?? null }
  return {}
}
