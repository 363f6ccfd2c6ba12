import type { FeatureFacts } from './feature-facts.ts'

/** What a cluster has switched on that meets its egress; every member is as the managed cluster's body shows it. */
export interface ClusterFeatures extends FeatureFacts {
  /** ARM's generic `managedBy`: the id of whatever manages the cluster; null for nothing. */
  managedBy: string | null
  /** An egress gateway of the Istio add-on is enabled (`serviceMeshProfile.istio.components`). */
  istioEgressGateway: boolean
  /** Agents that send out of the cluster, by the name of their setting, such as `addonProfiles.omsagent`. */
  monitoring: string[]
  /** `bootstrapProfile.containerRegistryId`: a registry of the user's own; null for the one that AKS makes. */
  bootstrapRegistryId: string | null
  /** `networkProfile.networkPolicy`: `calico`, `cilium`, `azure`, `none`. */
  networkPolicy: string | null
  /** `networkProfile.advancedNetworking.security`: policies may name hosts and addresses outside. */
  advancedPolicies: boolean
}
