import { SETTING_OF_ALIAS } from './setting-aliases.ts'
import { SETTINGS } from './settings.ts'

/** A variable that is no setting, and the setting that its name resembles or means. */
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
/** First words that only settings of this service have. Standard variables begin with the others, such as AZURE and OTEL. */
const OWN_WORDS = new Set([
  'APPROVAL',
  'CORS',
  'DATABASE',
  'ENTRA',
  'INVENTORY',
  'MATRIX',
  'MCP',
  'PRICES',
  'RETENTION',
  'SWAGGER',
])
/** First words of settings that variables of one word often are, for other programs. */
const COMMON_WORDS = new Set(['ARM', 'AZURE', 'DATA', 'OTEL', 'STOP'])
/** Abbreviations that are no beginnings of their words, and other words for the same. */
const LONG_FORMS: Record<string, string> = {
  DB: 'DATABASE',
  URI: 'URL',
  RETAIN: 'RETENTION',
  KEEP: 'RETENTION',
}
/** What others write before the name of a setting: the purpose of a port, or the name of this service. */
const PREFIX = /^(HTTP|LISTEN|SERVER|(AKS_)?EGRESS(_PLANNER)?)_/

/** Variables that are probably misspelled settings. They have no effect, and nothing else shows that. */
export function findUnknownSettings(environment: Record<string, string | undefined>): UnknownSetting[] {
  const names = Object.keys(SETTINGS)
  return Object.keys(environment).flatMap((name) => {
    if (names.includes(name) || OTHER_NAMES.includes(name) || isServiceLink(name, environment)) return []
    const similarTo =
      names.find((setting) => isMisspelled(name, setting)) ?? settingOfAlias(name) ?? mostSimilar(name, names)
    return similarTo === undefined ? [] : [{ name, similarTo }]
  })
}

function settingOfAlias(name: string): string | undefined {
  const alias = name.toUpperCase()
  return SETTING_OF_ALIAS.get(alias) ?? SETTING_OF_ALIAS.get(alias.replace(PREFIX, ''))
}

/** Kubernetes describes each Service of the namespace in variables such as DATABASE_PORT. */
function isServiceLink(name: string, environment: Record<string, string | undefined>): boolean {
  const [, service] = /^(.+?)_(SERVICE_HOST|SERVICE_PORT|PORT)(_|$)/.exec(name) ?? []
  return service !== undefined && environment[`${service}_SERVICE_HOST`] !== undefined
}

function isMisspelled(name: string, setting: string): boolean {
  const [given, known] = [name, setting].map((text) => text.toUpperCase().replace(/[^A-Z0-9]/g, ''))
  if (given === undefined || known === undefined) return false
  if (isSameNoun(given, known) || name.toUpperCase().replace(PREFIX, '') === setting) return true
  return Math.min(given.length, known.length) >= MIN_LENGTH && differences(given, known) <= MAX_DIFFERENCES
}

/**
 * The setting that shares the most words with the name, and has the fewest others; undefined if none shares enough. The
 * OpenTelemetry SDK reads many variables with the words of the settings.
 */
function mostSimilar(name: string, settings: string[]): string | undefined {
  const given = wordsOf(name)
  if (given[0] === 'OTEL') return undefined
  const candidates = settings.flatMap((setting) => {
    const known = wordsOf(setting)
    const shared = sharedWords(given, known)
    return isAlike(given, known, shared) ? [{ setting, rank: shared * 10 - known.length }] : []
  })
  return candidates.toSorted((one, other) => other.rank - one.rank)[0]?.setting
}

/** All words are of the setting, or all but one: a shortened name, or another unit or noun. */
function isAlike(given: string[], known: string[], shared: number): boolean {
  const [first = ''] = given
  const isSameStart = isSameWord(first, known[0] ?? '')
  // LOG or APPROVALS_REQUIRED: the first word is enough.
  const isOwn = OWN_WORDS.has(known[0] ?? '') || (given.length === 1 && !COMMON_WORDS.has(first))
  if (isOwn && isSameNoun(first, known[0] ?? '')) return true
  if (shared < 2) return false
  return shared === given.length || (isSameStart && shared === given.length - 1 && shared >= known.length - 1)
}

function wordsOf(name: string): string[] {
  const words = name.toUpperCase().split(/[^A-Z0-9]+/)
  return words.filter((word) => word !== '').map((word) => LONG_FORMS[word] ?? word)
}

/** How many words both names have, in the same order. */
function sharedWords(given: string[], known: string[]): number {
  const [word, ...rest] = given
  if (word === undefined) return 0
  const at = known.findIndex((other) => isSameWord(word, other))
  const without = sharedWords(rest, known)
  return at < 0 ? without : Math.max(without, 1 + sharedWords(rest, known.slice(at + 1)))
}

/** Whether the words are equal, apart from the plural. */
function isSameNoun(one: string, other: string): boolean {
  return one === other || one === `${other}S` || `${one}S` === other
}

/** Whether the words begin alike: TRUST and TRUSTED, PROXY and PROXIES, MINS and MINUTES. */
function isSameWord(one: string, other: string): boolean {
  if (one === other) return true
  const length = [...one].findIndex((char, index) => char !== other[index])
  const shared = length < 0 ? one.length : length
  return shared >= 3 && shared >= Math.min(one.length, other.length) - 1
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
