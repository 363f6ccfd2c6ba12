import { getHeapStatistics } from 'node:v8'
import rateLimit from '@fastify/rate-limit'
import underPressure from '@fastify/under-pressure'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { callerKey } from '../auth/caller.ts'
import { isDeclaredPublic } from '../operation.ts'
import { Problem } from '../problems/problems.ts'

/** The limits above which the process counts as exhausted; 0 disables a limit. */
export interface PressureLimits {
  /** Mean delay of the event loop over one sample, in milliseconds. */
  eventLoopDelayMs: number
  heapBytes: number
  /** The memory limit of the whole process; 0 if the machine sets no limit. */
  residentBytes: number
  /** The interval between two samples, in milliseconds. */
  sampleMs: number
  /** Milliseconds on a monotonic clock. Default: that of this process. */
  uptime?: () => number
}

/** Above this share of the memory limit, the process is at risk of being killed. */
const FULL = 0.95

/**
 * A mean delay of one second over five seconds means that the process is always blocked. A single long turn of the
 * loop, such as a large query of the embedded database, is far below this limit. A turn of three seconds causes a mean
 * of about 25 ms.
 */
export function defaultPressureLimits(): PressureLimits {
  // 0 or a value above the possible memory means no limit.
  const allowed = process.constrainedMemory()
  return {
    eventLoopDelayMs: 1_000,
    heapBytes: FULL * getHeapStatistics().heap_size_limit,
    residentBytes: allowed > 0 && allowed < Number.MAX_SAFE_INTEGER ? FULL * allowed : 0,
    sampleMs: 5_000,
  }
}

/**
 * Rejects requests with a 503 while the process is exhausted; `GET /healthz` still responds. The delay of the event
 * loop counts from the second sample after the process listens. The first sample includes the start, during which
 * modules load and block the loop.
 */
export async function addOverloadProtection(app: FastifyInstance, limits: PressureLimits): Promise<void> {
  const { uptime = () => performance.now() } = limits
  let startedUntilMs = 0
  app.addHook('onListen', async () => {
    startedUntilMs = uptime() + 2 * limits.sampleMs
  })
  await app.register(underPressure, {
    sampleInterval: limits.sampleMs,
    maxEventLoopDelay: limits.eventLoopDelayMs,
    maxHeapUsedBytes: limits.heapBytes,
    maxRssBytes: limits.residentBytes,
    pressureHandler: async ({ routeOptions }, _reply, type) => {
      if (routeOptions.config.operation?.evenUnderPressure === true) return
      if (type === underPressure.TYPE_EVENT_LOOP_DELAY && uptime() < startedUntilMs) return
      throw new Problem('OVERLOADED', { facts: { exhausted: type } })
    },
  })
}

/** The number of requests per caller and minute; 0 disables the limit. */
export interface RateLimits {
  /** Operations that only read the database. */
  reads: number
  /** Operations that change something or call Azure, which has separate limits. */
  writes: number
}

type Policy = keyof RateLimits
type ErrorAnswer = (error: unknown, request: FastifyRequest, reply: FastifyReply) => FastifyReply
type Count = (request: FastifyRequest, reply: FastifyReply) => Promise<void>

export interface RateLimiting {
  /** Counts a request of a dispatching route that called no operation. */
  countRead: Count
  /** For `onRequest`, after authorization, because the caller is unknown before that. */
  count: Count
  /** Wraps the error handler, so that unauthenticated callers are limited as well. */
  answering(
    answer: ErrorAnswer,
  ): ErrorAnswer | ((...parameters: Parameters<ErrorAnswer>) => Promise<FastifyReply>)
}

const WINDOW_SECONDS = 60
const UNLIMITED: RateLimiting = {
  countRead: async () => {},
  count: async () => {},
  answering: (answer) => answer,
}

/**
 * Counts the requests of each caller per minute, in this process alone. A caller is the identity of the token, or the
 * address where callers are not authenticated. Responses carry `RateLimit-Policy` and `RateLimit`
 * (draft-ietf-httpapi-ratelimit-headers-10); a request over the limit gets a 429 with `Retry-After`.
 */
export async function addRateLimits(
  app: FastifyInstance,
  limits: RateLimits | undefined,
): Promise<RateLimiting> {
  if (limits === undefined) return UNLIMITED
  await app.register(rateLimit, { global: false, store: RateLimitStore, timeWindow: WINDOW_SECONDS * 1_000 })
  const counters: Record<Policy, Count> = {
    reads: counter(app, 'reads', limits.reads),
    writes: counter(app, 'writes', limits.writes),
  }
  return {
    countRead: counters.reads,
    async count(request, reply) {
      const { operation } = request.routeOptions.config
      if (operation?.quiet === true || operation?.dispatches === true) return
      await counters[policyOf(request)](request, reply)
    },
    answering: (answer) => async (error, request, reply) => {
      if (isAlreadyCounted(request)) return answer(error, request, reply)
      try {
        await counters.writes(request, reply)
      } catch (tooMany) {
        return answer(tooMany, request, reply)
      }
      return answer(error, request, reply)
    },
  }
}

function counter(app: FastifyInstance, policy: Policy, max: number): Count {
  if (max === 0) return async () => {}
  const count = app.createRateLimit({ max, timeWindow: WINDOW_SECONDS * 1_000, keyGenerator: callerKey })
  return async (request, reply) => {
    const now = await count(request)
    if (now.isAllowed) return
    reply.headers({
      'ratelimit-policy': `"${policy}";q=${max};w=${WINDOW_SECONDS}`,
      ratelimit: `"${policy}";r=${now.remaining};t=${now.ttlInSeconds}`,
    })
    if (!now.isExceeded) return
    const facts = { policy, limit: max, windowSeconds: WINDOW_SECONDS, retryAfterSeconds: now.ttlInSeconds }
    throw new Problem('TOO_MANY_REQUESTS', { facts })
  }
}

function policyOf({ method, routeOptions }: FastifyRequest): Policy {
  const isRead = method === 'GET' || method === 'HEAD' || method === 'OPTIONS'
  return isRead && routeOptions.config.operation?.asksAzure !== true ? 'reads' : 'writes'
}

/** Requests that `count` has already counted, and requests for public resources. */
function isAlreadyCounted({ caller, routeOptions }: FastifyRequest): boolean {
  return caller !== undefined || isDeclaredPublic(routeOptions.config)
}

interface Window {
  current: number
  beganAt: number
}

type Answer = (error: Error | null, result?: { current: number; ttl: number }) => void

/** The maximum number of counted callers. The caller with the oldest last request is dropped first. */
const MAX_CALLERS = 10_000

/**
 * Counts the requests of callers in windows on a monotonic clock. The store of the plugin uses the wall clock: if it is
 * set back by an hour, callers at the limit are rejected for an hour.
 */
export class RateLimitStore {
  readonly #windows = new Map<string, Window>()
  readonly #uptime: () => number

  constructor(_options?: object, uptime: () => number = () => performance.now()) {
    this.#uptime = uptime
  }

  incr(key: string, answer: Answer, timeWindow: number): void {
    const now = this.#uptime()
    const open = this.#openWindow(key, timeWindow)
    const window = { current: (open?.current ?? 0) + 1, beganAt: open?.beganAt ?? now }
    this.#windows.delete(key)
    this.#windows.set(key, window)
    const oldest = this.#windows.keys().next().value
    if (this.#windows.size > MAX_CALLERS && oldest !== undefined) this.#windows.delete(oldest)
    answer(null, { current: window.current, ttl: window.beganAt + timeWindow - now })
  }

  read(key: string, answer: Answer, timeWindow: number): void {
    const open = this.#openWindow(key, timeWindow)
    const ttl = open === undefined ? 0 : open.beganAt + timeWindow - this.#uptime()
    answer(null, { current: open?.current ?? 0, ttl })
  }

  child(): RateLimitStore {
    return new RateLimitStore({}, this.#uptime)
  }

  #openWindow(key: string, timeWindow: number): Window | undefined {
    const window = this.#windows.get(key)
    return window !== undefined && window.beganAt + timeWindow > this.#uptime() ? window : undefined
  }
}
