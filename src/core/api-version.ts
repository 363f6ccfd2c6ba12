import type { TypeKey } from './outbound-type.ts'

/** The newest stable version of Microsoft.ContainerService that this service knows (SDK 25.5.0). */
export const NEWEST_API_VERSION = '2026-06-01'

/**
 * The newest stable version on which a managed NAT gateway of SKU Standard can be written: it has no
 * `sku` field, so `Standard` is meant. From 2026-06-01 on the service is reported to refuse an explicit
 * `Standard` in regions with StandardV2 (BLOG; rulebook NATV1_SKU_REJECTED_IN_V2_REGION).
 */
export const STANDARD_NAT_API_VERSION = '2026-05-01'

/** The API version for a PUT whose body holds this outbound type; `block` needs the configured preview. */
export function writeApiVersion(type: TypeKey | null, previewApiVersion: string | null): string {
  if (type === 'managedNATGateway') return STANDARD_NAT_API_VERSION
  if (type === 'block') return previewApiVersion ?? NEWEST_API_VERSION
  return NEWEST_API_VERSION
}
