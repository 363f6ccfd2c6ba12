import type { ClusterFeatures } from '../core/cluster-features.ts'
import type { BodyReader } from './body-reader.ts'
import { translateFeatures } from './translate-features.ts'

/** The features in a managed cluster's body; what an older API version does not show is not there. */
export function translateClusterFeatures(cluster: BodyReader): ClusterFeatures {
  const properties = cluster.at('properties')
  const network = properties.at('networkProfile')
  return {
    ...translateFeatures(properties),
    managedBy: cluster.text('managedBy') || null,
    istioEgressGateway: properties
      .at('serviceMeshProfile')
      .at('istio')
      .at('components')
      .list('egressGateways')
      .some((gateway) => gateway.flag('enabled')),
    monitoring: monitoringOf(properties),
    bootstrapRegistryId: properties.at('bootstrapProfile').text('containerRegistryId') || null,
    networkPolicy: network.text('networkPolicy'),
    advancedPolicies: network.at('advancedNetworking').at('security').flag('enabled'),
  }
}

function monitoringOf(properties: BodyReader): string[] {
  const monitor = properties.at('azureMonitorProfile')
  const settings: [string, boolean][] = [
    ['addonProfiles.omsagent', properties.at('addonProfiles').at('omsagent').flag('enabled')],
    ['azureMonitorProfile.metrics', monitor.at('metrics').flag('enabled')],
    ['azureMonitorProfile.containerInsights', monitor.at('containerInsights').flag('enabled')],
  ]
  return settings.filter(([, enabled]) => enabled).map(([name]) => name)
}
