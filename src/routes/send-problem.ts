import type { FastifyReply, FastifyRequest } from 'fastify'
import { PROBLEMS, type Problem, problemBody } from './problems.ts'

const LONGEST_INSTANCE = 500

/** Answers with a problem; the one way in which this service says no. */
export function sendProblem(request: FastifyRequest, reply: FastifyReply, problem: Problem): FastifyReply {
  const { status, retryAfterSeconds, headers } = PROBLEMS[problem.code]
  const path = pathOf(request.url)
  const instance = path.length > LONGEST_INSTANCE ? undefined : path
  const body = problemBody({
    code: problem.code,
    facts: problem.facts,
    faults: problem.faults,
    instance,
    requestId: request.id,
  })
  const asked = problem.facts.retryAfterSeconds
  const wait = typeof asked === 'number' && asked > 0 ? Math.ceil(asked) : retryAfterSeconds
  if (wait !== undefined) reply.header('retry-after', String(wait))
  return reply
    .code(status)
    .headers({ ...headers, ...problem.headers, 'x-request-id': request.id, 'x-ms-error-code': problem.code })
    .type('application/problem+json; charset=utf-8')
    .send(JSON.stringify(body))
}

/** The path without the query, which may hold what a log or an answer should not repeat. */
export function pathOf(url: string): string {
  const end = url.indexOf('?')
  return end === -1 ? url : url.slice(0, end)
}
