import type { TypeKey } from '../../contract/outbound-type.ts'

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
