import { AsyncLocalStorage } from 'node:async_hooks'
import type { MaySend } from '../arm.ts'
import { ArmFault } from '../errors/arm-fault.ts'
import type { ArmResponse } from '../errors/arm-response.ts'
import { faultOfSdkError } from '../errors/fault-mapping.ts'

/** How often, and after which waits, a read is tried again before its fault is told. */
export interface RetryLimits {
  maxRetries: number
  /** The first wait when ARM names none; it doubles with each retry. */
  baseDelayMs: number
  /** A longer wait is not waited for: the fault goes up with ARM's `retryAfterMs`. */
  maxWaitMs: number
}

/** Nothing waits inside a worker (design 3), so reads are retried only as long as a person would hardly notice. */
export const QUICK_RETRIES: RetryLimits = { maxRetries: 2, baseDelayMs: 150, maxWaitMs: 2_000 }

/** For writes, which may have taken effect, and for polls, whose caller comes back anyway. */
export const NO_RETRIES: RetryLimits = { maxRetries: 0, baseDelayMs: 0, maxWaitMs: 0 }

/** What one of our calls tells the pipeline, and what the pipeline tells it back. */
export interface ArmCall {
  signal: AbortSignal | undefined
  /** For one attempt, from the request to the last byte of the answer. */
  timeoutMs: number
  retries: RetryLimits
  /** Its POST changes nothing, so it may be sent again like a GET. */
  isQuery?: boolean
  maySend?: MaySend | undefined
}

interface RunningCall extends ArmCall {
  answers: ArmResponse[]
}

/*
 * The SDK offers no other way to reach each request of a call: the pages after the first and the
 * requests of a long-running operation are sent without the options of the call that caused them.
 */
const callStorage = new AsyncLocalStorage<RunningCall>()

/**
 * Runs SDK operations as one call and returns ARM's answers in order (a list has one for each page).
 * What the operations themselves return is not used. Rejects with an `ArmFault` only.
 */
export async function responsesOf(call: ArmCall, operations: () => Promise<unknown>): Promise<ArmResponse[]> {
  const answers: ArmResponse[] = []
  try {
    await callStorage.run({ ...call, answers }, operations)
  } catch (error) {
    throw error instanceof ArmFault ? error : faultOfSdkError(error)
  }
  return answers
}

/** As `responsesOf`, for an operation that gets one answer. */
export async function responseOf(call: ArmCall, operation: () => Promise<unknown>): Promise<ArmResponse> {
  const answer = (await responsesOf(call, operation)).at(-1)
  if (answer === undefined) throw faultOfSdkError(new Error('the SDK sent no request'))
  return answer
}

/** The call that the request at hand belongs to. */
export function currentCall(): RunningCall {
  const call = callStorage.getStore()
  if (call === undefined) throw new Error('a request to Azure Resource Manager outside of a call')
  return call
}
