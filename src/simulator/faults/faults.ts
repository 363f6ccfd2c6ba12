import type { Json } from '../lib/json.ts'

/** Something that goes wrong on purpose. The names are those of POST /simulator/faults. */
export type Fault =
  /** The request is answered with this status instead of being handled. */
  | {
      kind: 'status'
      status: number
      code: string
      message: string
      retryAfterSeconds: number | undefined
      headers: Record<string, string>
    }
  /** The connection is cut before the request is handled. */
  | { kind: 'reset' }
  /** The request takes effect, then the connection is cut instead of an answer. */
  | { kind: 'resetAfter' }
  /** No answer for this long (real milliseconds), then the connection is cut; the request is not handled. */
  | { kind: 'timeout'; ms: number }
  /** The answer comes this much later (real milliseconds). */
  | { kind: 'delay'; ms: number }
  /** The request is handled when the faults are taken back, and not before. */
  | { kind: 'hold' }
  /** The request takes effect at once, and is answered when the faults are taken back. */
  | { kind: 'holdAfter' }
  /** The operation that the request starts ends as Failed: the body keeps what was wanted, nothing is made of it. */
  | { kind: 'failOperation'; code: string; message: string }
  /** The operation shows `NotLatestOperation` beside InProgress and Succeeded, and does succeed. */
  | { kind: 'errorInSuccess' }
  /** The operation never ends. */
  | { kind: 'stall' }
  /** Somebody else writes the resource just before, so that its ETag is another one. */
  | { kind: 'changeEtag' }
  /** Somebody else starts an operation on the cluster just before. */
  | { kind: 'concurrentWriter' }
  /** The operation reports success, and the outbound type and the authorized ranges are the old ones. */
  | { kind: 'ignoreChange' }

/** Which requests a fault strikes. */
export interface FaultMatch {
  /** HTTP method; any when undefined. */
  method: string | undefined
  /** Regular expression on path and query, without case; any when undefined. */
  pathPattern: RegExp | undefined
  /** Text that the request body, as compact JSON, has to hold. */
  bodyContains: string | undefined
  /** First matching request that is struck, counted from 1. */
  from: number
  /** How many matching requests are struck from there on. */
  count: number
}

/** A fault with its target and what it has done so far. */
export interface FaultRule {
  match: FaultMatch
  fault: Fault
  /** Requests that matched, struck or not. */
  matched: number
  /** Requests that were struck. */
  strikes: number
  /** The rule as it was given, to show it again. */
  given: unknown
}

/** The rules in force, in the order in which they were given. */
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

  /** Resolves when the rules that are in force now are taken back. */
  takenBack(): Promise<void> {
    return this.taken.promise
  }

  /** The faults that strike a request; counts matches and strikes. Several rules may strike one request. */
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
