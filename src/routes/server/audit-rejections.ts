import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { toOrigin } from '../auth/caller.ts'
import { resolveClusterKey, resolveSubject } from '../auth/operation-access.ts'
import type { AppDeps } from './app-deps.ts'

const WRITES = ['POST', 'PUT', 'PATCH', 'DELETE']
/** The limit in the schema of a reason, which a rejected body may exceed. */
const REASON = /^[^\p{Cc}\p{Cs}]{1,500}$/u
/**
 * How many unauthenticated calls one process audits per minute. Anyone can send them, so they must not fill the audit
 * log or displace other rows. Further calls are in the log only.
 */
const MAX_UNAUTHENTICATED_PER_MINUTE = 30

/**
 * Audits every rejected call that would change something: the caller, the operation, and the code of the response.
 * The module that performs an allowed call audits it in the same transaction.
 */
export function auditRejections(
  app: FastifyInstance,
  deps: Pick<AppDeps, 'audit' | 'planning' | 'jobs' | 'probes'>,
): void {
  const unproven = new PerMinuteLimit(MAX_UNAUTHENTICATED_PER_MINUTE)
  app.addHook('onSend', async (request: FastifyRequest, reply: FastifyReply) => {
    if (reply.statusCode < 400 || !WRITES.includes(request.method)) return
    const { operation } = request.routeOptions.config
    if (operation === undefined) return
    // The operations that it calls are audited. Its own rejections of a known caller only concern the form of a message.
    if (operation.dispatches === true && request.caller) return
    // Missing if no token identified a caller.
    if (!request.caller && !unproven.take()) return
    try {
      await writeRejection(request, reply, deps)
    } catch (error) {
      request.log.error({ err: error }, 'rejected call not written to the audit log')
    }
  })
}

async function writeRejection(
  request: FastifyRequest,
  reply: FastifyReply,
  { audit, planning, jobs, probes }: Pick<AppDeps, 'audit' | 'planning' | 'jobs' | 'probes'>,
): Promise<void> {
  const subject = resolveSubject(request)
  const { reason } = (request.body ?? {}) as { reason?: unknown }
  await audit.append({
    ...toOrigin(request),
    outcome: reply.statusCode < 500 ? 'refused' : 'failed',
    code: String(reply.getHeader('x-ms-error-code') ?? reply.statusCode),
    clusterId: await resolveClusterKey(subject, { planning, jobs, probes }),
    planId: subject.planId,
    jobId: subject.jobId,
    webhookId: subject.webhookId,
    reason: typeof reason === 'string' && REASON.test(reason) ? reason : null,
  })
}

/** Counts events in the current minute. */
class PerMinuteLimit {
  readonly #limit: number
  #minute = -1
  #count = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Whether another event is within the limit. */
  take(): boolean {
    const minute = Math.floor(performance.now() / 60_000)
    if (minute !== this.#minute) this.#count = 0
    this.#minute = minute
    return ++this.#count <= this.#limit
  }
}
