import type { SubnetFacts } from '../core/network-facts.ts'
import type { BodyReader } from './body-reader.ts'

/** The facts of a subnet; `pools` is for the core to fill. */
export function translateSubnet(body: BodyReader): SubnetFacts {
  const properties = body.at('properties')
  const prefixes = properties.texts('addressPrefixes')
  const prefix = properties.text('addressPrefix')
  return {
    id: body.requiredText('id'),
    pools: [],
    // ARM shows one prefix in the singular and several in the plural.
    addressPrefixes: prefixes.length === 0 && prefix !== null ? [prefix] : prefixes,
    natGatewayId: properties.at('natGateway').text('id'),
    routeTableId: properties.at('routeTable').text('id'),
    networkSecurityGroupId: properties.at('networkSecurityGroup').text('id'),
    defaultOutboundAccess: properties.optionalFlag('defaultOutboundAccess'),
    occupantGroups: groupsOf(properties.ids('ipConfigurations')),
  }
}

/** Nodes by the thousand have an entry each; the groups that they lie in are few. */
function groupsOf(ids: string[]): string[] {
  const groups = new Set<string>()
  for (const id of ids) {
    const match = /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+/i.exec(id)
    if (match !== null) groups.add(match[0].toLowerCase())
  }
  return [...groups]
}
