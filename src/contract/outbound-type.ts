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

export const SUPPORTS = ['supported', 'unsupported', 'disputed', 'sameType'] as const

export type Support = (typeof SUPPORTS)[number]
