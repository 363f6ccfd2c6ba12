import type { Json } from '../../contract/json.ts'
import type { FieldChange } from '../../contract/steps.ts'
import type { LoadBalancerTarget, NatGatewayTarget, Target } from '../../contract/target.ts'
import { readOutboundType } from '../arm/outbound-type.ts'
import type { ClusterFacts } from '../snapshot/snapshot.ts'

const NETWORK = '/properties/networkProfile'
export const OUTBOUND_TYPE_PATH = `${NETWORK}/outboundType`
export const LOAD_BALANCER_PATH = `${NETWORK}/loadBalancerProfile`
export const NAT_GATEWAY_PATH = `${NETWORK}/natGatewayProfile`
export const RANGES_PATH = '/properties/apiServerAccessProfile/authorizedIPRanges'

/**
 * The fields that a target sets in the cluster's body. The profile of any other type goes out of the
 * body whole: the service refuses some mixtures (InvalidUserDefinedRoutingWithLoadBalancerProfile) and
 * drops others in silence (needs N7). The Azure CLI does the same (cli-rules 4).
 */
export function fieldChanges(target: Target): FieldChange[] {
  const type = set(OUTBOUND_TYPE_PATH, target.outboundType)
  switch (target.outboundType) {
    case 'loadBalancer':
      return [type, ...loadBalancerFields(target.loadBalancer), remove(NAT_GATEWAY_PATH)]
    case 'managedNATGateway':
      return [type, ...natGatewayFields(target.natGateway), remove(LOAD_BALANCER_PATH)]
    default:
      return [type, remove(LOAD_BALANCER_PATH), remove(NAT_GATEWAY_PATH)]
  }
}

/** The three kinds of addresses exclude each other, so the two that are not wanted are removed (LB_ONE_IP_SOURCE). */
function loadBalancerFields(wanted: LoadBalancerTarget): FieldChange[] {
  const at = (field: string) => `${LOAD_BALANCER_PATH}/${field}`
  return [
    setOrRemove(at('managedOutboundIPs'), managedCounts(wanted)),
    setOrRemove(
      at('outboundIPs'),
      listOf(
        'publicIPs',
        wanted.outboundIpIds.map((id) => ({ id })),
      ),
    ),
    setOrRemove(
      at('outboundIPPrefixes'),
      listOf(
        'publicIPPrefixes',
        wanted.outboundIpPrefixIds.map((id) => ({ id })),
      ),
    ),
    set(at('allocatedOutboundPorts'), wanted.allocatedOutboundPorts),
    set(at('idleTimeoutInMinutes'), wanted.idleTimeoutInMinutes),
  ]
}

/**
 * StandardV2 names its SKU and takes ids as plain strings; Standard is written on an API version that
 * has no SKU field, so the field is taken out (rulebook 3.2, 3.3; NATV1_SKU_REJECTED_IN_V2_REGION).
 */
function natGatewayFields(wanted: NatGatewayTarget): FieldChange[] {
  const at = (field: string) => `${NAT_GATEWAY_PATH}/${field}`
  return [
    setOrRemove(at('sku'), wanted.sku === 'StandardV2' ? wanted.sku : null),
    setOrRemove(at('managedOutboundIPProfile'), managedCounts(wanted)),
    setOrRemove(at('outboundIPs'), listOf('publicIPs', wanted.outboundIpIds)),
    setOrRemove(at('outboundIPPrefixes'), listOf('publicIPPrefixes', wanted.outboundIpPrefixIds)),
    set(at('idleTimeoutInMinutes'), wanted.idleTimeoutInMinutes),
  ]
}

function managedCounts(wanted: LoadBalancerTarget | NatGatewayTarget): Json {
  const { managedOutboundIpCount: count, managedOutboundIpv6Count: countIPv6 } = wanted
  if (count === null) return null
  return countIPv6 === null || countIPv6 === 0 ? { count } : { count, countIPv6 }
}

function listOf(key: string, ids: Json[]): Json {
  return ids.length === 0 ? null : { [key]: ids }
}

function set(path: string, value: Json): FieldChange {
  return { op: 'set', path, value }
}

function remove(path: string): FieldChange {
  return { op: 'remove', path }
}

function setOrRemove(path: string, value: Json): FieldChange {
  return value === null ? remove(path) : set(path, value)
}

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

/**
 * The target's fields that differ from what the cluster shows. Leftovers of a profile that the service
 * keeps after a former change (ports and time-out of a load balancer that was left; recordings 1 and 2)
 * are taken out too: a body may hold no profile of another type.
 */
export function plannedFields(context: {
  snapshot: { cluster: ClusterFacts }
  target: Target
}): FieldChange[] {
  return differingFields(context.target, context.snapshot.cluster)
}

/** As `plannedFields`, from the cluster alone. */
export function differingFields(target: Target, cluster: ClusterFacts): FieldChange[] {
  return fieldChanges(target).filter((field) => {
    const before = valueAt(cluster, field.path)
    return field.op === 'set' ? !sameValue(before, field.value) : before !== null
  })
}

/** Whether the wanted target is what the cluster has already; leftovers of other profiles do not count. */
export function isAlreadyReached(target: Target, cluster: ClusterFacts): boolean {
  return differingFields(target, cluster).every(
    (field) => field.op === 'remove' && isWholeProfile(field.path),
  )
}

function isWholeProfile(path: string): boolean {
  return path === LOAD_BALANCER_PATH || path === NAT_GATEWAY_PATH
}

function sameValue(before: unknown, after: unknown): boolean {
  const text = (value: unknown) => JSON.stringify(value)?.toLowerCase()
  return text(before) === text(after)
}
