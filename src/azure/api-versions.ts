/** Clusters are read on the newest stable version: older ones hide `natGatewayProfile.sku` (rulebook CANON_READ_VERSION). */
export const READ_API_VERSION = '2026-06-01'
