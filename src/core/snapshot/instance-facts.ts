/** One virtual machine of a node pool: an instance of a scale set, or a machine of its own. */
export interface InstanceFacts {
  id: string
  /** `aks-managed-poolName` of its tags, or of the tags of its scale set; null where AKS set none. */
  pool: string | null
  subnetId: string | null
  /** `Linux` or `Windows`, as ARM spells it; null where ARM shows none. */
  osType: string | null
  provisioningState: string | null
  /** The code of its power state, such as `PowerState/running`; null where ARM shows none. */
  powerState: string | null
}
