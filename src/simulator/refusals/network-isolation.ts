import { aksError } from '../http/arm-error.ts'
import { at, textAt } from '../json.ts'
import { isTypeChange, type Refusal } from './refusal.ts'

/** `none` and `block` are for network isolated clusters: artifact source Cache and a private API server (rulebook 3.6). */
export const notNetworkIsolated: Refusal = (change) => {
  if ((change.to !== 'none' && change.to !== 'block') || !isTypeChange(change)) return undefined
  const access = at(change.wanted, 'properties', 'apiServerAccessProfile')
  const isPrivate =
    at(access, 'enablePrivateCluster') === true || at(access, 'enableVnetIntegration') === true
  const isCached = textAt(change.wanted, 'properties', 'bootstrapProfile', 'artifactSource') === 'Cache'
  if (isPrivate && isCached) return undefined
  return aksError(
    400,
    'InvalidNetworkIsolatedClusterConfiguration',
    `Outbound type ${change.to} needs a network isolated cluster: ${isCached ? 'the API server must be private' : 'bootstrapProfile.artifactSource must be Cache'}. Please see https://aka.ms/aks/network-isolated for more details`,
    'networkProfile.outboundType',
  )
}
