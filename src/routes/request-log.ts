import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { clusterId } from '../core/resource-id.ts'
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
    const { operation, quiet } = request.routeOptions.config
    const level = quiet === true && reply.statusCode < 400 ? 'debug' : 'info'
    const line = {
      operationId: operation,
      ...namedIn(request.params),
      method: request.method,
      path: pathOf(request.url).slice(0, LONGEST_PATH),
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime * 10) / 10,
    }
    // Answers end outside of the trace that their request began.
    const log = () => request.log[level](line, 'answered')
    if (request.observed === null) log()
    else request.observed.run(log)
    done()
  })
}

/** What the path names, so that a plan, a job or a cluster is found in the log by it. */
function namedIn(params: unknown): Record<string, string> {
  const { planId, jobId, subscriptionId, resourceGroup, clusterName } = (params ?? {}) as Record<
    string,
    string | undefined
  >
  return {
    ...(planId === undefined ? {} : { planId }),
    ...(jobId === undefined ? {} : { jobId }),
    ...(subscriptionId === undefined || resourceGroup === undefined || clusterName === undefined
      ? {}
      : { cluster: clusterId({ subscriptionId, resourceGroup, name: clusterName }) }),
  }
}
