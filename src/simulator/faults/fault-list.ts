import type { Json } from '../json.ts'
import type { Fault, FaultRule } from './fault.ts'

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
