import { SETTINGS } from './settings.ts'

/** A variable that is no setting, and the setting that its name resembles. */
export interface UnknownSetting {
  name: string
  similarTo: string
}

/** Settings of the simulator as its own process, which the same environment may contain. */
const OTHER_NAMES = ['SIMULATOR_HOST', 'SIMULATOR_TLS_KEY_FILE', 'SIMULATOR_TLS_CERT_FILE']
/** More differences than this are another word. */
const MAX_DIFFERENCES = 2
/** Short names such as PORT resemble too many others, such as PATH. */
const MIN_LENGTH = 6

/** Variables that are probably misspelled settings. They have no effect, and nothing else shows that. */
export function findUnknownSettings(environment: Record<string, string | undefined>): UnknownSetting[] {
  const names = Object.keys(SETTINGS)
  return Object.keys(environment).flatMap((name) => {
    if (names.includes(name) || OTHER_NAMES.includes(name)) return []
    const similarTo = names.find((setting) => isSimilar(name, setting))
    return similarTo === undefined ? [] : [{ name, similarTo }]
  })
}

function isSimilar(name: string, setting: string): boolean {
  const [given, known] = [name, setting].map((text) => text.toUpperCase().replace(/[^A-Z0-9]/g, ''))
  if (given === undefined || known === undefined) return false
  if (given === known) return true
  return Math.min(given.length, known.length) >= MIN_LENGTH && differences(given, known) <= MAX_DIFFERENCES
}

/** The Levenshtein distance: how many characters must be added, removed or replaced. */
function differences(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const [index, char] of [...a].entries()) {
    const next = [index + 1]
    for (let at = 1; at <= b.length; at++) {
      const replaced = (row[at - 1] ?? 0) + (char === b[at - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[at] ?? 0) + 1, (next[at - 1] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
