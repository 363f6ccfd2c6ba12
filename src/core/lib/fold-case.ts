const NOT_ASCII = /[\u0080-\uffff]/

/** A plan compares the same few hundred ids thousands of times. */
const MAX_FOLDED = 10_000
const folded = new Map<string, string>()

/**
 * A text without letter case, the only form in which ids, names and words of Azure are compared. Letters are folded
 * one by one, and only where the fold maps back to the same capital. `toLowerCase` alone turns the Kelvin sign into
 * `k`, so a look-alike name would get another name's permissions.
 */
export function foldCase(text: string): string {
  const known = folded.get(text)
  if (known !== undefined) return known
  if (folded.size >= MAX_FOLDED) folded.clear()
  const value = computeFold(text)
  folded.set(text, value)
  return value
}

function computeFold(text: string): string {
  const lower = text.toLowerCase()
  if (lower === text || !NOT_ASCII.test(text)) return lower
  return Array.from(text, foldLetter).join('')
}

/** Whether two texts differ at most in letter case. No letter changes its length when folded. */
export function equalsIgnoringCase(a: string, b: string): boolean {
  return a === b || (a.length === b.length && foldCase(a) === foldCase(b))
}

function foldLetter(letter: string): string {
  const lower = letter.toLowerCase()
  return lower.length === letter.length && lower.toUpperCase() === letter.toUpperCase() ? lower : letter
}
