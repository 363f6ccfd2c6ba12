import type { Openness } from '../../contract/routing.ts'
import { armWord, equalsArm } from '../arm/words.ts'
import type { FirewallRuleSet } from '../egress/next-hop-firewall.ts'
import {
  includesPort,
  isPrivate,
  type Match,
  matchCidr,
  strongestMatch,
  weakestMatch,
} from '../lib/address-space.ts'
import { isCidr } from '../lib/cidr.ts'
import type {
  ApplicationRuleFacts,
  NetworkRuleFacts,
  RuleCollectionFacts,
} from '../snapshot/firewall-facts.ts'
import type { CandidateEndpoint } from './endpoint-list.ts'

/** The FQDN tag of Azure Firewall that contains the published list and is updated automatically (limit-egress-traffic). */
export const AKS_FQDN_TAG = 'AzureKubernetesService'

/**
 * The result of a firewall for packets from one CIDR to an endpoint. It evaluates network rules before application
 * rules, each kind in the given order. The first matching collection applies, and packets without a match are denied
 * (Azure Firewall: rule processing). A collection that may match adds its action to the possible actions. The result is
 * proven if only one action is possible: an uncertain Allow before an Allow changes nothing.
 */
export function evaluateFirewall(
  endpoint: CandidateEndpoint,
  source: string,
  { collections, dnsProxy }: FirewallRuleSet & { unread: null },
): Exclude<Openness, 'notChecked'> {
  const network = collections.filter((collection) => collection.kind === 'network')
  const application = collections.filter((collection) => collection.kind === 'application')
  const possible = new Set<RuleCollectionFacts['action']>()
  for (const collection of [...network, ...application]) {
    const match = matchOf(collection, endpoint, source, dnsProxy)
    if (match !== 'no') possible.add(collection.action)
    if (match === 'yes') return opennessOf(possible)
  }
  return opennessOf(possible.add('Deny'))
}

function opennessOf(possible: Set<RuleCollectionFacts['action']>): Exclude<Openness, 'notChecked'> {
  if (possible.size > 1) return 'notProven'
  return possible.has('Allow') ? 'open' : 'blocked'
}

function matchOf(
  collection: RuleCollectionFacts,
  endpoint: CandidateEndpoint,
  source: string,
  dnsProxy: boolean,
): Match {
  const matches =
    collection.kind === 'network'
      ? collection.rules.map((rule) => ruleMatch(rule, source, toNetwork(rule, endpoint, dnsProxy)))
      : collection.rules.map((rule) => ruleMatch(rule, source, toApplication(rule, endpoint)))
  return strongestMatch(matches)
}

/** Most rules have other destinations, so their sources are not evaluated. */
function ruleMatch(rule: NetworkRuleFacts | ApplicationRuleFacts, source: string, to: Match): Match {
  return to === 'no' ? 'no' : weakestMatch([to, from(rule, source)])
}

/** Whether an application rule with the tag of AKS allows these sources, or may allow them by a source that was not read. */
export function mayHaveAksTag(book: FirewallRuleSet & { unread: null }, sources: string[]): boolean {
  return book.collections.some(
    (collection) =>
      collection.kind === 'application' &&
      collection.action === 'Allow' &&
      collection.rules.some(
        (rule) =>
          namesAksTag(rule) &&
          (rule.hasUnreadSources || sources.every((source) => from(rule, source) === 'yes')),
      ),
  )
}

function namesAksTag({ fqdnTags }: ApplicationRuleFacts): boolean {
  return fqdnTags.some((tag) => equalsArm(tag, AKS_FQDN_TAG))
}

function from(rule: NetworkRuleFacts | ApplicationRuleFacts, source: string): Match {
  return strongestMatch([matchCidr(rule.sources, source), rule.hasUnreadSources ? 'maybe' : 'no'])
}

function toNetwork(rule: NetworkRuleFacts, endpoint: CandidateEndpoint, dnsProxy: boolean): Match {
  const transport = endpoint.protocol === 'UDP' ? 'UDP' : 'TCP'
  if (!rule.protocols.some((protocol) => armWord(protocol, [transport, 'Any']) !== null)) return 'no'
  if (!includesPort(rule.ports, endpoint.port)) return 'no'
  const names = endpoint.kind === 'fqdn' ? rule.fqdns.map((name) => namesFit(name, endpoint.destination)) : []
  return strongestMatch([
    ...rule.destinations.map((destination) => destinationFits(destination, endpoint)),
    // Without the DNS proxy of the firewall, a name in a network rule may resolve to another address than on the node.
    weakestMatch([strongestMatch(names), dnsProxy ? 'yes' : 'maybe']),
    rule.hasUnreadDestinations ? 'maybe' : 'no',
  ])
}

/** A destination of a network rule: everything, a service tag, or the addresses of a name or tag. */
function destinationFits(place: string, endpoint: CandidateEndpoint): Match {
  if (place === '*' || place === '0.0.0.0/0') return 'yes'
  if (endpoint.kind === 'address' && isCidr(endpoint.destination)) {
    // No service tag of Azure Firewall contains private addresses.
    const isTag = /^[a-z]\w*(\.\w+)*$/i.test(place)
    return isTag && isPrivate(endpoint.destination) ? 'no' : matchCidr([place], endpoint.destination)
  }
  if (isCidr(place) || /^[\d.]+-[\d.]+$/.test(place)) return isPrivate(place) ? 'no' : 'maybe'
  const tags = [endpoint.serviceTag, endpoint.kind === 'serviceTag' ? endpoint.destination : undefined]
  const fits = tags.some((tag) => tag !== undefined && tagHolds(place, tag))
  if (fits) return 'yes'
  // The addresses of a tag are not evaluated. Tags of another region or of Azure Monitor contain no endpoint that nodes
  // need to start.
  return endpoint.kind === 'serviceTag' || /^AzureMonitor$/i.test(place) ? 'no' : 'maybe'
}

/** `AzureCloud` contains `AzureCloud.eastus`, in any letter case. */
function tagHolds(tag: string, wanted: string): boolean {
  const [have, need] = [tag.toLowerCase(), wanted.toLowerCase()]
  return have === need || need.startsWith(`${have}.`)
}

function toApplication(rule: ApplicationRuleFacts, endpoint: CandidateEndpoint): Match {
  if (endpoint.kind !== 'fqdn' || !['HTTPS', 'HTTP'].includes(endpoint.protocol)) return 'no'
  const usual = endpoint.protocol === 'HTTPS' ? 443 : 80
  const fits = rule.protocols.some(
    ({ type, port }) => equalsArm(type, endpoint.protocol) && (port ?? usual) === endpoint.port,
  )
  if (!fits) return 'no'
  const byTag: Match = namesAksTag(rule) ? (endpoint.isListed ? 'yes' : 'maybe') : 'no'
  const byName = strongestMatch(rule.fqdns.map((name) => namesFit(name, endpoint.destination)))
  const found = strongestMatch([byTag, byName])
  if (!rule.hasOtherConditions) return found
  return found === 'no' && rule.fqdns.length > 0 ? 'no' : 'maybe'
}

/** Whether a name in a rule covers a required name. Both may start with `*`. */
function namesFit(name: string, wanted: string): Match {
  const [have, need] = [name.toLowerCase(), wanted.toLowerCase()]
  if (have === '*' || have === need) return 'yes'
  const suffix = (text: string) => text.replace(/^\*/, '')
  if (have.startsWith('*') && suffix(need).endsWith(suffix(have))) return 'yes'
  return need.startsWith('*') && have !== '' && suffix(have).endsWith(suffix(need)) ? 'maybe' : 'no'
}
