import type { FastifyReply, FastifyRequest } from 'fastify'
import { htmlProblem } from '../../reports/overview/problem-page.ts'
import { sendHtml } from '../conditional/content-negotiation.ts'
import { PROBLEMS, type Problem, pathWithoutQuery, problemBody } from '../problems/problems.ts'

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
