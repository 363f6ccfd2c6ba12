/**
 * The words for outbound types.
 *
 * ARM has one enum, `networkProfile.outboundType`, and since API 2026-06-01 a second field,
 * `natGatewayProfile.sku`, that splits one of its values in two. The support matrix keys its rows by
 * a *type key*, which folds the two into one word. Source: rulebook 1.3 (SPEC1, SDK).
 */

/** ARM's `networkProfile.outboundType`, without the retired value `managedNATGatewayV2`. */
export const OUTBOUND_TYPES = [
  'loadBalancer',
  'managedNATGateway',
  'userAssignedNATGateway',
  'userDefinedRouting',
  'none',
  'block',
] as const
export type OutboundType = (typeof OUTBOUND_TYPES)[number]

/** ARM's `natGatewayProfile.sku`. */
export const NAT_GATEWAY_SKUS = ['Standard', 'StandardV2'] as const
export type NatGatewaySku = (typeof NAT_GATEWAY_SKUS)[number]

/** A row or column of the support matrix. */
export const TYPE_KEYS = [
  'loadBalancer',
  'managedNATGateway',
  'managedNATGatewayV2',
  'userAssignedNATGateway',
  'userDefinedRouting',
  'none',
  'block',
] as const
export type TypeKey = (typeof TYPE_KEYS)[number]

/** Whether AKS owns the virtual network (`managed`) or the user brought it (`byo`). */
export const VNET_KINDS = ['managed', 'byo'] as const
export type VnetKind = (typeof VNET_KINDS)[number]

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
 * Reads what ARM shows of a cluster's outbound type. Absent means `loadBalancer` (EO). Letter case is
 * folded because documents mix it. A word that no edition knows stays as it is (`kind: 'unknown'`): it
 * must never be taken for a load balancer (rulebook CANON_BLOCK_VERSION).
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
