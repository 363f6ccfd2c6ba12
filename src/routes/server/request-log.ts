import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { clusterId } from '../../core/arm/resource-id.ts'
import { resolveSubject } from '../auth/operation-access.ts'
import { pathWithoutQuery } from '../problems/problems.ts'

const VALID_ID = /^[A-Za-z0-9][A-Za-z0-9._~:-]{0,127}$/
const MAX_PATH_LENGTH = 300

/** Uses the request ID of the caller if it is valid, so that callers can find their requests in this log. */
export function resolveRequestId(request: IncomingMessage): string {
  const id = request.headers['x-request-id']
  return typeof id === 'string' && VALID_ID.test(id) ? id : randomUUID()
}

/**
 * Writes one line for each request after its response. Headers and queries are never logged. The rejection of a request
 * by an overloaded process is logged by the error handler alone.
 */
export function addRequestLog(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id)
    done()
  })
  app.addHook('onResponse', (request, reply, done) => {
    const { operation } = request.routeOptions.config
    const code = reply.getHeader('x-ms-error-code')
    if (code === 'OVERLOADED') return done()
    const line = {
      operationId: operation?.operationId,
      ...toSubjectFields(request),
      ...toCreatedFields(reply),
      method: request.method,
      path: pathWithoutQuery(request.url).slice(0, MAX_PATH_LENGTH),
      status: reply.statusCode,
      ...(code === undefined ? {} : { code }),
      ms: Math.round(reply.elapsedTime * 10) / 10,
    }
    // Responses end outside of the trace that started with their request.
    const log = () => request.log[resolveLevel(request, reply)](line, 'answered')
    if (request.observed === null) log()
    else request.observed.run(log)
    done()
  })
}

/** Probes and the files of Swagger UI are requested continuously, so only failures are logged. */
function resolveLevel({ routeOptions }: FastifyRequest, { statusCode }: FastifyReply): 'debug' | 'info' {
  const isQuiet =
    routeOptions.config.operation?.quiet === true || routeOptions.url?.startsWith('/docs/') === true
  return isQuiet && statusCode < 400 ? 'debug' : 'info'
}

/** The subject of the request, so that the log can be searched by plan, job or cluster. */
function toSubjectFields(request: FastifyRequest): Record<string, string> {
  const { cluster, planId, jobId, probeId } = resolveSubject(request)
  const { webhookId } = (request.params ?? {}) as { webhookId?: string }
  return {
    ...(webhookId === undefined ? {} : { webhookId: webhookId.slice(0, MAX_PATH_LENGTH) }),
    ...(planId === null ? {} : { planId }),
    ...(jobId === null ? {} : { jobId }),
    ...(probeId === null ? {} : { probeId }),
    ...(cluster === null ? {} : { cluster: clusterId(cluster) }),
  }
}

const CREATED_PATH = /^\/v1\/(plans|jobs|probes|webhooks)\/([\da-f-]{36})$/
const ID_FIELDS: Record<string, string> = {
  plans: 'planId',
  jobs: 'jobId',
  probes: 'probeId',
  webhooks: 'webhookId',
}

/** The plan, job or webhook of the response. */
function toCreatedFields(reply: FastifyReply): Record<string, string> {
  const [, kind = '', id] = CREATED_PATH.exec(String(reply.getHeader('location') ?? '')) ?? []
  const name = ID_FIELDS[kind]
  return name === undefined || id === undefined ? {} : { [name]: id }
}
