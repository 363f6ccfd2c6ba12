import type { NetworkSecurityGroupFacts, SecurityRuleFacts } from '../core/security-rules.ts'
import type { BodyReader } from './body-reader.ts'

/** The facts of a network security group: its own rules and the default ones, the first to decide first. */
export function translateNetworkSecurityGroup(body: BodyReader): NetworkSecurityGroupFacts {
  const properties = body.at('properties')
  const rules = [...properties.list('securityRules'), ...properties.list('defaultSecurityRules')]
  return {
    id: body.requiredText('id'),
    subnetIds: properties.ids('subnets'),
    rules: rules.map(translateRule).sort((a, b) => a.priority - b.priority),
  }
}

function translateRule(body: BodyReader): SecurityRuleFacts {
  const rule = body.at('properties')
  const groups = ['sourceApplicationSecurityGroups', 'destinationApplicationSecurityGroups']
  return {
    name: body.text('name') ?? '',
    direction: rule.text('direction')?.toLowerCase() === 'inbound' ? 'Inbound' : 'Outbound',
    access: rule.text('access')?.toLowerCase() === 'deny' ? 'Deny' : 'Allow',
    priority: rule.number('priority') ?? Number.MAX_SAFE_INTEGER,
    protocol: rule.text('protocol') ?? '*',
    sources: oneOrMany(rule, 'sourceAddressPrefix', 'sourceAddressPrefixes'),
    destinations: oneOrMany(rule, 'destinationAddressPrefix', 'destinationAddressPrefixes'),
    destinationPorts: oneOrMany(rule, 'destinationPortRange', 'destinationPortRanges'),
    usesApplicationGroups: groups.some((name) => rule.list(name).length > 0),
  }
}

/** ARM shows one value in the singular and several in the plural. */
function oneOrMany(rule: BodyReader, single: string, many: string): string[] {
  const value = rule.text(single)
  return [...(value ? [value] : []), ...rule.texts(many)]
}
