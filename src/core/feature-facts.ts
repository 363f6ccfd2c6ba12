/**
 * Add-ons and features that need endpoints of their own, as the cluster's body shows them. Extensions (Flux, Dapr,
 * marketplace) are resources beside the cluster and are not seen here.
 */
export interface FeatureFacts {
  workloadIdentity: boolean
  defender: boolean
  keyVaultSecretsProvider: boolean
  /** The add-on `omsagent`: container logs to a Log Analytics workspace. */
  containerInsights: boolean
  /** `azureMonitorProfile.metrics`: managed Prometheus. */
  managedPrometheus: boolean
  azurePolicy: boolean
  costAnalysis: boolean
  istio: boolean
  /** Istio's own authority takes its certificates out of a key vault. */
  istioPluginCa: boolean
  webAppRouting: boolean
  /** Nodes go out by a proxy, which then needs the endpoints as well. */
  httpProxy: boolean
}
