import type { BodyReader } from '../client/body-reader.ts'

export type RuleKind = 'network' | 'nat' | 'application'

/** A rule collection of an Azure Firewall or a firewall policy, with its rules in the form of ARM. */
export interface RuleCollection {
  name: string
  /** The collection with the lowest number is evaluated first. */
  priority: number
  /** A NAT collection has the action `DNAT` or `SNAT`, and allows the traffic that it translates. */
  action: 'Allow' | 'Deny'
  rules: { kind: RuleKind | null; place: string; body: BodyReader }[]
}

/** The classic rule collections of one kind, from the properties of a firewall that has no policy. */
export function classicRuleCollections(firewall: BodyReader, kind: RuleKind): RuleCollection[] {
  return firewall.list(`${kind}RuleCollections`).map((collection, index) => {
    const place = `/properties/${kind}RuleCollections/${index}/properties`
    return toRuleCollection(collection, collection.at('properties'), place, () => kind)
  })
}

/** The rule collections of one rule collection group of a firewall policy. */
export function policyRuleCollections(group: BodyReader): RuleCollection[] {
  const place = `/ruleCollectionGroups/${group.string('name') ?? ''}/properties/ruleCollections`
  return group
    .at('properties')
    .list('ruleCollections')
    .map((collection, index) => toRuleCollection(collection, collection, `${place}/${index}`, kindOfRule))
}

const RULE_TYPES: [string, RuleKind][] = [
  ['NetworkRule', 'network'],
  ['NatRule', 'nat'],
  ['ApplicationRule', 'application'],
]

/** ARM allows rules of several kinds in one collection, although the firewall expects one. */
function kindOfRule(rule: BodyReader): RuleKind | null {
  return RULE_TYPES.find(([type]) => rule.is('ruleType', type))?.[1] ?? null
}

function toRuleCollection(
  named: BodyReader,
  properties: BodyReader,
  place: string,
  kindOf: (rule: BodyReader) => RuleKind | null,
): RuleCollection {
  return {
    name: named.string('name') ?? '',
    priority: properties.number('priority') ?? Number.MAX_SAFE_INTEGER,
    action: properties.at('action').oneOf('type', ['Allow', 'Deny'], 'Allow'),
    rules: properties
      .list('rules')
      .map((body, index) => ({ kind: kindOf(body), place: `${place}/rules/${index}`, body })),
  }
}
