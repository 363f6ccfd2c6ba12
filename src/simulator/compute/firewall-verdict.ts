import { type Block, coversBlock, parseBlock } from '../lib/ip.ts'
import { type JsonObject, listAt, lowerCaseAt, numberAt, objectsAt, textAt } from '../lib/json.ts'
import { tagPrefixLength } from '../watcher/service-tags.ts'
import type { WorldReader } from '../watcher/world-reader.ts'

/** One request of a node, as a firewall sees it. */
export interface FirewallRequest {
  source: Block | undefined
  address: Block
  /** Empty for traffic to an address without a name. */
  host: string
  port: number
  /** `tcp` for a connection that application rules cannot read, such as one to a proxy. */
  protocol: 'https' | 'http' | 'tcp' | 'udp'
}

/** `inspected`: the firewall ends TLS itself, with a certificate of this authority. */
export type FirewallVerdict = { kind: 'allowed' | 'denied' } | { kind: 'inspected'; authority: string }

interface Rule {
  isAllow: boolean
  body: JsonObject
}

/**
 * The verdict of an Azure Firewall on a request: network rules before application rules, a base policy before its
 * policy, groups and collections with lower numbers first. Without a match, the request is denied (rule-processing).
 */
export function firewallVerdict(
  reader: WorldReader,
  firewall: JsonObject,
  request: FirewallRequest,
): FirewallVerdict {
  const policy = reader.get(textAt(firewall, 'properties', 'firewallPolicy', 'id'))
  const rules = policy === undefined ? classicRules(firewall) : policyRules(reader, policy)
  const network = rules.find(({ body }) => isNetworkRule(body) && matchesNetwork(body, request))
  if (network !== undefined) return { kind: network.isAllow ? 'allowed' : 'denied' }
  const application = rules.find(({ body }) => !isNetworkRule(body) && matchesApplication(body, request))
  if (application?.isAllow !== true) return { kind: 'denied' }
  const authority = textAt(policy, 'properties', 'transportSecurity', 'certificateAuthority', 'name')
  return application.body.terminateTLS === true && authority !== undefined
    ? { kind: 'inspected', authority }
    : { kind: 'allowed' }
}

function classicRules(firewall: JsonObject): Rule[] {
  const collections = ['networkRuleCollections', 'applicationRuleCollections'].flatMap((list) =>
    byPriority(objectsAt(firewall, 'properties', list)),
  )
  return collections.flatMap((collection) =>
    objectsAt(collection, 'properties', 'rules').map((body) => ({
      isAllow: lowerCaseAt(collection, 'properties', 'action', 'type') === 'allow',
      body,
    })),
  )
}

function policyRules(reader: WorldReader, policy: JsonObject): Rule[] {
  const id = `${textAt(policy, 'id')}/`.toLowerCase()
  const base = reader.get(textAt(policy, 'properties', 'basePolicy', 'id'))
  const groups = reader
    .list('microsoft.network/firewallpolicies/rulecollectiongroups')
    .filter((group) => (textAt(group, 'id') ?? '').toLowerCase().startsWith(id))
  const own = byPriority(groups).flatMap((group) =>
    objectsAt(group, 'properties', 'ruleCollections')
      .toSorted((a, b) => (numberAt(a, 'priority') ?? 0) - (numberAt(b, 'priority') ?? 0))
      .flatMap((collection) =>
        objectsAt(collection, 'rules').map((body) => ({
          isAllow: lowerCaseAt(collection, 'action', 'type') === 'allow',
          body,
        })),
      ),
  )
  return [...(base === undefined ? [] : policyRules(reader, base)), ...own]
}

function byPriority(bodies: JsonObject[]): JsonObject[] {
  const priority = (body: JsonObject) => numberAt(body, 'properties', 'priority') ?? 0
  return bodies.toSorted((a, b) => priority(a) - priority(b))
}

/** Rules of a firewall without a policy have no type. */
function isNetworkRule(rule: JsonObject): boolean {
  return listAt(rule, 'destinationPorts').length > 0
}

function matchesNetwork(rule: JsonObject, request: FirewallRequest): boolean {
  const protocols = [...texts(rule, 'protocols'), ...texts(rule, 'ipProtocols')].map((each) =>
    each.toLowerCase(),
  )
  const protocol = request.protocol === 'udp' ? 'udp' : 'tcp'
  const isPort = texts(rule, 'destinationPorts').some((entry) => {
    const [from = '', to = from] = entry.split('-')
    return entry === '*' || (Number(from) <= request.port && request.port <= Number(to))
  })
  const isDestination =
    holds(texts(rule, 'destinationAddresses'), request.address) ||
    matchesName(texts(rule, 'destinationFqdns'), request.host)
  return (
    isPort &&
    isDestination &&
    protocols.some((each) => each === protocol || each === 'any') &&
    isSource(rule, request)
  )
}

function matchesApplication(rule: JsonObject, request: FirewallRequest): boolean {
  const isProtocol = objectsAt(rule, 'protocols').some(
    (each) =>
      lowerCaseAt(each, 'protocolType') === request.protocol && numberAt(each, 'port') === request.port,
  )
  const tags = texts(rule, 'fqdnTags').map((tag) => tag.toLowerCase())
  const isName =
    matchesName(texts(rule, 'targetFqdns'), request.host) ||
    (tags.includes('azurekubernetesservice') && matchesName(AKS_TAG, request.host))
  return isProtocol && isName && isSource(rule, request)
}

/** The names of the FQDN tag AzureKubernetesService (limit-egress-traffic). Microsoft does not publish the complete list. */
const AKS_TAG = [
  '*.azmk8s.io',
  'mcr.microsoft.com',
  '*.mcr.microsoft.com',
  '*.mcr-msedge.net',
  'management.azure.com',
  'login.microsoftonline.com',
  'packages.microsoft.com',
  'acs-mirror.azureedge.net',
  'packages.aks.azure.com',
  '*.ubuntu.com',
]

function matchesName(patterns: string[], host: string): boolean {
  return patterns.some((pattern) => {
    const text = pattern.toLowerCase()
    if (text === '*') return true
    return text.startsWith('*') ? host.toLowerCase().endsWith(text.slice(1)) : text === host.toLowerCase()
  })
}

function isSource(rule: JsonObject, { source }: FirewallRequest): boolean {
  const entries = texts(rule, 'sourceAddresses')
  return source === undefined || entries.length === 0 || holds(entries, source)
}

function holds(entries: string[], address: Block): boolean {
  const blocks = entries.flatMap((entry) => parseBlock(entry) ?? [])
  return (
    entries.includes('*') ||
    coversBlock(blocks, address) ||
    entries.some((entry) => parseBlock(entry) === undefined && tagPrefixLength(entry, address) !== undefined)
  )
}

function texts(rule: JsonObject, member: string): string[] {
  return listAt(rule, member).map(String)
}
