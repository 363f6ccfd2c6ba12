import type { DomainErrorFacts } from '../../core/lib/errors.ts'

/** What a problem says, apart from its status: made from the facts, sound without any of them. */
export interface ProblemText {
  detail: (facts: DomainErrorFacts) => string
  remedy: string
  /** Facts for the example in the OpenAPI document. */
  example: DomainErrorFacts
}

/** A fact as a word of a sentence; empty when it is not known. */
export function factText(fact: DomainErrorFacts[string] | undefined): string {
  if (typeof fact === 'string' || typeof fact === 'number' || typeof fact === 'boolean') return String(fact)
  return ''
}

/** A list of words, cut where a reader would stop; the facts hold all of it. */
export function factList(fact: DomainErrorFacts[string] | undefined): string {
  if (!Array.isArray(fact)) return ''
  const spoken = fact.filter((each): each is string => typeof each === 'string')
  const rest = spoken.length > 10 ? ` and ${spoken.length - 10} more` : ''
  return spoken.slice(0, 10).join(', ') + rest
}

/** `lead` and the words where there are any, nothing where there are none. */
export function withPrefix(lead: string, spoken: string): string {
  return spoken === '' ? '' : `${lead}${spoken}`
}
