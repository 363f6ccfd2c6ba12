import { AsyncLocalStorage } from 'node:async_hooks'
import type { MaySend } from '../arm.ts'
import { ArmFault } from '../errors/arm-fault.ts'
import type { ArmResponse } from '../errors/arm-response.ts'
import { faultOfSdkError } from '../errors/fault-mapping.ts'
import type { CallPurpose } from './call-budget.ts'

/** How often, and after which waits, a read is retried before its fault is returned. */
export interface RetryLimits {
  maxRetries: number
  /** The first wait when ARM names none; it doubles with each retry. */
  baseDelayMs: number
  /** The longest wait. A fault that requires a longer one is returned with ARM's `retryAfterMs`. */
  maxWaitMs: number
}

/** Nothing waits inside a worker, so reads are retried only for so long that a person hardly notices. */
export const QUICK_RETRIES: RetryLimits = { maxRetries: 2, baseDelayMs: 150, maxWaitMs: 2_000 }

/** For writes, which may have taken effect, and for polls, which their caller repeats anyway. */
export const NO_RETRIES: RetryLimits = { maxRetries: 0, baseDelayMs: 0, maxWaitMs: 0 }

/** What a call of `Arm` specifies for each of its requests. */
export interface ArmCall {
  signal: AbortSignal | undefined
  /** For one attempt, from the request to the last byte of the response. */
  timeoutMs: number
  retries: RetryLimits
  /** Its POST changes nothing, so it may be sent again like a GET. */
  isQuery?: boolean
  maySend?: MaySend | undefined
  /** Decides about its part of each call budget: the rest is left to more urgent calls. Default: jobs. */
  purpose?: CallPurpose
}

interface RunningCall extends ArmCall {
  answers: ArmResponse[]
}

/*
 * The SDK offers no other way to reach every request of a call. It sends later pages, and the requests of a
 * long-running operation, without the options of the call that caused them.
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
