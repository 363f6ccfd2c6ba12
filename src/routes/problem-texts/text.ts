import type { RefusalFacts } from '../../core/refusal.ts'

/** What a problem says, apart from its status: made from the facts, sound without any of them. */
export interface ProblemText {
  detail: (facts: RefusalFacts) => string
  remedy: string
  /** Facts for the example in the OpenAPI document. */
  example: RefusalFacts
}

/** A fact as a word of a sentence; empty when it is not known. */
export function word(fact: RefusalFacts[string] | undefined): string {
  if (typeof fact === 'string' || typeof fact === 'number' || typeof fact === 'boolean') return String(fact)
  return ''
}

/** A list of words, cut where a reader would stop; the facts hold all of it. */
export function words(fact: RefusalFacts[string] | undefined): string {
  if (!Array.isArray(fact)) return ''
  const spoken = fact.filter((each): each is string => typeof each === 'string')
  const rest = spoken.length > 10 ? ` and ${spoken.length - 10} more` : ''
  return spoken.slice(0, 10).join(', ') + rest
}

/** `lead` and the words where there are any, nothing where there are none. */
export function given(lead: string, spoken: string): string {
  return spoken === '' ? '' : `${lead}${spoken}`
}
