import { finding } from '../findings/catalogue.ts'
import type { Check } from './check.ts'

/** Gateways and authorities may take their certificates out of Key Vault (rulebook ISTIO_KV). */
export const keyVaultReach: Check = ({ snapshot, to, from }) => {
  const { istio, istioPluginCa, webAppRouting } = snapshot.cluster.features
  const features = [
    ...(istio || istioPluginCa ? ['Istio'] : []),
    ...(webAppRouting ? ['application routing'] : []),
  ]
  return to === 'userDefinedRouting' && from !== to && features.length > 0
    ? [finding('ISTIO_KV', { features })]
    : []
}
