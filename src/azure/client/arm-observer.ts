import { subscriptionOf } from '../../core/arm/resource-id.ts'
import { type ArmFault, type ArmFaultKind, requestIdOf } from '../errors/arm-fault.ts'
import { kindOfStatus } from '../errors/fault-mapping.ts'
import type { CallPurpose } from './call-budget.ts'

/** The kind of one request to Resource Manager, from a short list of words: no ids and no names. */
export interface ArmRequest {
  method: 'read' | 'write' | 'action'
  /** The types in the path, such as `managedClusters/agentPools`. */
  operation: string
}

/** The outcome of the request. */
export interface ArmOutcome {
  /** Null without a response. */
  status: number | null
  /** Null for a 2xx response. */
  fault: ArmFaultKind | null
  /** The request ID from ARM, if ARM sent one. */
  requestId: string | null
  /** The remaining calls of each limit, as reported by ARM. */
  headroom: ArmHeadroom[]
}

export interface ArmHeadroom {
  /** The end of the header's name, such as `subscription-reads`. */
  bucket: string
  /** The subscription of the limit; empty if the request names no subscription. */
  subscriptionId: string
  remaining: number
}

/** Notified when each request is sent, and of its outcome; retries are separate requests. */
export type ArmObserver = (request: ArmRequest) => (outcome: ArmOutcome) => void

/** Observes calls that wait for the budget, without changing them. */
export interface BudgetObserver {
  /** A call was not sent, because the next token is available only after this time. */
  waits(purpose: CallPurpose, waitMs: number): void
  /** The database did not grant tokens in time. */
  unanswered(): void
}

export const NO_OBSERVER: ArmObserver = () => () => {}

export function toArmRequest({ method, url }: { method: string; url: string }): ArmRequest {
  return { method: METHODS[method] ?? 'action', operation: operationOf(new URL(url).pathname) }
}

const METHODS: Record<string, ArmRequest['method'] | undefined> = {
  GET: 'read',
  HEAD: 'read',
  PUT: 'write',
  PATCH: 'write',
  DELETE: 'write',
}

/** `…/providers/Namespace/type/name/type/name`: the types. The URL of an operation in ARM has the same form. */
function operationOf(path: string): string {
  const [, ofProvider] = /.*\/providers\/[^/]+\/(.+)$/i.exec(path) ?? []
  const types = ofProvider?.split('/').filter((_, index) => index % 2 === 0)
  return types === undefined ? 'other' : types.join('/')
}

const REMAINING = 'x-ms-ratelimit-remaining-'

/** `answer` is a response with any status, or the error if there was no response. */
export function toArmOutcome(
  url: string,
  answer: { status: number; headers: Iterable<[string, string]> } | ArmFault,
): ArmOutcome {
  if (answer instanceof Error) return { status: null, fault: answer.kind, requestId: null, headroom: [] }
  const { status } = answer
  const headers = Object.fromEntries(answer.headers)
  const subscriptionId = subscriptionOf(url).toLowerCase()
  const headroom = Object.entries(headers)
    .filter(([name, value]) => name.startsWith(REMAINING) && /^\d+$/.test(value))
    .map(([name, value]) => ({
      bucket: name.slice(REMAINING.length),
      subscriptionId,
      remaining: Number(value),
    }))
  const requestId = requestIdOf(headers)
  return { status, fault: status >= 200 && status <= 299 ? null : kindOfStatus(status), requestId, headroom }
}
