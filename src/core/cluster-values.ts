import { LOAD_BALANCER_PATH, NAT_GATEWAY_PATH, OUTBOUND_TYPE_PATH } from './field-changes.ts'
import type { Json } from './json.ts'
import { readOutboundType } from './outbound-type.ts'
import type { ClusterFacts } from './snapshot.ts'

/**
 * What the cluster's body shows at a path that plans write, in ARM's shape; null for absent. Only the
 * paths of `field-changes.ts` are known. The type is canonical: absent is `loadBalancer`, and a preview
 * version's `managedNATGatewayV2` is a managed NAT gateway of SKU StandardV2.
 */
export function valueAt(cluster: ClusterFacts, path: string): Json {
  if (path === OUTBOUND_TYPE_PATH) return outboundTypeOf(cluster)
  if (path === LOAD_BALANCER_PATH) return wholeProfile(loadBalancerValues(cluster))
  if (path === NAT_GATEWAY_PATH) return wholeProfile(natGatewayValues(cluster))
  const field = path.split('/').at(-1) ?? ''
  const profile = path.startsWith(LOAD_BALANCER_PATH)
    ? loadBalancerValues(cluster)
    : natGatewayValues(cluster)
  return profile[field] ?? null
}

function outboundTypeOf(cluster: ClusterFacts): Json {
  const type = readOutboundType(cluster.outboundType, cluster.natGatewayProfile?.sku)
  return type.kind === 'known' ? type.outboundType : type.raw
}

function isStandardV2(cluster: ClusterFacts): boolean {
  const type = readOutboundType(cluster.outboundType, cluster.natGatewayProfile?.sku)
  return type.kind === 'known' && type.key === 'managedNATGatewayV2'
}

function loadBalancerValues(cluster: ClusterFacts): Record<string, Json> {
  const profile = cluster.loadBalancerProfile
  if (profile === null) return {}
  return {
    managedOutboundIPs: counts(profile.managedCount, profile.managedCountIpv6),
    outboundIPs: wrap(
      'publicIPs',
      profile.outboundIpIds.map((id) => ({ id })),
    ),
    outboundIPPrefixes: wrap(
      'publicIPPrefixes',
      profile.outboundIpPrefixIds.map((id) => ({ id })),
    ),
    // Older API versions show neither when nothing was customized (recording 5); then ARM's defaults are in force.
    allocatedOutboundPorts: profile.allocatedOutboundPorts ?? 0,
    idleTimeoutInMinutes: profile.idleTimeoutInMinutes ?? 30,
  }
}

function natGatewayValues(cluster: ClusterFacts): Record<string, Json> {
  const profile = cluster.natGatewayProfile
  if (profile === null) return {}
  return {
    sku: isStandardV2(cluster) ? 'StandardV2' : null,
    managedOutboundIPProfile: counts(profile.managedCount, profile.managedCountIpv6),
    outboundIPs: wrap('publicIPs', profile.outboundIpIds),
    outboundIPPrefixes: wrap('publicIPPrefixes', profile.outboundIpPrefixIds),
    idleTimeoutInMinutes: profile.idleTimeoutInMinutes ?? 4,
  }
}

function counts(count: number | null, countIPv6: number | null): Json {
  if (count === null && countIPv6 === null) return null
  return countIPv6 === null || countIPv6 === 0 ? { count } : { count, countIPv6 }
}

function wrap(key: string, ids: Json[]): Json {
  return ids.length === 0 ? null : { [key]: ids }
}

function wholeProfile(values: Record<string, Json>): Json {
  const present = Object.entries(values).filter(([, value]) => value !== null)
  return present.length === 0 ? null : Object.fromEntries(present)
}
