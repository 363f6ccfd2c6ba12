import {
  hasBasicLoadBalancer,
  isManagedNatGateway,
  networkProfileOf,
  outboundTypeKey,
  supportsManagedNatGatewayV2,
  supportsNatGatewaySku,
} from '../arm/managed-cluster.ts'
import { orderedNetworkProfile } from '../egress/change-egress.ts'
import {
  orderedLoadBalancerProfile,
  withDefaultAddresses,
  withoutAddresses,
} from '../egress/load-balancer.ts'
import { orderedNatGatewayProfile, withNatDefaults } from '../egress/nat-gateway.ts'
import { type JsonObject, numberAt, objectAt, textAt, withMembers } from '../lib/json.ts'
import { hasStandardV2 } from '../validation/outbound-type.ts'
import type { EgressChange } from '../world/operation.ts'

/**
 * Reads which egress a merged cluster requests, as the api-version of the request defines it (azure-rest-api-specs,
 * containerservice). Versions without `sku` mean Standard. The previews of early 2026 spell StandardV2 as a separate
 * type. The returned profiles are complete and without effective addresses.
 */
export function resolveDesiredEgress(
  current: JsonObject,
  wanted: JsonObject,
  apiVersion: string,
): EgressChange {
  const before = networkProfileOf(current)
  const profile = networkProfileOf(wanted)
  const to = targetKey(current, profile, apiVersion)
  const from = outboundTypeKey(before)
  return {
    from,
    to,
    loadBalancerProfile:
      to === 'loadBalancer' && !hasBasicLoadBalancer(profile)
        ? loadBalancerProfile(current, profile)
        : undefined,
    natGatewayProfile: isManagedNatGateway(to) ? natGatewayProfile(before, profile, to) : undefined,
    ignored: false,
    before,
    accessBefore: objectAt(current, 'properties', 'apiServerAccessProfile'),
  }
}

function targetKey(current: JsonObject, profile: JsonObject, apiVersion: string): string {
  const before = outboundTypeKey(networkProfileOf(current))
  const type = textAt(profile, 'outboundType') ?? before
  if (type !== 'managedNATGateway') return type
  const sku = textAt(profile, 'natGatewayProfile', 'sku')
  if (supportsNatGatewaySku(apiVersion) && sku !== undefined)
    return sku === 'StandardV2' ? 'managedNATGatewayV2' : 'managedNATGateway'
  // If the version has a separate type for StandardV2, the plain type means Standard. Otherwise, it keeps the SKU of
  // the gateway.
  if (supportsManagedNatGatewayV2(apiVersion)) return 'managedNATGateway'
  if (isManagedNatGateway(before)) return before
  // The default SKU of clusters that change to a NAT gateway is not documented. The default of new clusters is used.
  const isV2 = supportsNatGatewaySku(apiVersion) && hasStandardV2(textAt(current, 'location') ?? '')
  return isV2 ? 'managedNATGatewayV2' : 'managedNATGateway'
}

export const DEFAULT_POOL_TYPE = 'nodeIPConfiguration'

/** The type of backend pools in a sent profile, with the small first letter of recorded answers. */
export function shownPoolType(profile: JsonObject | undefined): string | undefined {
  const type = textAt(profile, 'backendPoolType')
  return type === undefined ? undefined : type.charAt(0).toLowerCase() + type.slice(1)
}

function loadBalancerProfile(current: JsonObject, profile: JsonObject): JsonObject {
  const left = objectAt(networkProfileOf(current), 'loadBalancerProfile')
  // Without a profile in the request, the current addresses stay; a profile replaces them (azure-cli, module acs).
  const sent = objectAt(profile, 'loadBalancerProfile') ?? left ?? {}
  const rest = left === undefined ? { backendPoolType: DEFAULT_POOL_TYPE } : withoutAddresses(left)
  const merged = withMembers(
    { ...rest, ...sent },
    {
      effectiveOutboundIPs: undefined,
      backendPoolType: shownPoolType(sent) ?? rest.backendPoolType,
    },
  )
  if (numberAt(merged, 'managedOutboundIPs', 'countIPv6') === 0)
    merged.managedOutboundIPs = withMembers(objectAt(merged, 'managedOutboundIPs') ?? {}, {
      countIPv6: undefined,
    })
  return orderedLoadBalancerProfile(withDefaultAddresses(current, merged))
}

function natGatewayProfile(before: JsonObject, profile: JsonObject, to: string): JsonObject {
  const left = withMembers(objectAt(before, 'natGatewayProfile') ?? {}, { effectiveOutboundIPs: undefined })
  const sent = objectAt(profile, 'natGatewayProfile') ?? left
  const sku = to === 'managedNATGatewayV2' ? 'StandardV2' : 'Standard'
  return withNatDefaults({ ...sent, sku })
}

/**
 * The networkProfile that is shown during the change: the new type, the complete old profile, and the new profile
 * without effective addresses (recordings 1, 2 and 4). The form for a change from a NAT gateway is inferred.
 */
export function networkProfileWhileUpdating(wanted: JsonObject, change: EgressChange): JsonObject {
  const old = change.before
  const oldBalancer = objectAt(old, 'loadBalancerProfile')
  const oldGateway = objectAt(old, 'natGatewayProfile')
  const effective = (profile: JsonObject | undefined) =>
    profile?.effectiveOutboundIPs === undefined ? {} : { effectiveOutboundIPs: profile.effectiveOutboundIPs }
  const loadBalancerProfile =
    change.loadBalancerProfile === undefined
      ? oldBalancer
      : orderedLoadBalancerProfile({ ...change.loadBalancerProfile, ...effective(oldBalancer) })
  const natGatewayProfile =
    change.natGatewayProfile === undefined
      ? oldGateway
      : orderedNatGatewayProfile({ ...change.natGatewayProfile, ...effective(oldGateway) })
  const outboundType = isManagedNatGateway(change.to) ? 'managedNATGateway' : change.to
  return orderedNetworkProfile(
    withMembers(networkProfileOf(wanted), { outboundType, loadBalancerProfile, natGatewayProfile }),
  )
}
