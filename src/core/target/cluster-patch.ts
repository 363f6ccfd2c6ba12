import type { Json } from '../../contract/json.ts'
import type { NatGatewaySku } from '../../contract/outbound-type.ts'
import type { FieldChange } from '../../contract/steps.ts'
import type { LoadBalancerTarget, NatGatewayTarget, Target } from '../../contract/target.ts'
import { lastSegment } from '../arm/resource-id.ts'
import {
  customerIpIds,
  declaredEgress,
  declaredTypeLabel,
  hasServiceLoadBalancer,
} from '../snapshot/network-profile.ts'
import type { ClusterFacts, LoadBalancerProfileFacts, NatGatewayProfileFacts } from '../snapshot/snapshot.ts'

/** The default idle timeouts of ARM (load-balancer-standard, nat-gateway). */
export const DEFAULT_LOAD_BALANCER_IDLE_MINUTES = 30
export const DEFAULT_NAT_GATEWAY_IDLE_MINUTES = 4

const NETWORK = '/properties/networkProfile'
export const OUTBOUND_TYPE_PATH = `${NETWORK}/outboundType`
export const LOAD_BALANCER_PATH = `${NETWORK}/loadBalancerProfile`
export const NAT_GATEWAY_PATH = `${NETWORK}/natGatewayProfile`
export const RANGES_PATH = '/properties/apiServerAccessProfile/authorizedIPRanges'

/**
 * The fields that a target sets in the cluster's body. The profile of any other type is removed from the body: the
 * service rejects some mixtures (InvalidUserDefinedRoutingWithLoadBalancerProfile) and silently drops others. The
 * Azure CLI does the same. If the load balancer sends packets to pods, its profile stays, because AKS requires the type of
 * its backend pools.
 */
export function fieldChanges(target: Target, cluster: ClusterFacts): FieldChange[] {
  const type = set(OUTBOUND_TYPE_PATH, target.outboundType)
  const withoutBalancer = isOnlyForPods(cluster) ? [] : [remove(LOAD_BALANCER_PATH)]
  switch (target.outboundType) {
    case 'loadBalancer': {
      const profile = loadBalancerBody(target.loadBalancer)
      return [type, ...profileChanges(LOAD_BALANCER_PATH, profile), remove(NAT_GATEWAY_PATH)]
    }
    case 'managedNATGateway': {
      const profile = natGatewayBody(target.natGateway, target.natGateway.sku)
      return [type, ...profileChanges(NAT_GATEWAY_PATH, profile), ...withoutBalancer]
    }
    default:
      return [type, ...withoutBalancer, remove(NAT_GATEWAY_PATH)]
  }
}

/** Whether the cluster has a NAT gateway, and a load balancer without outbound addresses that sends packets to pods. */
function isOnlyForPods(cluster: ClusterFacts): boolean {
  const { outboundType } = declaredEgress(cluster)
  const isGateway = outboundType === 'managedNATGateway' || outboundType === 'userAssignedNATGateway'
  return isGateway && hasServiceLoadBalancer(cluster) && !hasOutboundAddresses(cluster.loadBalancerProfile)
}

function hasOutboundAddresses(profile: LoadBalancerProfileFacts | null): boolean {
  if (profile === null) return false
  const { managedOutboundIpCount, managedOutboundIpv6Count, effectiveOutboundIpIds } = profile
  const count = (managedOutboundIpCount ?? 0) + (managedOutboundIpv6Count ?? 0)
  return count > 0 || effectiveOutboundIpIds.length > 0 || customerIpIds(profile).length > 0
}

/** Fields that the target does not use are removed: the kinds of addresses exclude each other. */
function profileChanges(path: string, profile: Record<string, Json>): FieldChange[] {
  return Object.entries(profile).map(([field, value]) => setOrRemove(`${path}/${field}`, value))
}

/**
 * A load balancer profile in ARM's form; null for a field without a value. Older API versions show neither ports nor
 * idle time-out when nothing was customized; then ARM's defaults are in force.
 */
function loadBalancerBody(profile: LoadBalancerTarget | LoadBalancerProfileFacts): Record<string, Json> {
  return {
    managedOutboundIPs: managedCounts(profile),
    outboundIPs: listOf('publicIPs', references(profile.outboundIpIds)),
    outboundIPPrefixes: listOf('publicIPPrefixes', references(profile.outboundIpPrefixIds)),
    allocatedOutboundPorts: profile.allocatedOutboundPorts ?? 0,
    idleTimeoutInMinutes: profile.idleTimeoutInMinutes ?? DEFAULT_LOAD_BALANCER_IDLE_MINUTES,
  }
}

/**
 * A NAT gateway profile in ARM's form, with IDs as plain strings. Only StandardV2 names its SKU: Standard is written
 * on an API version without that field.
 */
function natGatewayBody(
  profile: NatGatewayTarget | NatGatewayProfileFacts,
  sku: NatGatewaySku | null,
): Record<string, Json> {
  return {
    sku: sku === 'StandardV2' ? sku : null,
    managedOutboundIPProfile: managedCounts(profile),
    outboundIPs: listOf('publicIPs', profile.outboundIpIds),
    outboundIPPrefixes: listOf('publicIPPrefixes', profile.outboundIpPrefixIds),
    idleTimeoutInMinutes: profile.idleTimeoutInMinutes ?? DEFAULT_NAT_GATEWAY_IDLE_MINUTES,
  }
}

function managedCounts({
  managedOutboundIpCount: count,
  managedOutboundIpv6Count: countIPv6,
}: Pick<LoadBalancerTarget, 'managedOutboundIpCount' | 'managedOutboundIpv6Count'>): Json {
  if (count === null && countIPv6 === null) return null
  return countIPv6 === null || countIPv6 === 0 ? { count } : { count, countIPv6 }
}

function references(ids: string[]): Json[] {
  return ids.map((id) => ({ id }))
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
 * The value of the cluster's body at one of the paths above, in ARM's form; null for an absent value. The type is
 * canonical. An absent type is `loadBalancer`, and a preview version's `managedNATGatewayV2` is a managed NAT gateway
 * of SKU StandardV2.
 */
export function valueAt(cluster: ClusterFacts, path: string): Json {
  if (path === OUTBOUND_TYPE_PATH) return declaredTypeLabel(cluster)
  const { loadBalancerProfile: balancer, natGatewayProfile: gateway } = cluster
  const profile = path.startsWith(LOAD_BALANCER_PATH)
    ? balancer && loadBalancerBody(balancer)
    : gateway && natGatewayBody(gateway, declaredEgress(cluster).sku)
  if (profile === null) return null
  return isWholeProfile(path) ? wholeProfile(profile) : (profile[lastSegment(path)] ?? null)
}

function wholeProfile(values: Record<string, Json>): Json {
  const present = Object.entries(values).filter(([, value]) => value !== null)
  return present.length === 0 ? null : Object.fromEntries(present)
}

/**
 * The target's fields that differ from the cluster. A body must not hold a profile of another type. So leftovers that
 * the service keeps of a former profile, such as ports and time-out of a load balancer, are removed too. Recordings
 * of Resource Manager show them.
 */
export function plannedFields(context: {
  snapshot: { cluster: ClusterFacts }
  target: Target
}): FieldChange[] {
  return differingFields(context.target, context.snapshot.cluster)
}

/** Like `plannedFields`, but from the cluster only. */
export function differingFields(target: Target, cluster: ClusterFacts): FieldChange[] {
  return fieldChanges(target, cluster).filter((field) => {
    const before = valueAt(cluster, field.path)
    return field.op === 'set' ? !sameValue(before, field.value) : before !== null
  })
}

/** Whether the cluster already matches the target; leftovers of other profiles are ignored. */
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
