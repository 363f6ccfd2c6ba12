import type { Confidence } from '../../contract/finding.ts'
import { isPageKey, PAGE_KEYS, type PageKey, pageTitle, pageUrl } from './pages.ts'

export { AKS_SDK, STANDARD_V2_BLOG } from './pages.ts'

const GITHUB = 'https://github.com'

/** The basis of a rule: a page, a part of a page, a publication with a number or date, or another text. */
export type Reference =
  | PageKey
  | `${PageKey}, ${string}`
  | `AKS release notes ${string}`
  | `Azure/AKS issue${string}`
  | `azure-docs issue ${string}`
  | `terraform-provider-azurerm issue${string}`
  | `azure-aks-docs pull request ${string}`
  | `azure-rest-api-specs pull request ${string}`
  | `azure-cli pull request ${string}`
  | `terraform-provider-azurerm pull request ${string}`
  | `pulumi-azure-native pull request ${string}`
  | `Azure Resource Manager: ${string}`
  | 'this plan'
  | 'this service'
  | { text: string }

/** An error code of the AKS resource provider. No page lists these codes. */
export function errorCode(code: string): Reference {
  return { text: `${code}, error code of the AKS resource provider` }
}

/** The references of a rule, and how far Azure confirms it. */
export interface Evidence {
  confidence: Confidence
  /** The references as one text, with the titles of the pages. */
  text: string
}

/** Documented by Azure. */
export const documented = (...references: Reference[]): Evidence => evidence('documented', references)
/** Not documented, but observed by users. */
export const observed = (...references: Reference[]): Evidence => evidence('observed', references)
/** Neither documented nor observed: inferred from the references. */
export const inferred = (...references: Reference[]): Evidence => evidence('inferred', references)

function evidence(confidence: Confidence, references: Reference[]): Evidence {
  const texts = references.map((reference) =>
    typeof reference === 'string' ? withTitle(reference) : reference.text,
  )
  return { confidence, text: texts.join('; ') }
}

/** The reference with the title of its page instead of the key. */
function withTitle(reference: string): string {
  const [key = '', ...parts] = reference.split(', ')
  return isPageKey(key) ? [pageTitle(key), ...parts].join(', ') : reference
}

export interface Source {
  text: string
  /** null if unknown. */
  url: string | null
}

/** Publications that references cite by number or date. */
const NUMBERED: [RegExp, (match: string) => string][] = [
  [/Azure\/AKS issues? (\d+)/, (issue) => `${GITHUB}/Azure/AKS/issues/${issue}`],
  [/azure-docs issue (\d+)/, (issue) => `${GITHUB}/MicrosoftDocs/azure-docs/issues/${issue}`],
  [
    /terraform-provider-azurerm issues? (\d+)/,
    (issue) => `${GITHUB}/hashicorp/terraform-provider-azurerm/issues/${issue}`,
  ],
  [/azure-aks-docs pull request (\d+)/, (pull) => `${GITHUB}/MicrosoftDocs/azure-aks-docs/pull/${pull}`],
  [/azure-rest-api-specs pull request (\d+)/, (pull) => `${GITHUB}/Azure/azure-rest-api-specs/pull/${pull}`],
  [/azure-cli pull request (\d+)/, (pull) => `${GITHUB}/Azure/azure-cli/pull/${pull}`],
  [
    /terraform-provider-azurerm pull request (\d+)/,
    (pull) => `${GITHUB}/hashicorp/terraform-provider-azurerm/pull/${pull}`,
  ],
  [/pulumi-azure-native pull request (\d+)/, (pull) => `${GITHUB}/pulumi/pulumi-azure-native/pull/${pull}`],
  [/AKS release notes (\d{4}-\d\d-\d\d)/, () => `${GITHUB}/Azure/AKS/blob/master/CHANGELOG.md`],
]

/** The references in the `source` of a finding, each with the URL of its page. */
export function linkSources(source: string): Source[] {
  return source.split('; ').map((text) => ({ text, url: urlOf(text) }))
}

function urlOf(text: string): string | null {
  for (const [pattern, url] of NUMBERED) {
    const match = pattern.exec(text)?.[1]
    if (match !== undefined) return url(match)
  }
  // The longest title, because a title can contain another title.
  const key = PAGE_KEYS.filter((key) => namesPage(text, pageTitle(key))).sort(
    (a, b) => pageTitle(b).length - pageTitle(a).length,
  )[0]
  return key === undefined ? null : pageUrl(key)
}

/** Whether the text contains this title as whole words. */
function namesPage(text: string, title: string): boolean {
  const start = text.indexOf(title)
  const isWord = (character: string | undefined) => character !== undefined && /[\w-]/.test(character)
  return start >= 0 && !isWord(text[start - 1]) && !isWord(text[start + title.length])
}
