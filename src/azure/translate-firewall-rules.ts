import type { ApplicationRuleFacts, NetworkRuleFacts, RuleCollectionFacts } from '../core/firewall-rules.ts'
import type { BodyReader } from './body-reader.ts'

/** The rule collections that a firewall without a policy holds itself, each kind by priority. */
export function translateClassicRules(properties: BodyReader): RuleCollectionFacts[] {
  const network = properties.list('networkRuleCollections').map((collection) => ({
    ...commonOf(collection, collection.at('properties')),
    kind: 'network' as const,
    rules: collection.at('properties').list('rules').map(networkRule),
  }))
  const application = properties.list('applicationRuleCollections').map((collection) => ({
    ...commonOf(collection, collection.at('properties')),
    kind: 'application' as const,
    rules: collection.at('properties').list('rules').map(applicationRule),
  }))
  return [...network.sort(byPriority), ...application.sort(byPriority)]
}

/** The rule collections of a policy's group, by priority; those for inbound traffic (DNAT) are left out. */
export function translateGroupRules(group: BodyReader): RuleCollectionFacts[] {
  const collections = group.at('properties').list('ruleCollections')
  return collections.flatMap(groupCollections).sort(byPriority)
}

/** ARM lets the rules of one collection differ in kind, although the firewall wants them alike. */
function groupCollections(collection: BodyReader): RuleCollectionFacts[] {
  if (collection.text('ruleCollectionType') === 'FirewallPolicyNatRuleCollection') return []
  const common = commonOf(collection, collection)
  const rules = collection.list('rules')
  const ofKind = (type: string) => rules.filter((rule) => rule.text('ruleType') === type)
  const network = ofKind('NetworkRule').map(networkRule)
  const application = ofKind('ApplicationRule').map(applicationRule)
  return [
    ...(network.length === 0 ? [] : [{ ...common, kind: 'network' as const, rules: network }]),
    ...(application.length === 0 ? [] : [{ ...common, kind: 'application' as const, rules: application }]),
  ]
}

function commonOf(named: BodyReader, properties: BodyReader) {
  const isDeny = properties.at('action').text('type')?.toLowerCase() === 'deny'
  return {
    name: named.text('name') ?? '',
    priority: properties.number('priority') ?? Number.MAX_SAFE_INTEGER,
    action: isDeny ? ('Deny' as const) : ('Allow' as const),
  }
}

/** A classic network rule names its `protocols`, one of a policy its `ipProtocols`. */
function networkRule(rule: BodyReader): NetworkRuleFacts {
  return {
    ...sourcesOf(rule),
    protocols: [...rule.texts('ipProtocols'), ...(rule.has('ipProtocols') ? [] : rule.texts('protocols'))],
    destinations: rule.texts('destinationAddresses'),
    fqdns: rule.texts('destinationFqdns'),
    ports: rule.texts('destinationPorts'),
    hasUnreadDestinations:
      rule.texts('destinationIpGroups').length + rule.texts('destinationGeoLocations').length > 0,
  }
}

function applicationRule(rule: BodyReader): ApplicationRuleFacts {
  const others = ['destinationAddresses', 'targetUrls', 'webCategories']
  return {
    ...sourcesOf(rule),
    protocols: rule
      .list('protocols')
      .map((protocol) => ({ type: protocol.text('protocolType') ?? '', port: protocol.number('port') })),
    fqdns: rule.texts('targetFqdns'),
    fqdnTags: rule.texts('fqdnTags'),
    hasOtherConditions: others.some((name) => rule.texts(name).length > 0),
  }
}

function sourcesOf(rule: BodyReader) {
  const unread = ['sourceIpGroups', 'sourceKubeSelectorGroups', 'sourceGeoLocations']
  return {
    name: rule.text('name') ?? '',
    sources: rule.texts('sourceAddresses'),
    hasUnreadSources: unread.some((name) => rule.texts(name).length > 0),
  }
}

function byPriority(a: { priority: number }, b: { priority: number }): number {
  return a.priority - b.priority
}
