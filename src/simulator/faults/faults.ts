import type { Json } from '../lib/json.ts'

/** An injected fault. The names are those of POST /simulator/faults. */
export type Fault =
  /** The simulator returns this status instead of handling the request. */
  | {
      kind: 'status'
      status: number
      code: string
      message: string
      retryAfterSeconds: number | undefined
      headers: Record<string, string>
    }
  /** The connection is reset before the request is handled. */
  | { kind: 'reset' }
  /** The request takes effect, then the connection is reset instead of a response. */
  | { kind: 'resetAfter' }
  /** No response for this time (real milliseconds), then the connection is reset; the request is not handled. */
  | { kind: 'timeout'; ms: number }
  /** The response is delayed by this time (real milliseconds). */
  | { kind: 'delay'; ms: number }
  /** The request is handled only after the faults are cleared. */
  | { kind: 'hold' }
  /** The request takes effect immediately; the response is sent after the faults are cleared. */
  | { kind: 'holdAfter' }
  /** The operation that the request starts ends as Failed: the body keeps the written values without any effect. */
  | { kind: 'failOperation'; code: string; message: string }
  /** The operation shows `NotLatestOperation` together with InProgress and Succeeded, and succeeds. */
  | { kind: 'errorInSuccess' }
  /** The operation never ends. */
  | { kind: 'stall' }
  /** Another caller writes the resource immediately before, so that its ETag differs. */
  | { kind: 'changeEtag' }
  /** Another caller starts an operation on the cluster immediately before. */
  | { kind: 'concurrentWriter' }
  /** The operation reports success, but the outbound type and the authorized IP ranges remain unchanged. */
  | { kind: 'ignoreChange' }
  /** The output of the run-command that the request starts is changed: the first match of a regular expression is replaced. */
  | { kind: 'editOutput'; pattern: string; replacement: string }

/** Which requests a fault affects. */
export interface FaultMatch {
  /** HTTP method; any when undefined. */
  method: string | undefined
  /** Regular expression on path and query, without case; any when undefined. */
  pathPattern: RegExp | undefined
  /** Text that the request body, as compact JSON, must contain. */
  bodyContains: string | undefined
  /** First matching request that is affected, counted from 1. */
  from: number
  /** How many matching requests are affected from there on. */
  count: number
}

/** A fault with its target and its counters. */
export interface FaultRule {
  match: FaultMatch
  fault: Fault
  /** Requests that matched, affected or not. */
  matched: number
  /** Requests that were affected. */
  strikes: number
  /** The rule as it was sent. */
  given: unknown
}

/** The active rules, in the order in which they were added. */
export class FaultList {
  private rules: FaultRule[] = []
  private taken = Promise.withResolvers<void>()

  add(rules: FaultRule[]): void {
    this.rules.push(...rules)
  }

  clear(): void {
    this.rules = []
    this.taken.resolve()
    this.taken = Promise.withResolvers()
  }

  /** Resolves when the rules that are active now are cleared. */
  takenBack(): Promise<void> {
    return this.taken.promise
  }

  /** The faults that affect a request; counts matches and strikes. Several rules may affect one request. */
  strike(method: string, url: string, body: Json): Fault[] {
    if (this.rules.length === 0) return []
    return this.rules.flatMap((rule) => {
      if (!matches(rule, method, url, body)) return []
      rule.matched += 1
      const { from, count } = rule.match
      if (rule.matched < from || rule.matched >= from + count) return []
      rule.strikes += 1
      return [rule.fault]
    })
  }

  /** For GET /simulator/faults. */
  describe(): { given: unknown; matched: number; strikes: number }[] {
    return this.rules.map(({ given, matched, strikes }) => ({ given, matched, strikes }))
  }
}

function matches(rule: FaultRule, method: string, url: string, body: Json): boolean {
  const { match } = rule
  if (match.method !== undefined && match.method !== method) return false
  if (match.pathPattern !== undefined && !match.pathPattern.test(url)) return false
  return match.bodyContains === undefined || JSON.stringify(body).includes(match.bodyContains)
}
