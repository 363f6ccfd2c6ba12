/** What the matcher reads of a text; every string is one. */
export interface Characters {
  readonly length: number
  charCodeAt(index: number): number
}

const STAR = '*'.charCodeAt(0)

/**
 * Whether a text matches a pattern in which `*` is any characters, also none. The number of steps grows with the length
 * of pattern and text together, however many stars there are: a stored pattern must not stall the process. A regular
 * expression with the same stars takes exponential time.
 */
export function matchesWildcard(pattern: Characters, text: Characters): boolean {
  const [first, ...rest] = partsOf(pattern)
  const last = rest.pop()
  if (first === undefined || !isAt(first, text, 0)) return false
  if (last === undefined) return first.length === text.length
  // Between the ends, the earliest place of each part leaves the most room for the next one.
  let position = first.length
  for (const part of rest) {
    position = endOfFirst(part, text, position)
    if (position < 0) return false
  }
  const end = text.length - last.length
  return end >= position && isAt(last, text, end)
}

/** How many stars a pattern contains. */
export function countWildcards(pattern: string): number {
  return pattern.split('*').length - 1
}

/** The texts between the stars. */
function partsOf(pattern: Characters): Characters[] {
  const parts: Characters[] = []
  let start = 0
  for (let index = 0; index <= pattern.length; index++) {
    if (index < pattern.length && pattern.charCodeAt(index) !== STAR) continue
    const from = start
    parts.push({ length: index - from, charCodeAt: (offset) => pattern.charCodeAt(from + offset) })
    start = index + 1
  }
  return parts
}

function isAt(part: Characters, text: Characters, position: number): boolean {
  if (position + part.length > text.length) return false
  for (let index = 0; index < part.length; index++)
    if (part.charCodeAt(index) !== text.charCodeAt(position + index)) return false
  return true
}

/** Where the first occurrence of a part from `position` on ends, or -1: Knuth, Morris and Pratt's search. */
function endOfFirst(part: Characters, text: Characters, position: number): number {
  if (part.length === 0) return position
  const borders = bordersOf(part)
  let matched = 0
  for (let index = position; index < text.length; index++) {
    matched = extended(part, borders, matched, text.charCodeAt(index))
    if (matched === part.length) return index + 1
  }
  return -1
}

/** For each length of a beginning of the part, the longest shorter beginning that it also ends with. */
function bordersOf(part: Characters): number[] {
  const borders = [0, 0]
  let matched = 0
  for (let index = 1; index < part.length; index++) {
    matched = extended(part, borders, matched, part.charCodeAt(index))
    borders.push(matched)
  }
  return borders
}

/** How much of the part is matched after one more character. */
function extended(part: Characters, borders: readonly number[], matched: number, code: number): number {
  let length = matched
  while (length > 0 && part.charCodeAt(length) !== code) length = borders[length] ?? 0
  return part.charCodeAt(length) === code ? length + 1 : length
}
