import { nodeResourceId } from '../cluster/cluster-facts.ts'
import { idsAt, type JsonObject, numberAt, objectsAt, references, textAt, withMembers } from '../json.ts'
import type { World } from '../world/world.ts'

/** Names that AKS gives to the parts of its load balancer (rulebook section 4; the IPv6 names are inferred). */
const OUTBOUND = { IPv4: 'aksOutboundRule', IPv6: 'aksOutboundRule-ipv6' } as const
const POOLS = { IPv4: 'aksOutboundBackendPool', IPv6: 'aksOutboundBackendPool-ipv6' } as const

/** The id of the cluster's load balancer. */
export function loadBalancerId(cluster: JsonObject): string {
  return nodeResourceId(cluster, 'loadBalancers', 'kubernetes')
}

/**
 * Writes the load balancer `kubernetes` so that exactly the given addresses and prefixes serve outbound traffic.
 * Frontends and rules of Services stay as they are. Without addresses the outbound part goes, and the whole load
 * balancer too when no Service uses it (inferred; rulebook section 4, L−).
 */
export function writeOutboundRules(
  world: World,
  cluster: JsonObject,
  egress: { ids: readonly string[]; profile: JsonObject },
): void {
  const id = loadBalancerId(cluster)
  const current = world.get(id) ?? emptyLoadBalancer(world, cluster, id)
  const services = withoutOutbound(current)
  if (egress.ids.length === 0) {
    if (objectsAt(services, 'properties', 'loadBalancingRules').length === 0) world.remove(id)
    else world.put({ ...services, etag: `W/"${world.nextGuid()}"` })
    return
  }
  world.put(withOutbound(world, services, egress))
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
  const frontends = egress.ids.map((address) => frontend(id, address, OUTBOUND[familyOf(world, address)]))
  const properties = body.properties as JsonObject
  return {
    ...body,
    etag: `W/"${world.nextGuid()}"`,
    properties: {
      ...properties,
      frontendIPConfigurations: [...frontends, ...objectsAt(properties, 'frontendIPConfigurations')],
      backendAddressPools: [
        ...families.map((family) => part(id, 'backendAddressPools', POOLS[family], {})),
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
  return part(id, 'outboundRules', OUTBOUND[family], {
    allocatedOutboundPorts: numberAt(egress.profile, 'allocatedOutboundPorts') ?? 0,
    protocol: 'All',
    enableTcpReset: true,
    idleTimeoutInMinutes: numberAt(egress.profile, 'idleTimeoutInMinutes') ?? 30,
    frontendIPConfigurations: references(
      own.map((address) => `${id}/frontendIPConfigurations/${address.split('/').at(-1)}`),
    ),
    backendAddressPool: { id: `${id}/backendAddressPools/${POOLS[family]}` },
  })
}

/** The outbound frontends are those that an outbound rule names; a Service's frontend is named by its own rules. */
function withoutOutbound(body: JsonObject): JsonObject {
  const named = objectsAt(body, 'properties', 'outboundRules')
    .flatMap((rule) => idsAt(rule, 'properties', 'frontendIPConfigurations'))
    .map((frontendId) => frontendId.toLowerCase())
  const pools: string[] = Object.values(POOLS)
  const properties = body.properties as JsonObject
  return {
    ...body,
    properties: withMembers(properties, {
      frontendIPConfigurations: objectsAt(properties, 'frontendIPConfigurations').filter(
        (entry) => !named.includes((textAt(entry, 'id') ?? '').toLowerCase()),
      ),
      backendAddressPools: objectsAt(properties, 'backendAddressPools').filter(
        (entry) => !pools.includes(textAt(entry, 'name') ?? ''),
      ),
      outboundRules: [],
    }),
  }
}

function frontend(loadBalancer: string, address: string, rule: string): JsonObject {
  const isPrefix = /\/publicIPPrefixes\//i.test(address)
  return part(loadBalancer, 'frontendIPConfigurations', address.split('/').at(-1) ?? '', {
    privateIPAllocationMethod: 'Dynamic',
    [isPrefix ? 'publicIPPrefix' : 'publicIPAddress']: { id: address },
    outboundRules: [{ id: `${loadBalancer}/outboundRules/${rule}` }],
  })
}

/** A child of a load balancer: name, id and properties with their state. */
export function part(owner: string, kind: string, name: string, properties: JsonObject): JsonObject {
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
    etag: `W/"${world.nextGuid()}"`,
    type: 'Microsoft.Network/loadBalancers',
    location: textAt(cluster, 'location'),
    properties: {
      provisioningState: 'Succeeded',
      resourceGuid: world.nextGuid(),
      frontendIPConfigurations: [],
      backendAddressPools: [part(id, 'backendAddressPools', 'kubernetes', {})],
      loadBalancingRules: [],
      probes: [],
      inboundNatRules: [],
      outboundRules: [],
      inboundNatPools: [],
    },
    sku: { name: 'Standard', tier: 'Regional' },
  }
}
