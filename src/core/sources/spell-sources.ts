import { PAGES } from './pages.ts'

const KEYS = Object.keys(PAGES).join('|')
const KEY_AFTER_NAME = new RegExp(` \\((?:${KEYS})\\)`, 'g')
const KEY = new RegExp(`\\b(?:${KEYS})\\b`, 'g')
const spelled = new Map<string, string>()

/**
 * The sources of a rule as a reader knows them: a key that stands behind a name goes, one that stands alone becomes the
 * name of its page. `AR; nat-sku (NSKU)` is `api-server-authorized-ip-ranges; nat-sku`.
 */
export function spellSources(source: string): string {
  const known = spelled.get(source)
  if (known !== undefined) return known
  const text = source
    .replace(/ \(RPERR\)/g, ', error code of the AKS resource provider')
    .replace(KEY_AFTER_NAME, '')
    .replace(KEY, (key) => PAGES[key]?.title ?? key)
  spelled.set(source, text)
  return text
}
