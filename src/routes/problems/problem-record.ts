import type { Fault } from '../../contract/problem.ts'
import type { DomainErrorFacts } from '../../core/lib/errors.ts'

/** Everything about a problem; the sentence is made from the facts, and is sound without any of them. */
export interface ProblemRecord {
  status: number
  title: string
  detail: (facts: DomainErrorFacts) => string
  remedy: string
  /** Facts for the example in the OpenAPI document. */
  example: DomainErrorFacts
  /** Errors for the same example; none if left out. */
  exampleErrors?: readonly Fault[]
  /** Seconds for the header Retry-After where the facts name none. */
  retryAfterSeconds?: number
  /** Headers that the status requires, RFC 9110. */
  headers?: Readonly<Record<string, string>>
}

/** A fact as a word of a sentence; empty when it is not known. */
export function factText(fact: DomainErrorFacts[string] | undefined): string {
  if (typeof fact === 'string' || typeof fact === 'number' || typeof fact === 'boolean') return String(fact)
  return ''
}

/** A list of words, cut after ten; the facts hold all of it. */
export function factList(fact: DomainErrorFacts[string] | undefined): string {
  if (!Array.isArray(fact)) return ''
  const words = fact.filter((entry): entry is string => typeof entry === 'string')
  const rest = words.length > 10 ? ` and ${words.length - 10} more` : ''
  return words.slice(0, 10).join(', ') + rest
}

/** `prefix` and the words; nothing where there are no words. */
export function withPrefix(prefix: string, words: string): string {
  return words === '' ? '' : `${prefix}${words}`
}

/** What the service was doing, and the words of Azure's error. */
export function armContext({ what, armCode, armMessage }: DomainErrorFacts): string {
  const error = [armCode, armMessage].map(factText).filter((text) => text !== '')
  const context = factText(what) === '' ? '' : ` (${factText(what)})`
  return context + withPrefix('; Azure says ', error.join(': ').replace(/\.$/, ''))
}
