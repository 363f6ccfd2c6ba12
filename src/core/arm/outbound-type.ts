import type { NatGatewaySku, OutboundType, TypeKey } from '../../contract/outbound-type.ts'
import { TYPE_KEYS } from '../../contract/outbound-type.ts'

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
