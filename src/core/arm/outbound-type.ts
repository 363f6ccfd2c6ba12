import {
  type NatGatewaySku,
  type OutboundType,
  TYPE_KEYS,
  type TypeKey,
} from '../../contract/outbound-type.ts'

/** The matrix key of a canonical type; an unnamed SKU means `Standard`. */
export function typeKeyOf(outboundType: OutboundType, sku?: NatGatewaySku | null): TypeKey {
  return outboundType === 'managedNATGateway' && sku === 'StandardV2' ? 'managedNATGatewayV2' : outboundType
}

/** The canonical pair behind a matrix key. */
export function typeOfKey(key: TypeKey): { outboundType: OutboundType; sku: NatGatewaySku | null } {
  if (key === 'managedNATGatewayV2') return { outboundType: 'managedNATGateway', sku: 'StandardV2' }
  if (key === 'managedNATGateway') return { outboundType: 'managedNATGateway', sku: 'Standard' }
  return { outboundType: key, sku: null }
}

/**
 * Reads the outbound type of a cluster from ARM. A missing type means `loadBalancer` (egress-outboundtype). Letter case
 * is ignored, because the documentation is inconsistent. A type that the support matrix does not list has
 * `kind: 'unknown'`, because it must never count as a load balancer.
 */
export function readOutboundType(
  raw: string | null | undefined,
  sku: string | null | undefined,
):
  | { kind: 'known'; key: TypeKey; outboundType: OutboundType; sku: NatGatewaySku | null }
  | { kind: 'unknown'; raw: string } {
  const wanted = (raw ?? 'loadBalancer').toLowerCase()
  const key = TYPE_KEYS.find((candidate) => candidate.toLowerCase() === wanted)
  if (key === undefined) return { kind: 'unknown', raw: String(raw) }
  const isV2 = key === 'managedNATGateway' && (sku ?? '').toLowerCase() === 'standardv2'
  const canonical = isV2 ? 'managedNATGatewayV2' : key
  return { kind: 'known', key: canonical, ...typeOfKey(canonical) }
}

/** The newest stable version of Microsoft.ContainerService that this service knows (@azure/arm-containerservice 25.5.0). */
export const LATEST_API_VERSION = '2026-06-01'

/**
 * The newest stable version that can write a managed NAT gateway of SKU Standard: it has no `sku` field, which means
 * `Standard`. From 2026-06-01 on, the service reportedly rejects an explicit `Standard` in regions with StandardV2
 * (AKS engineering blog).
 */
export const STANDARD_NAT_API_VERSION = '2026-05-01'

/** The API version for a PUT with this outbound type; `block` needs the configured preview version. */
export function writeApiVersion(type: TypeKey | null, previewApiVersion: string | null): string {
  if (type === 'managedNATGateway') return STANDARD_NAT_API_VERSION
  if (type === 'block') return previewApiVersion ?? LATEST_API_VERSION
  return LATEST_API_VERSION
}

/**
 * The API version of writes to Microsoft.Network: the newest that recordings show, so that a subnet that is read
 * and written back loses nothing (recordings/network__test_natgateway_nat64).
 */
export const NETWORK_API_VERSION = '2025-07-01'
