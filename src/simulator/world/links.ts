import { idsAt, type JsonObject, listAt, objectsAt, textAt, withProperties } from '../json.ts'

/**
 * A reference from one resource to another that Azure also shows on the other side. `place` is the property of the
 * target that shows it: a list of `{ id }`, or (`one`) a single `{ id }`.
 */
export interface Link {
  targetId: string
  place: string
  shape: 'list' | 'one'
  /** The id that the target shows: the subnet, gateway or frontend that refers to it. */
  shows: string
}

/** All references of a resource of a type (lower case) that are mirrored on their targets. The mirrored names are those of the public specification. */
export function linksOf(type: string, body: JsonObject): Link[] {
  switch (type) {
    case 'microsoft.network/virtualnetworks':
      return objectsAt(body, 'properties', 'subnets').flatMap(subnetLinks)
    case 'microsoft.network/natgateways':
      return natGatewayLinks(body)
    case 'microsoft.network/loadbalancers':
      return frontendLinks(
        objectsAt(body, 'properties', 'frontendIPConfigurations'),
        'loadBalancerFrontendIpConfiguration',
      )
    case 'microsoft.network/azurefirewalls':
      return [
        ...frontendLinks(objectsAt(body, 'properties', 'ipConfigurations'), 'ipConfiguration'),
        ...policyLinks(body, 'firewallPolicy', 'firewalls'),
      ]
    case 'microsoft.network/firewallpolicies':
      return policyLinks(body, 'basePolicy', 'childPolicies')
    case 'microsoft.network/firewallpolicies/rulecollectiongroups':
      return groupLinks(body)
    case 'microsoft.network/publicipaddresses':
      return prefixLinks(body)
    default:
      return []
  }
}

/** An address that was taken out of a prefix is listed by it. */
function prefixLinks(body: JsonObject): Link[] {
  const targetId = textAt(body, 'properties', 'publicIPPrefix', 'id')
  const shows = textAt(body, 'id') ?? ''
  return targetId === undefined ? [] : [{ targetId, place: 'publicIPAddresses', shape: 'list', shows }]
}

function subnetLinks(subnet: JsonObject): Link[] {
  const shows = textAt(subnet, 'id') ?? ''
  return ['natGateway', 'routeTable', 'networkSecurityGroup'].flatMap((member): Link[] => {
    const targetId = textAt(subnet, 'properties', member, 'id')
    return targetId === undefined ? [] : [{ targetId, place: 'subnets', shape: 'list', shows }]
  })
}

function natGatewayLinks(body: JsonObject): Link[] {
  const shows = textAt(body, 'id') ?? ''
  const places = ['publicIpAddresses', 'publicIpPrefixes', 'publicIpAddressesV6', 'publicIpPrefixesV6']
  return places
    .flatMap((place) => idsAt(body, 'properties', place))
    .map((targetId) => ({ targetId, place: 'natGateway', shape: 'one', shows }))
}

function policyLinks(body: JsonObject, member: string, place: string): Link[] {
  const targetId = textAt(body, 'properties', member, 'id')
  const shows = textAt(body, 'id') ?? ''
  return targetId === undefined ? [] : [{ targetId, place, shape: 'list', shows }]
}

function groupLinks(body: JsonObject): Link[] {
  const shows = textAt(body, 'id') ?? ''
  const [targetId = ''] = shows.split(/\/ruleCollectionGroups\//i)
  return [{ targetId, place: 'ruleCollectionGroups', shape: 'list', shows }]
}

function frontendLinks(configurations: JsonObject[], prefixPlace: string): Link[] {
  return configurations.flatMap((configuration): Link[] => {
    const shows = textAt(configuration, 'id') ?? ''
    const address = textAt(configuration, 'properties', 'publicIPAddress', 'id')
    const prefix = textAt(configuration, 'properties', 'publicIPPrefix', 'id')
    return [
      ...(address ? [{ targetId: address, place: 'ipConfiguration', shape: 'one' as const, shows }] : []),
      ...(prefix ? [{ targetId: prefix, place: prefixPlace, shape: 'one' as const, shows }] : []),
    ]
  })
}

/** The target with the link shown on it; the same object when it was there already. */
export function withLink(target: JsonObject, link: Link): JsonObject {
  if (link.shape === 'one') {
    return textAt(target, 'properties', link.place, 'id') === link.shows
      ? target
      : withProperties(target, { [link.place]: { id: link.shows } })
  }
  if (idsAt(target, 'properties', link.place).some((id) => same(id, link.shows))) return target
  return withProperties(target, {
    [link.place]: [...listAt(target, 'properties', link.place), { id: link.shows }],
  })
}

/** The target without the link; an emptied list disappears, as empty lists do in the recorded bodies. */
export function withoutLink(target: JsonObject, link: Link): JsonObject {
  if (link.shape === 'one') {
    return same(textAt(target, 'properties', link.place, 'id') ?? '', link.shows)
      ? withProperties(target, { [link.place]: undefined })
      : target
  }
  const left = objectsAt(target, 'properties', link.place).filter(
    (entry) => !same(textAt(entry, 'id') ?? '', link.shows),
  )
  return withProperties(target, { [link.place]: left.length > 0 ? left : undefined })
}

/** True when two links say the same thing. */
export function sameLink(a: Link, b: Link): boolean {
  return same(a.targetId, b.targetId) && a.place === b.place && same(a.shows, b.shows)
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}
