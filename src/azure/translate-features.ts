import type { FeatureFacts } from '../core/feature-facts.ts'
import type { BodyReader } from './body-reader.ts'

/** The add-ons and features of a cluster, from the `properties` of its body; what a version does not show is off. */
export function translateFeatures(properties: BodyReader): FeatureFacts {
  const security = properties.at('securityProfile')
  const monitor = properties.at('azureMonitorProfile')
  const mesh = properties.at('serviceMeshProfile')
  const proxy = properties.at('httpProxyConfig')
  return {
    workloadIdentity: security.at('workloadIdentity').flag('enabled'),
    defender: security.at('defender').at('securityMonitoring').flag('enabled'),
    keyVaultSecretsProvider: isEnabled(properties, 'azureKeyvaultSecretsProvider'),
    containerInsights: isEnabled(properties, 'omsagent') || monitor.at('containerInsights').flag('enabled'),
    managedPrometheus: monitor.at('metrics').flag('enabled'),
    azurePolicy: isEnabled(properties, 'azurepolicy'),
    costAnalysis: properties.at('metricsProfile').at('costAnalysis').flag('enabled'),
    istio: mesh.text('mode')?.toLowerCase() === 'istio',
    istioPluginCa: mesh.at('istio').at('certificateAuthority').at('plugin').has('keyVaultId'),
    webAppRouting: properties.at('ingressProfile').at('webAppRouting').flag('enabled'),
    httpProxy: (proxy.has('httpProxy') || proxy.has('httpsProxy')) && proxy.optionalFlag('enabled') !== false,
  }
}

/** Names of add-ons differ in letter case between clusters; the reader does not mind. */
function isEnabled(properties: BodyReader, addon: string): boolean {
  return properties.at('addonProfiles').at(addon).flag('enabled')
}
