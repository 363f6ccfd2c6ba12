import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { clusterId } from '../core/resource-id.ts'
import { subjectOf } from './auth/operation-subjects.ts'
import { pathOf } from './send-problem.ts'

const SOUND_ID = /^[A-Za-z0-9][A-Za-z0-9._~:-]{0,127}$/
const LONGEST_PATH = 300

/** The caller's own id where it is one, so that a portal finds its request in this log. */
export function requestIdOf(request: IncomingMessage): string {
  const given = request.headers['x-request-id']
  return typeof given === 'string' && SOUND_ID.test(given) ? given : randomUUID()
}

/** One line for each request, when it has been answered. Headers and queries are never logged. */
export function addRequestLog(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id)
    done()
  })
  app.addHook('onResponse', (request, reply, done) => {
    const { operation } = request.routeOptions.config
    const code = reply.getHeader('x-ms-error-code')
    const line = {
      operationId: operation,
      ...namedIn(request),
      ...madeBy(reply),
      method: request.method,
      path: pathOf(request.url).slice(0, LONGEST_PATH),
      status: reply.statusCode,
      ...(code === undefined ? {} : { code }),
      ms: Math.round(reply.elapsedTime * 10) / 10,
    }
    // Answers end outside of the trace that their request began.
    const log = () => request.log[levelOf(request, reply)](line, 'answered')
    if (request.observed === null) log()
    else request.observed.run(log)
    done()
  })
}

/** Probes and the files of Swagger UI are asked for all the time; only that they fail is news. */
function levelOf({ routeOptions }: FastifyRequest, { statusCode }: FastifyReply): 'debug' | 'info' {
  const isQuiet = routeOptions.config.quiet === true || routeOptions.url?.startsWith('/docs/') === true
  return isQuiet && statusCode < 400 ? 'debug' : 'info'
}

/** What the request is about, so that a plan, a job or a cluster is found in the log by it. */
function namedIn(request: FastifyRequest): Record<string, string> {
  const { cluster, planId, jobId } = subjectOf(request)
  const { webhookId } = (request.params ?? {}) as { webhookId?: string }
  return {
    ...(webhookId === undefined ? {} : { webhookId: webhookId.slice(0, LONGEST_PATH) }),
    ...(planId === null ? {} : { planId }),
    ...(jobId === null ? {} : { jobId }),
    ...(cluster === null ? {} : { cluster: clusterId(cluster) }),
  }
}

const MADE = /^\/v1\/(plans|jobs|webhooks)\/([\da-f-]{36})$/
const NAME_OF: Record<string, string> = { plans: 'planId', jobs: 'jobId', webhooks: 'webhookId' }

/** The plan, job or webhook that the answer leads to. */
function madeBy(reply: FastifyReply): Record<string, string> {
  const [, kind = '', id] = MADE.exec(String(reply.getHeader('location') ?? '')) ?? []
  const name = NAME_OF[kind]
  return name === undefined || id === undefined ? {} : { [name]: id }
}
