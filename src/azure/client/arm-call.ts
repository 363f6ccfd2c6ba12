import { AsyncLocalStorage } from 'node:async_hooks'
import type { MaySend } from '../arm.ts'
import { ArmFault, type ArmResponse } from '../errors/arm-fault.ts'
import { faultOfSdkError } from '../errors/fault-mapping.ts'
import type { CallPurpose } from './call-budget.ts'

/** The number of retries of a read, and the waits between them. */
export interface RetryLimits {
  maxRetries: number
  /** The first wait if ARM requests none. The wait doubles with each retry. */
  baseDelayMs: number
  /** The longest wait. If ARM requests a longer wait, the error is returned with its `retryAfterMs`. */
  maxWaitMs: number
}

/** Workers must not wait for long, so reads are retried only for a short time. */
export const QUICK_RETRIES: RetryLimits = { maxRetries: 2, baseDelayMs: 150, maxWaitMs: 2_000 }

/** No retries: for writes, which may have taken effect, and for polls, which the caller repeats anyway. */
export const NO_RETRIES: RetryLimits = { maxRetries: 0, baseDelayMs: 0, maxWaitMs: 0 }

/** The options of a call of `Arm`, for each of its requests. */
export interface ArmCall {
  signal: AbortSignal | undefined
  /** For one attempt, from the request to the last byte of the response. */
  timeoutMs: number
  retries: RetryLimits
  /** Whether the POST changes nothing, so that it can be retried like a GET. */
  isQuery?: boolean
  maySend?: MaySend | undefined
  /**
   * Determines the part of each call budget that the call may use. The rest is reserved for more urgent calls. Default:
   * jobs.
   */
  purpose?: CallPurpose
}

interface RunningCall extends ArmCall {
  answers: ArmResponse[]
}

/*
 * Async context is the only way to reach every request of a call: the SDK sends later pages, and the requests of a
 * long-running operation, without the options of the call.
 */
const callStorage = new AsyncLocalStorage<RunningCall>()

/**
 * Runs SDK operations as one call and returns the responses of ARM in order (one for each page of a list). The results
 * of the operations are not used. Rejects only with an `ArmFault`.
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

/** Like `responsesOf`, for an operation with one response. */
export async function responseOf(call: ArmCall, operation: () => Promise<unknown>): Promise<ArmResponse> {
  const answer = (await responsesOf(call, operation)).at(-1)
  if (answer === undefined) throw faultOfSdkError(new Error('the SDK sent no request'))
  return answer
}

/** The call to which the current request belongs. */
export function currentCall(): RunningCall {
  const call = callStorage.getStore()
  if (call === undefined) throw new Error('a request to Azure Resource Manager outside of a call')
  return call
}
