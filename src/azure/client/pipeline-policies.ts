import { addAbortSignal, type Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import type { ContainerServiceContext } from '@azure/arm-containerservice/api'
import { isObject, type Json, type JsonObject } from '../../contract/json.ts'
import { ANSWER_TOO_LARGE, ArmFault, parseRetryAfter, requestIdOf } from '../errors/arm-fault.ts'
import {
  faultOfAbort,
  faultOfBody,
  faultOfConnection,
  faultOfCredential,
  faultOfLateSend,
  faultOfResponse,
  faultOfSize,
  faultOfTimeout,
} from '../errors/fault-mapping.ts'
import { currentCall, type RetryLimits } from './arm-call.ts'
import { type ArmObserver, toArmOutcome, toArmRequest } from './arm-observer.ts'
import { type Budget, budgetFault, type CallPurpose, PURPOSES, type ThrottledLimit } from './call-budget.ts'

export type Pipeline = ContainerServiceContext['pipeline']
type Policy = Parameters<Pipeline['addPolicy']>[0]
type Send = Parameters<Policy['sendRequest']>[1]
type Request = Parameters<Send>[0]
type Response = Awaited<ReturnType<Send>>

/**
 * The outermost policy, around authentication and retries. It rejects requests to other hosts, turns every response
 * outside 2xx into an `ArmFault`, and records other responses unchanged.
 */
export function armCallPolicy(origin: string): Policy {
  return {
    name: 'armCallPolicy',
    async sendRequest(request, next) {
      const call = currentCall()
      assertSameOrigin(request, origin)
      request.abortSignal = call.signal
      const response = await sendOrFault(request, next)
      const answer = toArmResponse(request, response)
      call.answers.push(answer)
      return { ...response, bodyAsText: toSdkBody(answer.body) }
    },
  }
}

/**
 * A policy inside authentication: each attempt has a time limit, and reads are retried a few times. Returns a response
 * of any status, or throws an `ArmFault`.
 */
export function attemptPolicy(budget: Budget | null, observe: ArmObserver): Policy {
  return {
    name: 'attemptPolicy',
    async sendRequest(request, next) {
      const { retries, timeoutMs, signal, isQuery = false, maySend, purpose = 'jobs' } = currentCall()
      const isRead = request.method === 'GET' || isQuery
      for (let attempt = 0; ; attempt++) {
        const wait = { purpose, isRead, maxWaitMs: retries.maxWaitMs, signal }
        if (budget !== null) await waitForBudget(request, budget, wait)
        // From here on, nothing delays the request before it reaches the socket.
        if (maySend?.() === false) throw faultOfLateSend()
        const ended = observe(toArmRequest(request))
        const outcome = await attemptOnce(request, next, { timeoutMs, signal, isRead })
        ended(toArmOutcome(request.url, outcome))
        if (budget !== null) tellThrottled(request, budget, outcome)
        const waitMs = isRead ? quickRetryWait(outcome, attempt, retries) : null
        if (waitMs === null) {
          if (outcome instanceof ArmFault) throw outcome
          return outcome
        }
        await delay(waitMs, undefined, { signal }).catch(() => Promise.reject(faultOfAbort()))
      }
    },
  }
}

/** The maximum number of waits of a read for the budget. After that, the caller must retry later. */
const MAX_BUDGET_WAITS = 3
/** The maximum total wait for the budget of a read for which no caller waits. */
const MAX_BACKGROUND_WAIT_MS = 30_000

interface BudgetWait {
  purpose: CallPurpose
  /** Queries of Resource Graph are reads, too. */
  isRead: boolean
  maxWaitMs: number
  signal: AbortSignal | undefined
}

/**
 * Waits for a token for a short time if the call may wait. Otherwise, rejects with the time of the next token, and
 * sends nothing.
 */
async function waitForBudget(
  request: Request,
  budget: Budget,
  { purpose, isRead, maxWaitMs, signal }: BudgetWait,
): Promise<void> {
  const { isBackground } = PURPOSES[purpose]
  const url = pathAndQuery(request)
  for (let waits = 0, waitedMs = 0; ; waits++) {
    const waitMs = await budget.acquire(request.method, url, purpose)
    if (waitMs === 0) return
    const mayWait = isBackground
      ? waitedMs + waitMs <= MAX_BACKGROUND_WAIT_MS
      : waitMs <= maxWaitMs && waits < MAX_BUDGET_WAITS
    if (!isRead || !mayWait) throw budgetFault(waitMs)
    waitedMs += waitMs
    await delay(waitMs, undefined, { signal }).catch(() => Promise.reject(faultOfAbort()))
  }
}

function pathAndQuery({ url }: Request): string {
  const { pathname, search } = new URL(url)
  return `${pathname}${search}`
}

function tellThrottled(request: Request, budget: Budget, outcome: Response | ArmFault): void {
  if (outcome instanceof ArmFault || outcome.status !== 429) return
  const retryAfterMs = parseRetryAfter(outcome.headers.get('retry-after'), Date.now())
  budget.throttled(request.method, pathAndQuery(request), retryAfterMs, throttledLimit(outcome.headers))
}

/**
 * Each response of Resource Manager contains the remaining calls of the limits of a subscription (Learn:
 * request-limits-and-throttling).
 */
function throttledLimit(headers: Iterable<[string, string]>): ThrottledLimit {
  const isSpent = ([name, value]: [string, string]) =>
    name.startsWith('x-ms-ratelimit-remaining-subscription-') && Number(value) === 0
  return [...headers].some(isSpent) ? 'subscription' : 'provider'
}

/** A next link or operation URL to another host would send the token to that host. */
function assertSameOrigin(request: Request, origin: string): void {
  if (new URL(request.url).origin === origin) return
  throw faultOfBody(`a link leads to another host than ${origin}`)
}

async function sendOrFault(request: Request, next: Send): Promise<Response> {
  try {
    return await next(request)
  } catch (error) {
    if (error instanceof ArmFault) throw error
    // Errors of inner policies are already `ArmFault`s, so this error comes from the credential.
    throw request.abortSignal?.aborted ? faultOfAbort() : faultOfCredential(error)
  }
}

function toArmResponse(request: Request, response: Response) {
  const { status, bodyAsText } = response
  const headers = response.headers.toJSON()
  const text = bodyAsText ?? ''
  if (!isSuccess(response)) throw faultOfResponse({ status, headers, text }, Date.now())
  // The body of an accepted PUT is not needed, and an error in the body must not hide that the PUT was accepted.
  const body = request.method === 'PUT' ? null : jsonObject(text, requestIdOf(headers))
  return { status, headers, body, bytes: Buffer.byteLength(text) }
}

function isSuccess({ status }: Response): boolean {
  return status >= 200 && status <= 299
}

/**
 * The reduced body that the SDK receives: only what it needs to follow a list. The models of the SDK would need memory,
 * drop unknown properties, and fail on unexpected bodies.
 */
function toSdkBody(body: JsonObject | null): string {
  return JSON.stringify({ value: [], nextLink: body?.nextLink || undefined })
}

function jsonObject(text: string, requestId: string | null): JsonObject | null {
  if (text.trim() === '') return null
  let json: Json
  try {
    json = JSON.parse(text) as Json
  } catch {
    throw faultOfBody('it is not JSON', requestId)
  }
  if (!isObject(json)) throw faultOfBody('it is not a JSON object', requestId)
  return json
}

/** The SDK does not read the bodies of these responses. */
const EVERY_STATUS = new Set([Number.POSITIVE_INFINITY])

async function attemptOnce(
  request: Request,
  next: Send,
  { timeoutMs, signal, isRead }: { timeoutMs: number; signal: AbortSignal | undefined; isRead: boolean },
): Promise<Response | ArmFault> {
  const limit = new AbortController()
  const timer = setTimeout(() => limit.abort(), timeoutMs)
  const ended = signal === undefined ? limit.signal : AbortSignal.any([signal, limit.signal])
  request.abortSignal = ended
  request.streamResponseStatusCodes = EVERY_STATUS
  try {
    const { readableStreamBody, ...response } = await next(request)
    if (readableStreamBody === undefined) return response
    const text = await readBody(readableStreamBody as Readable, ended, () => limit.abort())
    if (text === null && isRead && isSuccess(response))
      return faultOfSize(`more than ${MAX_ANSWER_BYTES} bytes`)
    // For an accepted write or an error status, the body does not matter.
    return { ...response, bodyAsText: text ?? '' }
  } catch (error) {
    if (signal?.aborted) return faultOfAbort()
    return limit.signal.aborted ? faultOfTimeout(timeoutMs) : faultOfConnection(error)
  } finally {
    clearTimeout(timer)
    request.abortSignal = signal
  }
}

const RETRIED_STATUSES = [408, 429, 500, 502, 503, 504]
const FINAL_FAULTS = ['RequestTimeout', 'RequestAborted', ANSWER_TOO_LARGE]

/** The wait before the next attempt; null to keep the outcome. A timeout is not retried, because it already took long. */
function quickRetryWait(outcome: Response | ArmFault, attempt: number, limits: RetryLimits): number | null {
  if (attempt >= limits.maxRetries) return null
  const backoffMs = Math.min(limits.baseDelayMs * 2 ** attempt, limits.maxWaitMs)
  if (outcome instanceof ArmFault) {
    return FINAL_FAULTS.includes(outcome.code) ? null : backoffMs
  }
  if (!RETRIED_STATUSES.includes(outcome.status)) return null
  const askedMs = parseRetryAfter(outcome.headers.get('retry-after'), Date.now()) ?? backoffMs
  return askedMs <= limits.maxWaitMs ? askedMs : null
}

/** The maximum size of one decompressed response. The largest known responses, lists of virtual networks, are smaller. */
export const MAX_ANSWER_BYTES = 32 * 1024 * 1024

/**
 * The text of a body. Null if the body exceeds `MAX_ANSWER_BYTES`: the rest is not read, and `abandon` ends the
 * request. The SDK has no limit, so a small compressed body could fill the memory.
 */
export async function readBody(
  stream: Readable,
  signal: AbortSignal,
  abandon: () => void,
): Promise<string | null> {
  const chunks: Buffer[] = []
  let bytes = 0
  // A decompressing stream does not detect that its source was aborted.
  for await (const chunk of addAbortSignal(signal, stream)) {
    bytes += chunk.length
    if (bytes > MAX_ANSWER_BYTES) {
      abandon()
      return null
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
