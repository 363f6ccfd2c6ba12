/**
 * Known rules about egress that have no finding, with the reason. `docs/findings.md` lists them. Questions that only a
 * person can answer are in ASK_BEFOREHAND.
 */
export const UNCOVERED_RULES: Readonly<Record<string, string>> = {
  PAIR_NOT_SUPPORTED: 'Said by TRANSITION_NOT_SUPPORTED.',
  PAIR_CONTESTED:
    'Said by TRANSITION_DISPUTED, with both editions; where no edition opens the pair, the reason names the page that contradicts them.',
  TARGET_NEEDS_MANAGED_VNET: 'Said by TRANSITION_NOT_SUPPORTED, whose reason names the kind of VNet.',
  TARGET_NEEDS_BYO_VNET: 'As TARGET_NEEDS_MANAGED_VNET.',
  V2_IS_TERMINAL: 'Said by TRANSITION_NOT_SUPPORTED: no edition opens a way out.',
  V2_ENTRY_IS_ONE_WAY: 'Said by NO_WAY_BACK.',
  VNET_MODE_INCONSISTENT: 'Said by VNET_INCONSISTENT.',
  UDR_INGRESS_ASYMMETRY: 'Said by INGRESS_ASYMMETRIC_ROUTING.',
  UDR_LB_PROFILE_PRESENT:
    'Cannot happen: the profile of another type is taken out of every body that is written; a property test holds it.',
  KUBENET_TABLE_FIXED:
    'Cannot happen: a plan puts its route into the table that a subnet has and never exchanges the table.',
  KUBENET_ROUTES_KEEP: 'Cannot happen: a plan writes the default route alone.',
  CNI_TABLE_FREE: 'Nothing to do about it, and true of almost every cluster.',
  WINDOWS_ENDPOINTS: 'Rows of requiredEndpoints, for clusters with Windows pools.',
  AUTOMATIC_BLOCK: 'Said by SKU_AUTOMATIC.',
  NAP_BLOCK: 'Said by NAP_ENABLED.',
  SUBNET_WRITE_SERIAL: 'A job writes one subnet after the other.',
  NODE_REIMAGE_REQUIRED: 'Said by NODE_IMAGE_UPGRADE_NEEDED.',
  ETAG_STALE:
    'A matter of the moment of execution: a job on a plan whose cluster has moved is refused with PLAN_STALE.',
  LB_PORTS_NOT_MULTIPLE_OF_8: 'Such a request is refused with 400 before there is a plan.',
  LB_IP_IN_USE: 'Said by IP_IN_USE, which also covers addresses for a NAT gateway.',
  NATV1_SKU_REJECTED_IN_V2_REGION:
    'Cannot happen: Standard is written on an API version that has no SKU field. NATV1_STANDARD_CHOSEN says so.',
  NATV1_SILENT_V2: 'Cannot happen for the same reason, and the read-back of a job compares the SKU.',
  NATV2_FEATURE_FLAG: 'Needed on preview API versions only; StandardV2 is written on the stable one.',
  NATV2_LEGACY_VALUE:
    'Cannot happen: a request for managedNATGatewayV2 is written as managedNATGateway with the SKU StandardV2.',
  NATV2_IP_MODEL_MIXED: 'A request that names managed and own addresses together is refused with 400.',
  UANAT_BASIC_NEIGHBOURS:
    'Azure refuses to attach the gateway, and a plan without an attached gateway is blocked. Asked in ASK_BEFOREHAND.',
  UANAT_FAILED_NIC: 'As UANAT_BASIC_NEIGHBOURS.',
  ISO_ACR_SKU: 'The registry is not read; asked in ASK_BEFOREHAND where the cluster names one of its own.',
  ISO_EXTENSIONS: "Extensions are not in the cluster's body; asked in ASK_BEFOREHAND.",
  ISO_STORAGE_CLASS: 'Storage classes live in the cluster; asked in ASK_BEFOREHAND.',
  RESOURCE_PLAN_LABEL: 'Every row of resourceChanges has a confidence of its own.',
  OLD_IP_LOST: 'Said by EGRESS_IP_LOST, EGRESS_IP_SOME_LOST and UNUSED_IP_RELEASED.',
  IP_V4_V6: 'Every row of egressIps names its family.',
  AUTHORIZED_REPLACE_SEMANTICS: 'Jobs unite ranges and never replace the list; a property test holds it.',
  AUTHORIZED_PROPAGATION: 'It is the step await-range-propagation of the plan.',
  AUTHORIZED_UDR_ALL_FIREWALL_IPS:
    'All addresses of an Azure Firewall count as egress, so AUTHORIZED_RANGES_WIDENED and AUTHORIZED_RANGES_MISS_NEW_EGRESS name each one that is missing.',
  EXTERNAL_ALLOWLISTS: 'Said by EGRESS_IP_CHANGES and EGRESS_IP_LOST.',
  FRAGMENT_ICMP:
    'Said by TCP_RESET_SEMANTICS, so that one finding tells of everything that a NAT gateway does otherwise.',
  WINDOWS_OUTBOUNDNAT_LB: 'Said by LB_WINDOWS_OUTBOUNDNAT_DISABLED.',
  SEG_PRIVATE_MODE:
    'The setting lives in the cluster; asked in ASK_BEFOREHAND where there is a static egress gateway.',
  PRIVATE_LINK_SERVICE: 'No outbound type touches it.',
  NETPOL_CILIUM_ACNS:
    'Policies live in the cluster; asked in ASK_BEFOREHAND where the cluster can have such policies.',
  MAINTENANCE_WINDOW:
    "Not in the cluster's body, and Azure does not hold a change of the outbound type back for it.",
  NO_ROLLBACK: 'Said by NO_WAY_BACK and WAY_BACK_DISPUTED.',
  PARTIAL_FAILURE: 'A matter of a job that failed: it stops, and its error says what to do.',
  TWO_STEP_CUTOVER: 'Said by the remedy of UANAT_ATTACH_IS_THE_CUTOVER.',
}
