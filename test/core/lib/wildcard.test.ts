import fc from 'fast-check'
import t from 'tap'
import { type Characters, matchesWildcard } from '../../../src/core/lib/wildcard.ts'
import { propertyRuns } from '../../support/property-runs.ts'

/** Tries every length for every star, which takes exponential time and is plainly right. */
function matchesNaively(pattern: string, text: string): boolean {
  if (pattern === '') return text === ''
  const rest = pattern.slice(1)
  if (pattern[0] !== '*') return text !== '' && pattern[0] === text[0] && matchesNaively(rest, text.slice(1))
  for (let length = 0; length <= text.length; length++)
    if (matchesNaively(rest, text.slice(length))) return true
  return false
}

/** Few letters, so that parts of a pattern overlap with themselves and with their neighbors. */
const word = (letters: string, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...letters), maxLength })

t.test('matches as a matcher that tries everything', async () => {
  fc.assert(
    fc.property(word('ab*', 9), word('ab', 10), (pattern, text) => {
      return matchesWildcard(pattern, text) === matchesNaively(pattern, text)
    }),
    { numRuns: propertyRuns(10) },
  )
})

t.test('matches every text that its pattern generates', async () => {
  const parts = fc.array(fc.tuple(word('ab', 4), word('ab', 4)), { minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(parts, word('ab', 4), (pairs, end) => {
      const pattern = pairs.map(([part]) => `${part}*`).join('') + end
      const text = pairs.map((pair) => pair.join('')).join('') + end
      return matchesWildcard(pattern, text)
    }),
    { numRuns: propertyRuns() },
  )
})

/** A text that counts how often a character is read from it. */
class CountedText implements Characters {
  readonly length: number
  reads = 0
  readonly #text: string

  constructor(text: string) {
    this.#text = text
    this.length = text.length
  }

  charCodeAt(index: number): number {
    this.reads++
    return this.#text.charCodeAt(index)
  }
}

function countReads(pattern: string, text: string): number {
  const [countedPattern, countedText] = [new CountedText(pattern), new CountedText(text)]
  matchesWildcard(countedPattern, countedText)
  return countedPattern.reads + countedText.reads
}

/** One read to find the stars, and at most four for each character of a search and its table. */
const MAX_READS_PER_CHARACTER = 10

t.test('reads each character a bounded number of times for any pattern', async (t) => {
  const patterns = {
    'many stars without an end': `${'*a'.repeat(500)}*b`,
    'many stars with an end': `${'*a'.repeat(500)}*`,
    'only stars': '*'.repeat(1_000),
    'a part that almost occurs everywhere': `*${'a'.repeat(500)}b*`,
    'a part with many borders': `*${'aab'.repeat(200)}c*`,
  }
  for (const [name, pattern] of Object.entries(patterns))
    for (const text of ['a'.repeat(1_000), 'aab'.repeat(300), '']) {
      const bound = MAX_READS_PER_CHARACTER * (pattern.length + text.length)
      t.ok(countReads(pattern, text) <= bound, `${name}, ${text.length} characters`)
    }
  fc.assert(
    fc.property(word('aab*', 300), word('aaab', 300), (pattern, text) => {
      return countReads(pattern, text) <= MAX_READS_PER_CHARACTER * (pattern.length + text.length)
    }),
    { numRuns: propertyRuns() },
  )
})
