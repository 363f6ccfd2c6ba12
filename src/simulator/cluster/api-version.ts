/** True when the api-version (`2026-06-01`, `2026-05-02-preview`) is of that day or later. */
export function isSince(apiVersion: string, day: string): boolean {
  return apiVersion.slice(0, 10) >= day
}

/** True for a preview version. */
function isPreview(apiVersion: string): boolean {
  return /-(preview|privatepreview|beta)$/i.test(apiVersion)
}

/** Versions that have `natGatewayProfile.sku`: 2026-06-01 and later, preview or not (rulebook 1.3). */
export function knowsNatGatewaySku(apiVersion: string): boolean {
  return isSince(apiVersion, '2026-06-01')
}

/** Versions that spell StandardV2 as the outbound type `managedNATGatewayV2` (rulebook 1.3). */
export function knowsManagedNatGatewayV2(apiVersion: string): boolean {
  return isPreview(apiVersion) && isSince(apiVersion, '2026-01-02') && !isSince(apiVersion, '2026-05-03')
}

/** `block` is in no stable version (rulebook 1.3); every preview is taken to know it, which is inferred. */
export function knowsBlock(apiVersion: string): boolean {
  return isPreview(apiVersion)
}
