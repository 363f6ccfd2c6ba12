import type { Confidence } from '../../contract/finding.ts'

const LEARN = 'https://learn.microsoft.com/en-us'
const AKS = `${LEARN}/azure/aks/`
const NAT = `${LEARN}/azure/nat-gateway/`
const GITHUB = 'https://github.com'

/** Describes the members of the managed cluster resource. */
export const AKS_SDK = '@azure/arm-containerservice 25.5.0'

export const STANDARD_V2_BLOG =
  'AKS engineering blog "Announcing StandardV2 NAT Gateway for AKS-managed egress"'

/**
 * Every page and package that rules and comments cite, by its title, with its URL and the date of the edition that was
 * read; null where there is none. A URL that ends in a slash is completed by the title.
 */
export const PAGES = {
  'egress-outboundtype': [AKS, '2026-08-05'],
  'nat-gateway': [AKS, '2026-07-07'],
  'egress-udr': [AKS, '2023-05-10'],
  'limit-egress-traffic': [AKS, '2023-12-05'],
  'outbound-rules-control-egress': [AKS, '2026-06-18'],
  'api-server-authorized-ip-ranges': [AKS, '2026-08-03'],
  'api-server-service-tags': [AKS, '2024-05-19'],
  'load-balancer-standard': [AKS, '2024-01-23'],
  'configure-load-balancer-standard': [AKS, '2024-01-23'],
  'troubleshoot-source-network-address-translation': [AKS, '2024-01-23'],
  'concepts-network-isolated': [AKS, '2026-06-15'],
  'network-isolated': [AKS, '2025-06-20'],
  'private-clusters': [AKS, '2026-08-05'],
  'api-server-vnet-integration': [AKS, '2026-04-15'],
  'configure-static-egress-gateway': [AKS, '2026-08-06'],
  'use-node-public-ips': [AKS, '2026-06-17'],
  'configure-kubenet': [AKS, '2026-04-16'],
  'upgrade-basic-load-balancer-on-aks': [AKS, '2025-08-29'],
  'intro-aks-automatic': [AKS, '2026-07-07'],
  'node-auto-provisioning': [AKS, '2026-02-15'],
  'node-disruption-policy': [AKS, '2026-03-11'],
  'use-node-disruption-policy': [AKS, '2026-03-11'],
  'configure-dual-stack': [AKS, '2023-12-07'],
  'azure-cni-overlay': [AKS, '2026-07-31'],
  'virtual-nodes': [AKS, '2023-11-06'],
  'http-proxy': [AKS, '2026-02-18'],
  'istio-deploy-egress': [AKS, '2025-04-25'],
  'quotas-skus-regions': [AKS, '2026-08-03'],
  'use-etags': [AKS, '2024-06-10'],
  'aks-service-permissions': [AKS, '2026-04-19'],
  'managed-identity-overview': [AKS, '2026-08-18'],
  'start-stop-cluster': [AKS, '2026-07-21'],
  'node-pool-unique-subnet': [AKS, '2025-09-26'],
  'reliability-zone-resiliency-recommendations': [AKS, '2026-06-05'],
  'use-multiple-standard-load-balancer': [AKS, '2025-05-13'],
  'best-practices-performance-scale-large': [AKS, '2026-06-05'],
  'support-policies': [AKS, '2026-06-09'],
  'concepts-network-cni-overview': [AKS, '2026-07-10'],
  'node-resource-group-lockdown': [AKS, '2026-06-30'],
  'concepts-preview-api-life-cycle': [AKS, '2026-03-31'],
  'nat-sku': [NAT, '2026-07-27'],
  'nat-overview': [NAT, '2022-12-06'],
  'nat-gateway-design': [NAT, '2023-07-11'],
  'nat-gateway-resource': [NAT, '2023-07-10'],
  'troubleshoot-nat': [NAT, '2022-08-29'],
  'nat-availability-zones': [NAT, null],
  'load-balancer-outbound-connections': [`${LEARN}/azure/load-balancer/`, '2023-03-06'],
  'outbound-rules': [`${LEARN}/azure/load-balancer/`, '2024-04-11'],
  'default-outbound-access': [`${LEARN}/azure/virtual-network/ip-services/`, '2022-03-02'],
  'azure-virtual-network-limits': [
    `${LEARN}/azure/azure-resource-manager/management/azure-subscription-service-limits`,
    '2022-12-05',
  ],
  'request-limits-and-throttling': [`${LEARN}/azure/azure-resource-manager/management/`, null],
  'guidance-for-throttled-requests': [`${LEARN}/azure/governance/resource-graph/concepts/`, null],
  'lock-resources': [`${LEARN}/azure/azure-resource-manager/management/`, null],
  'kubernetes-service-principal': [AKS, null],
  [AKS_SDK]: ['https://www.npmjs.com/package/@azure/arm-containerservice', null],
  '@azure/arm-network 36.0.0': ['https://www.npmjs.com/package/@azure/arm-network', null],
  'azure-rest-api-specs pull request 45002': [
    'https://github.com/Azure/azure-rest-api-specs/pull/45002',
    '2026-07-27',
  ],
  'azure-cli pull request 34017': ['https://github.com/Azure/azure-cli/pull/34017', '2026-09-02'],
  [STANDARD_V2_BLOG]: [null, '2026-09-29'],
  'error codes of the AKS resource provider': [null, null],
  'Karpenter Azure provider, node public IPs': [null, null],
  'third-party Terraform module notes': [null, null],
  'AKS troubleshooting': [`${LEARN}/troubleshoot/azure/azure-kubernetes/welcome-azure-kubernetes`, null],
} satisfies Record<string, [url: string | null, asOf: string | null]>

type PageTitle = keyof typeof PAGES

/** Where a rule comes from: a page, a part of a page, a publication with a number or date, or another text. */
export type Reference =
  | PageTitle
  | `${PageTitle}, ${string}`
  | `AKS release notes ${string}`
  | `Azure/AKS issue${string}`
  | `azure-docs issue ${string}`
  | `terraform-provider-azurerm issue${string}`
  | `azure-aks-docs pull request ${string}`
  | `Azure Resource Manager: ${string}`
  | `${string}-error`
  | 'this plan'
  | 'this service'
  | { text: string }

/** An error code of the AKS resource provider, whose codes no page lists. */
export function errorCode(code: string): Reference {
  return { text: `${code}, error code of the AKS resource provider` }
}

/** What a rule is based on, and how far Azure confirms it. */
export interface Evidence {
  confidence: Confidence
  /** The references as one text, as findings show them. */
  text: string
}

/** Documented by Azure. */
export const documented = (...references: Reference[]): Evidence => evidence('documented', references)
/** Not documented, but seen by users. */
export const observed = (...references: Reference[]): Evidence => evidence('observed', references)
/** Neither: concluded from the references. */
export const inferred = (...references: Reference[]): Evidence => evidence('inferred', references)

function evidence(confidence: Confidence, references: Reference[]): Evidence {
  const texts = references.map((reference) => (typeof reference === 'string' ? reference : reference.text))
  return { confidence, text: texts.join('; ') }
}

export interface Source {
  text: string
  /** null if unknown. */
  url: string | null
}

/** Publications that are cited by number or date. */
const NUMBERED: [RegExp, (match: string) => string][] = [
  [/Azure\/AKS issues? (\d+)/, (issue) => `${GITHUB}/Azure/AKS/issues/${issue}`],
  [/azure-docs issue (\d+)/, (issue) => `${GITHUB}/MicrosoftDocs/azure-docs/issues/${issue}`],
  [
    /terraform-provider-azurerm issues? (\d+)/,
    (issue) => `${GITHUB}/hashicorp/terraform-provider-azurerm/issues/${issue}`,
  ],
  [/azure-aks-docs pull request (\d+)/, (pull) => `${GITHUB}/MicrosoftDocs/azure-aks-docs/pull/${pull}`],
  [/AKS release notes (\d{4}-\d\d-\d\d)/, () => `${GITHUB}/Azure/AKS/blob/master/CHANGELOG.md`],
  [/^([a-z-]+-error)\b/, (page) => `${LEARN}/troubleshoot/azure/azure-kubernetes/error-codes/${page}`],
]

/** The references in the `source` of a finding, each with the URL of the page that it names first. */
export function linkSources(source: string): Source[] {
  return source.split('; ').map((text) => ({ text, url: urlOf(text) }))
}

function urlOf(text: string): string | null {
  for (const [pattern, url] of NUMBERED) {
    const match = pattern.exec(text)?.[1]
    if (match !== undefined) return url(match)
  }
  // The longest title: `nat-gateway` is also the beginning of other titles.
  const title = Object.keys(PAGES)
    .filter((title) => namesPage(text, title))
    .sort((a, b) => b.length - a.length)[0]
  return title === undefined ? null : pageUrl(title)
}

/** The URL of the page with this title; null if it has none. */
export function pageUrl(title: string): string | null {
  const url = Object.entries(PAGES).find(([key]) => key === title)?.[1][0] ?? null
  return url?.endsWith('/') ? `${url}${title}` : url
}

/** Whether the text names this page, and not a page whose title contains this title. */
function namesPage(text: string, title: string): boolean {
  const start = text.indexOf(title)
  const isWord = (character: string | undefined) => character !== undefined && /[\w-]/.test(character)
  return start >= 0 && !isWord(text[start - 1]) && !isWord(text[start + title.length])
}
