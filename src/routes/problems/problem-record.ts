import type { Fault } from '../../contract/problem.ts'
import type { DomainErrorFacts } from '../../core/lib/errors.ts'
import { formatted } from '../../core/lib/text.ts'

/** The record of a problem. `detail` works even if facts are missing. */
export interface ProblemRecord {
  status: number
  title: string
  detail: (facts: DomainErrorFacts) => string
  remedy: string
  /** The remedy for the reason in the facts, if the code has several reasons. `remedy` describes the code in general. */
  remedyFor?: (facts: DomainErrorFacts) => string | undefined
  /** Facts for the example in the OpenAPI document. */
  example: DomainErrorFacts
  /** Errors for the same example; none if left out. */
  exampleErrors?: readonly Fault[]
  /** Seconds for the header Retry-After if the facts have none. */
  retryAfterSeconds?: number
  /** Headers that the status requires, RFC 9110. */
  headers?: Readonly<Record<string, string>>
}

/** The only error of an example: a field of the body. */
export function bodyError(code: string, pointer: string, message: string): Fault[] {
  return [{ in: 'body', pointer, code, message }]
}

/** A fact as text for a sentence; empty if it is unknown. */
export function factText(fact: DomainErrorFacts[string] | undefined): string {
  if (typeof fact === 'number') return formatted(fact)
  if (typeof fact === 'string' || typeof fact === 'boolean') return String(fact)
  return ''
}

/** The first ten words of a list; the facts contain all words. */
export function factList(fact: DomainErrorFacts[string] | undefined): string {
  if (!Array.isArray(fact)) return ''
  const words = fact.filter((entry): entry is string => typeof entry === 'string')
  const rest = words.length > 10 ? ` and ${words.length - 10} more` : ''
  return words.slice(0, 10).join(', ') + rest
}

/** `prefix` and the words; empty if there are no words. */
export function withPrefix(prefix: string, words: string): string {
  return words === '' ? '' : `${prefix}${words}`
}

/** What the service was doing, and the code and message of Azure's error. */
export function armContext({ what, armCode, armMessage }: DomainErrorFacts): string {
  const error = [armCode, armMessage].map(factText).filter((text) => text !== '')
  const context = withPrefix(' while this service was ', factText(what))
  return context + withPrefix('. Azure error: ', error.join(': ').replace(/\.$/, ''))
}
