import { PAGES } from './pages.ts'

export interface Source {
  text: string
  /** Where it can be read; null where that is not known. */
  url: string | null
}

const GITHUB = 'https://github.com'
const ERROR_CODES = 'https://learn.microsoft.com/en-us/troubleshoot/azure/azure-kubernetes/error-codes'
const TITLED = new Map(Object.values(PAGES).map(({ title, url }) => [title, url]))

/** Sources that are told by number or day instead of having a page in the table. */
const NUMBERED: [RegExp, (found: string) => string][] = [
  [/Azure\/AKS issues? (\d+)/, (issue) => `${GITHUB}/Azure/AKS/issues/${issue}`],
  [/azure-docs issue (\d+)/, (issue) => `${GITHUB}/MicrosoftDocs/azure-docs/issues/${issue}`],
  [
    /terraform-provider-azurerm issues? (\d+)/,
    (issue) => `${GITHUB}/hashicorp/terraform-provider-azurerm/issues/${issue}`,
  ],
  [/azure-aks-docs pull request (\d+)/, (pull) => `${GITHUB}/MicrosoftDocs/azure-aks-docs/pull/${pull}`],
  [/AKS release notes (\d{4}-\d\d-\d\d)/, () => `${GITHUB}/Azure/AKS/blob/master/CHANGELOG.md`],
  [/^([a-z-]+-error)\b/, (page) => `${ERROR_CODES}/${page}`],
]

/** The sources of a finding one by one, each with the address of the page that it names first. */
export function linkSources(source: string): Source[] {
  return source.split('; ').map((text) => ({ text, url: urlOf(text) }))
}

function urlOf(text: string): string | null {
  for (const [pattern, url] of NUMBERED) {
    const found = pattern.exec(text)?.[1]
    if (found !== undefined) return url(found)
  }
  const titles = [...TITLED.keys()].filter((title) => namesPage(text, title))
  // The longest: `nat-gateway` is the beginning of other names.
  const named = titles.sort((a, b) => b.length - a.length)[0]
  return named === undefined ? null : (TITLED.get(named) ?? null)
}

/** Whether the text names this page, and not one whose name holds that. */
function namesPage(text: string, title: string): boolean {
  const at = text.indexOf(title)
  const isPart = (letter: string | undefined) => letter !== undefined && /[\w-]/.test(letter)
  return at >= 0 && !isPart(text[at - 1]) && !isPart(text[at + title.length])
}

const KEYS = Object.keys(PAGES).join('|')
const KEY_AFTER_NAME = new RegExp(` \\((?:${KEYS})\\)`, 'g')
const KEY = new RegExp(`\\b(?:${KEYS})\\b`, 'g')
const spelled = new Map<string, string>()

/**
 * The sources of a rule as a reader knows them: a key that stands behind a name goes, one that stands alone becomes the
 * name of its page. `AR; nat-sku (NSKU)` is `api-server-authorized-ip-ranges; nat-sku`.
 */
export function expandSources(source: string): string {
  const known = spelled.get(source)
  if (known !== undefined) return known
  const text = source
    .replace(/ \(RPERR\)/g, ', error code of the AKS resource provider')
    .replace(KEY_AFTER_NAME, '')
    .replace(KEY, (key) => PAGES[key]?.title ?? key)
  spelled.set(source, text)
  return text
}
