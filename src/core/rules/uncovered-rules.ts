/**
 * Known egress rules without a finding, each with the reason. `docs/findings.md` lists them. ASK_BEFOREHAND contains the
 * questions that ARM cannot answer.
 */
export const UNCOVERED_RULES: Readonly<Record<string, string>> = {
  PAIR_NOT_SUPPORTED: 'Reported by TRANSITION_NOT_SUPPORTED.',
  PAIR_CONTESTED:
    'Reported by TRANSITION_DISPUTED, which lists what each edition of the support matrix and the AKS release notes state.',
  TARGET_NEEDS_MANAGED_VNET:
    'Reported by TRANSITION_NOT_SUPPORTED, whose message names the kind of virtual network.',
  TARGET_NEEDS_BYO_VNET: 'Same reason as TARGET_NEEDS_MANAGED_VNET.',
  V2_IS_TERMINAL:
    'Reported by TRANSITION_NOT_SUPPORTED, and by TRANSITION_DISPUTED for `none` and `block`, which the AKS release notes of 2026-05-29 allow.',
  V2_ENTRY_IS_ONE_WAY: 'Reported by NO_WAY_BACK.',
  VNET_MODE_INCONSISTENT: 'Reported by VNET_INCONSISTENT.',
  UDR_INGRESS_ASYMMETRY: 'Reported by INGRESS_ASYMMETRIC_ROUTING.',
  UDR_LB_PROFILE_PRESENT:
    'Cannot happen: every write removes the profile of another outbound type; a property test confirms this.',
  KUBENET_TABLE_FIXED:
    'Cannot happen: a plan adds its route to the existing route table of a subnet and never replaces the table.',
  KUBENET_ROUTES_KEEP: 'Cannot happen: a plan writes only the default route.',
  CNI_TABLE_FREE: 'Requires no action, and applies to almost every cluster.',
  WINDOWS_ENDPOINTS: 'Reported as rows of `requiredEndpoints` for clusters with Windows node pools.',
  AUTOMATIC_BLOCK: 'Reported by SKU_AUTOMATIC.',
  NAP_BLOCK: 'Reported by NAP_ENABLED.',
  SUBNET_WRITE_SERIAL: 'Cannot happen: a job writes one subnet at a time.',
  NODE_REIMAGE_REQUIRED: 'Shown in `disruption.nodeImageUpgrade`.',
  ETAG_STALE: 'Checked at execution: a job for a plan whose cluster has changed is rejected with PLAN_STALE.',
  LB_PORTS_NOT_MULTIPLE_OF_8: 'A request with such a value is rejected with 400.',
  LB_IP_IN_USE: 'Reported by IP_IN_USE, which also covers addresses for a NAT gateway.',
  NATV1_SKU_REJECTED_IN_V2_REGION:
    'Cannot happen: to create an AKS-managed Standard NAT gateway, this service uses an API version without a SKU field, as NATV1_STANDARD_CHOSEN reports.',
  NATV1_SILENT_V2:
    'Cannot happen for the same reason as NATV1_SKU_REJECTED_IN_V2_REGION. In addition, each job verifies the SKU after the change.',
  NATV2_FEATURE_FLAG:
    'Required only by preview API versions; this service writes StandardV2 with the stable version.',
  NATV2_LEGACY_VALUE:
    'Cannot happen: this service writes `managedNATGatewayV2` as `managedNATGateway` with the SKU StandardV2.',
  NATV2_IP_MODEL_MIXED:
    'A request with both AKS-managed and customer-provided addresses is rejected with 400.',
  UANAT_FAILED_NIC:
    'ARM lists the network interfaces of scale sets only for each instance, so this service does not read them. ASK_BEFOREHAND asks about them.',
  ISO_ACR_SKU:
    'This service does not read the registry. ASK_BEFOREHAND asks about the SKU if the cluster uses a customer-provided registry.',
  ISO_ACR_AUTHENTICATION: 'Same reason as ISO_ACR_SKU.',
  ISO_EXTENSIONS:
    'The ARM resource of a cluster does not list its extensions. ASK_BEFOREHAND asks about them.',
  ISO_STORAGE_CLASS: 'ARM does not show storage classes. ASK_BEFOREHAND asks about them.',
  RESOURCE_PLAN_LABEL: 'Every row of `resourceChanges` has its own confidence.',
  OLD_IP_LOST: 'Reported by EGRESS_IP_LOST, EGRESS_IP_SOME_LOST and UNUSED_IP_RELEASED.',
  IP_V4_V6: 'Every row of `egressIps` names its IP family.',
  AUTHORIZED_REPLACE_SEMANTICS:
    'Jobs merge ranges and never replace the list; a property test confirms this.',
  AUTHORIZED_PROPAGATION: 'Covered by the step `await-range-propagation` of the plan.',
  AUTHORIZED_UDR_ALL_FIREWALL_IPS:
    'All addresses of an Azure Firewall count as egress IPs. AUTHORIZED_RANGES_WIDENED and AUTHORIZED_RANGES_MISS_NEW_EGRESS name each missing address.',
  EXTERNAL_ALLOWLISTS: 'Reported by EGRESS_IP_LOST and EGRESS_IP_CHANGES.',
  FRAGMENT_ICMP: 'Shown in `disruption.newPath`.',
  WINDOWS_OUTBOUNDNAT_LB: 'Reported by LB_WINDOWS_OUTBOUNDNAT_DISABLED.',
  SEG_PRIVATE_MODE:
    'ARM does not show the setting. ASK_BEFOREHAND asks about it if the cluster has a static egress gateway.',
  PRIVATE_LINK_SERVICE: 'No outbound type affects private link services.',
  NETPOL_CILIUM_ACNS:
    'ARM does not show the policies. ASK_BEFOREHAND asks about them if the cluster can have such policies.',
  MAINTENANCE_WINDOW: 'Azure does not delay a change of the outbound type until a maintenance window.',
  NO_ROLLBACK: 'Reported by NO_WAY_BACK and WAY_BACK_DISPUTED.',
  PARTIAL_FAILURE: 'Handled by the job: it stops, and its error says what to do.',
  TWO_STEP_CUTOVER: 'Described in the remedy of UANAT_ATTACH_IS_THE_CUTOVER.',
}
