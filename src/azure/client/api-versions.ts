/** Clusters are read on the newest stable version: older ones hide `natGatewayProfile.sku` (rulebook CANON_READ_VERSION). */
export { LATEST_API_VERSION as READ_API_VERSION } from '../../core/arm/api-versions.ts'
