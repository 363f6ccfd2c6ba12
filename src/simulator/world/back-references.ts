import { idsAt, type JsonObject, listAt, objectsAt, textAt, withProperties } from '../lib/json.ts'

/**
 * A reference from one resource to another that Azure also shows on the target. `place` is the property of the target
 * that shows it: a list of `{ id }`, or (`one`) a single `{ id }`.
 */
export interface BackReference {
  targetId: string
  place: string
  shape: 'list' | 'one'
  /** The id that the target shows: the subnet, gateway or frontend that refers to it. */
  shows: string
}

/** All references of a resource of a type (lower case) that are mirrored on their targets. The mirrored names are those of the public specification. */
export function backReferencesOf(type: string, body: JsonObject): BackReference[] {
  switch (type) {
    case 'microsoft.network/virtualnetworks':
      return objectsAt(body, 'properties', 'subnets').flatMap(subnetReferences)
    case 'microsoft.network/natgateways':
      return natGatewayReferences(body)
    case 'microsoft.network/loadbalancers':
      return frontendReferences(
        objectsAt(body, 'properties', 'frontendIPConfigurations'),
        'loadBalancerFrontendIpConfiguration',
      )
    case 'microsoft.network/azurefirewalls':
      return [
        ...frontendReferences(objectsAt(body, 'properties', 'ipConfigurations'), 'ipConfiguration'),
        ...policyReferences(body, 'firewallPolicy', 'firewalls'),
      ]
    case 'microsoft.network/firewallpolicies':
      return policyReferences(body, 'basePolicy', 'childPolicies')
    case 'microsoft.network/firewallpolicies/rulecollectiongroups':
      return groupReferences(body)
    case 'microsoft.network/publicipaddresses':
      return prefixReferences(body)
    default:
      return []
  }
}

/** An address that was taken out of a prefix is listed by it. */
function prefixReferences(body: JsonObject): BackReference[] {
  const targetId = textAt(body, 'properties', 'publicIPPrefix', 'id')
  const shows = textAt(body, 'id') ?? ''
  return targetId === undefined ? [] : [{ targetId, place: 'publicIPAddresses', shape: 'list', shows }]
}

function subnetReferences(subnet: JsonObject): BackReference[] {
  const shows = textAt(subnet, 'id') ?? ''
  return ['natGateway', 'routeTable', 'networkSecurityGroup'].flatMap((member): BackReference[] => {
    const targetId = textAt(subnet, 'properties', member, 'id')
    return targetId === undefined ? [] : [{ targetId, place: 'subnets', shape: 'list', shows }]
  })
}

function natGatewayReferences(body: JsonObject): BackReference[] {
  const shows = textAt(body, 'id') ?? ''
  const places = ['publicIpAddresses', 'publicIpPrefixes', 'publicIpAddressesV6', 'publicIpPrefixesV6']
  const addresses = places.flatMap((place) => idsAt(body, 'properties', place))
  const network = textAt(body, 'properties', 'sourceVirtualNetwork', 'id')
  return [
    ...addresses.map((targetId) => ({ targetId, place: 'natGateway', shape: 'one' as const, shows })),
    ...(network
      ? [{ targetId: network, place: 'defaultPublicNatGateway', shape: 'one' as const, shows }]
      : []),
  ]
}

function policyReferences(body: JsonObject, member: string, place: string): BackReference[] {
  const targetId = textAt(body, 'properties', member, 'id')
  const shows = textAt(body, 'id') ?? ''
  return targetId === undefined ? [] : [{ targetId, place, shape: 'list', shows }]
}

function groupReferences(body: JsonObject): BackReference[] {
  const shows = textAt(body, 'id') ?? ''
  const [targetId = ''] = shows.split(/\/ruleCollectionGroups\//i)
  return [{ targetId, place: 'ruleCollectionGroups', shape: 'list', shows }]
}

function frontendReferences(configurations: JsonObject[], prefixPlace: string): BackReference[] {
  return configurations.flatMap((configuration): BackReference[] => {
    const shows = textAt(configuration, 'id') ?? ''
    const address = textAt(configuration, 'properties', 'publicIPAddress', 'id')
    const prefix = textAt(configuration, 'properties', 'publicIPPrefix', 'id')
    return [
      ...(address ? [{ targetId: address, place: 'ipConfiguration', shape: 'one' as const, shows }] : []),
      ...(prefix ? [{ targetId: prefix, place: prefixPlace, shape: 'one' as const, shows }] : []),
    ]
  })
}

/** The target with the link; the same object if it already has the link. */
export function withBackReference(target: JsonObject, link: BackReference): JsonObject {
  if (link.shape === 'one') {
    return textAt(target, 'properties', link.place, 'id') === link.shows
      ? target
      : withProperties(target, { [link.place]: { id: link.shows } })
  }
  if (idsAt(target, 'properties', link.place).some((id) => equalsIgnoringCase(id, link.shows))) return target
  return withProperties(target, {
    [link.place]: [...listAt(target, 'properties', link.place), { id: link.shows }],
  })
}

/** The target without the link; an emptied list disappears, as empty lists do in the recorded bodies. */
export function withoutBackReference(target: JsonObject, link: BackReference): JsonObject {
  if (link.shape === 'one') {
    return equalsIgnoringCase(textAt(target, 'properties', link.place, 'id') ?? '', link.shows)
      ? withProperties(target, { [link.place]: undefined })
      : target
  }
  const left = objectsAt(target, 'properties', link.place).filter(
    (entry) => !equalsIgnoringCase(textAt(entry, 'id') ?? '', link.shows),
  )
  return withProperties(target, { [link.place]: left.length > 0 ? left : undefined })
}

/** True if two links are equal. */
export function isSameBackReference(a: BackReference, b: BackReference): boolean {
  return (
    equalsIgnoringCase(a.targetId, b.targetId) && a.place === b.place && equalsIgnoringCase(a.shows, b.shows)
  )
}

function equalsIgnoringCase(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}
