import { isDualStack, networkProfileOf, nodeResourceId } from '../arm/managed-cluster.ts'
import {
  at,
  idsAt,
  inOrder,
  type JsonObject,
  lowerCaseAt,
  numberAt,
  objectAt,
  objectsAt,
  references,
  textAt,
  withMembers,
  withProperties,
} from '../lib/json.ts'
import { holderOf } from '../network/in-use.ts'
import type { World } from '../world/world.ts'
import { createManagedIp, managedIpsAmong, scaleManagedIps } from './managed-resources.ts'

/** Names that AKS gives to the parts of its load balancer (observed in recordings; the IPv6 names are inferred). */
const OUTBOUND_RULE_NAMES = { IPv4: 'aksOutboundRule', IPv6: 'aksOutboundRule-ipv6' } as const
const OUTBOUND_POOL_NAMES = { IPv4: 'aksOutboundBackendPool', IPv6: 'aksOutboundBackendPool-ipv6' } as const

/** The id of the cluster's load balancer. */
export function loadBalancerId(cluster: JsonObject): string {
  return nodeResourceId(cluster, 'loadBalancers', 'kubernetes')
}

/**
 * Writes the load balancer `kubernetes` so that exactly the given addresses and prefixes serve outbound traffic.
 * Frontends and rules of Services do not change. Without addresses, the outbound part is removed, and the whole load
 * balancer is deleted if no Service uses it (inferred; AKS release notes of 2020-07-27).
 */
function writeOutboundRules(
  world: World,
  cluster: JsonObject,
  egress: { ids: readonly string[]; profile: JsonObject },
): void {
  const id = loadBalancerId(cluster)
  const current = world.get(id) ?? emptyLoadBalancer(world, cluster, id)
  const services = withoutOutbound(current)
  if (egress.ids.length === 0) {
    if (objectsAt(services, 'properties', 'loadBalancingRules').length === 0) world.remove(id)
    else world.replace(services)
    return
  }
  world.replace(withOutbound(world, services, egress))
}

function withOutbound(
  world: World,
  body: JsonObject,
  egress: { ids: readonly string[]; profile: JsonObject },
): JsonObject {
  const id = textAt(body, 'id') ?? ''
  const families = (['IPv4', 'IPv6'] as const).filter(
    (family) => family === 'IPv4' || egress.ids.some((address) => familyOf(world, address) === 'IPv6'),
  )
  const properties = body.properties as JsonObject
  const ofServices = objectsAt(properties, 'frontendIPConfigurations')
  const frontends = egress.ids.map((address) => {
    const own = frontend(id, address, OUTBOUND_RULE_NAMES[familyOf(world, address)])
    const shared = ofServices.find((entry) => entry.id === own.id)
    return shared === undefined
      ? own
      : withProperties(shared, { outboundRules: at(own, 'properties', 'outboundRules') })
  })
  return {
    ...body,
    properties: {
      ...properties,
      frontendIPConfigurations: [
        ...frontends,
        ...ofServices.filter((entry) => !frontends.some((own) => own.id === entry.id)),
      ],
      backendAddressPools: [
        ...families.map((family) =>
          loadBalancerChild(id, 'backendAddressPools', OUTBOUND_POOL_NAMES[family], {}),
        ),
        ...objectsAt(properties, 'backendAddressPools'),
      ],
      outboundRules: families.map((family) => outboundRule(world, id, family, egress)),
    },
  }
}

function outboundRule(
  world: World,
  id: string,
  family: 'IPv4' | 'IPv6',
  egress: { ids: readonly string[]; profile: JsonObject },
): JsonObject {
  const own = egress.ids.filter((address) => familyOf(world, address) === family)
  return loadBalancerChild(id, 'outboundRules', OUTBOUND_RULE_NAMES[family], {
    allocatedOutboundPorts: numberAt(egress.profile, 'allocatedOutboundPorts') ?? 0,
    protocol: 'All',
    enableTcpReset: true,
    idleTimeoutInMinutes: numberAt(egress.profile, 'idleTimeoutInMinutes') ?? 30,
    frontendIPConfigurations: references(
      own.map((address) => `${id}/frontendIPConfigurations/${address.split('/').at(-1)}`),
    ),
    backendAddressPool: { id: `${id}/backendAddressPools/${OUTBOUND_POOL_NAMES[family]}` },
  })
}

/**
 * The outbound frontends are those that an outbound rule names. A frontend that rules of a Service also use stays, with
 * its address: Microsoft.Network rejects rules without a frontend (AKS#5275; that AKS keeps it is inferred).
 */
function withoutOutbound(body: JsonObject): JsonObject {
  const named = objectsAt(body, 'properties', 'outboundRules')
    .flatMap((rule) => idsAt(rule, 'properties', 'frontendIPConfigurations'))
    .map((frontendId) => frontendId.toLowerCase())
  const ofServices = new Set(
    objectsAt(body, 'properties', 'loadBalancingRules').map((rule) =>
      lowerCaseAt(rule, 'properties', 'frontendIPConfiguration', 'id'),
    ),
  )
  const pools: string[] = Object.values(OUTBOUND_POOL_NAMES)
  const properties = body.properties as JsonObject
  return {
    ...body,
    properties: withMembers(properties, {
      frontendIPConfigurations: objectsAt(properties, 'frontendIPConfigurations')
        .filter(
          (entry) => !named.includes(lowerCaseAt(entry, 'id')) || ofServices.has(lowerCaseAt(entry, 'id')),
        )
        .map((entry) => withProperties(entry, { outboundRules: undefined })),
      backendAddressPools: objectsAt(properties, 'backendAddressPools').filter(
        (entry) => !pools.includes(textAt(entry, 'name') ?? ''),
      ),
      outboundRules: [],
    }),
  }
}

function frontend(loadBalancer: string, address: string, rule: string): JsonObject {
  const isPrefix = /\/publicIPPrefixes\//i.test(address)
  return loadBalancerChild(loadBalancer, 'frontendIPConfigurations', address.split('/').at(-1) ?? '', {
    privateIPAllocationMethod: 'Dynamic',
    [isPrefix ? 'publicIPPrefix' : 'publicIPAddress']: { id: address },
    outboundRules: [{ id: `${loadBalancer}/outboundRules/${rule}` }],
  })
}

/** A child of a load balancer: name, id and properties with their state. */
export function loadBalancerChild(
  owner: string,
  kind: string,
  name: string,
  properties: JsonObject,
): JsonObject {
  return {
    name,
    id: `${owner}/${kind}/${name}`,
    properties: { provisioningState: 'Succeeded', ...properties },
  }
}

function familyOf(world: World, address: string): 'IPv4' | 'IPv6' {
  return textAt(world.get(address), 'properties', 'publicIPAddressVersion') === 'IPv6' ? 'IPv6' : 'IPv4'
}

function emptyLoadBalancer(world: World, cluster: JsonObject, id: string): JsonObject {
  return {
    name: 'kubernetes',
    id,
    etag: world.nextEtag(),
    type: 'Microsoft.Network/loadBalancers',
    location: textAt(cluster, 'location'),
    properties: {
      provisioningState: 'Succeeded',
      resourceGuid: world.nextGuid(),
      frontendIPConfigurations: [],
      backendAddressPools: [loadBalancerChild(id, 'backendAddressPools', 'kubernetes', {})],
      loadBalancingRules: [],
      probes: [],
      inboundNatRules: [],
      outboundRules: [],
      inboundNatPools: [],
    },
    sku: { name: 'Standard', tier: 'Regional' },
  }
}

/** Order of members in a shown profile (test/data/recordings). */
const PROFILE_ORDER = [
  'managedOutboundIPs',
  'outboundIPPrefixes',
  'outboundIPs',
  'effectiveOutboundIPs',
  'allocatedOutboundPorts',
  'idleTimeoutInMinutes',
  'backendPoolType',
  'clusterServiceLoadBalancerHealthProbeMode',
]

/** A load balancer profile in the order in which it is shown. */
export function orderedLoadBalancerProfile(profile: JsonObject): JsonObject {
  return inOrder(profile, PROFILE_ORDER)
}

/**
 * Makes the load balancer carry egress as in `wanted`: managed addresses are created or released to match the count,
 * and customer-provided addresses and prefixes are attached. Returns the profile with its effective addresses.
 */
export function enableLoadBalancerEgress(world: World, cluster: JsonObject, wanted: JsonObject): JsonObject {
  const profile = withDefaultAddresses(cluster, wanted)
  const present = idsAt(networkProfileOf(cluster), 'loadBalancerProfile', 'effectiveOutboundIPs')
  createMissingIps(world, cluster, present)
  const v4 = scaleFamily(
    world,
    cluster,
    present,
    'IPv4',
    numberAt(profile, 'managedOutboundIPs', 'count') ?? 0,
  )
  const v6 = scaleFamily(
    world,
    cluster,
    present,
    'IPv6',
    numberAt(profile, 'managedOutboundIPs', 'countIPv6') ?? 0,
  )
  const ids = [...customerAddresses(profile), ...v4.ids, ...v6.ids]
  writeOutboundRules(world, cluster, { ids, profile })
  for (const id of [...v4.surplus, ...v6.surplus]) release(world, id)
  return orderedLoadBalancerProfile({ ...profile, effectiveOutboundIPs: references(ids) })
}

/**
 * Removes egress from the load balancer: its outbound rules are deleted, managed addresses are released,
 * customer-provided addresses are only detached. Returns the profile that AKS shows afterwards, which has no addresses
 * (recordings 1 and 2).
 */
export function disableLoadBalancerEgress(world: World, cluster: JsonObject): JsonObject | undefined {
  const profile = objectAt(networkProfileOf(cluster), 'loadBalancerProfile')
  const present = idsAt(profile, 'effectiveOutboundIPs')
  writeOutboundRules(world, cluster, { ids: [], profile: {} })
  for (const family of ['IPv4', 'IPv6'] as const)
    for (const id of managedIpsAmong(world, cluster, present, family)) release(world, id)
  return profile === undefined ? undefined : withoutAddresses(profile)
}

/** Deletes an address unless something still uses it. */
function release(world: World, id: string): void {
  if (holderOf(world.get(id) ?? {}) === undefined) world.remove(id)
}

/** The part of a profile without addresses. */
export function withoutAddresses(profile: JsonObject): JsonObject {
  return withMembers(profile, {
    managedOutboundIPs: undefined,
    outboundIPs: undefined,
    outboundIPPrefixes: undefined,
    effectiveOutboundIPs: undefined,
  })
}

/** The customer-provided addresses and prefixes. */
export function customerAddresses(profile: JsonObject): string[] {
  return [
    ...idsAt(profile, 'outboundIPPrefixes', 'publicIPPrefixes'),
    ...idsAt(profile, 'outboundIPs', 'publicIPs'),
  ]
}

/** If the request names no source of addresses: one managed address, and one IPv6 address for dual stack. */
export function withDefaultAddresses(cluster: JsonObject, wanted: JsonObject): JsonObject {
  if (customerAddresses(wanted).length > 0) return wanted
  const given = objectAt(wanted, 'managedOutboundIPs')
  const count = numberAt(given, 'count') ?? 1
  const countIPv6 = numberAt(given, 'countIPv6') ?? (isDualStack(networkProfileOf(cluster)) ? 1 : 0)
  return orderedLoadBalancerProfile({
    ...wanted,
    managedOutboundIPs: countIPv6 > 0 ? { count, countIPv6 } : { count },
  })
}

function scaleFamily(
  world: World,
  cluster: JsonObject,
  present: readonly string[],
  family: 'IPv4' | 'IPv6',
  count: number,
): { ids: string[]; surplus: string[] } {
  const existing = managedIpsAmong(world, cluster, present, family)
  return scaleManagedIps(world, cluster, existing, { family, sku: 'Standard', count })
}

/** A cluster from a bare body can name addresses that do not exist yet. */
function createMissingIps(world: World, cluster: JsonObject, present: readonly string[]): void {
  for (const id of present) {
    if (world.get(id) !== undefined || !/\/publicIPAddresses\//i.test(id)) continue
    createManagedIp(world, cluster, { family: id.endsWith('-ipv6') ? 'IPv6' : 'IPv4', sku: 'Standard', id })
  }
}
