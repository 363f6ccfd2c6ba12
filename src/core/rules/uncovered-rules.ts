/** A rule that no finding of the catalogue says, and why. */
interface UncoveredRule {
  rule: string
  why: string
}

/**
 * Rules on egress that are known here and have no finding of their own. `docs/findings.md` lists them, so that
 * nobody takes silence for ignorance. Questions to people stand in ASK_BEFOREHAND, not here.
 */
export const UNCOVERED_RULES: readonly UncoveredRule[] = [
  {
    rule: 'PAIR_NOT_SUPPORTED',
    why: 'Said by TRANSITION_NOT_SUPPORTED.',
  },
  {
    rule: 'PAIR_CONTESTED',
    why: 'Said by TRANSITION_DISPUTED, with both editions; where no edition opens the pair, the reason names the page that contradicts them.',
  },
  {
    rule: 'TARGET_NEEDS_MANAGED_VNET',
    why: 'Said by TRANSITION_NOT_SUPPORTED, whose reason names the kind of VNet.',
  },
  {
    rule: 'TARGET_NEEDS_BYO_VNET',
    why: 'As TARGET_NEEDS_MANAGED_VNET.',
  },
  {
    rule: 'V2_IS_TERMINAL',
    why: 'Said by TRANSITION_NOT_SUPPORTED: no edition opens a way out.',
  },
  {
    rule: 'V2_ENTRY_IS_ONE_WAY',
    why: 'Said by NO_WAY_BACK.',
  },
  {
    rule: 'VNET_MODE_INCONSISTENT',
    why: 'Said by VNET_INCONSISTENT.',
  },
  {
    rule: 'UDR_INGRESS_ASYMMETRY',
    why: 'Said by INGRESS_ASYMMETRIC_ROUTING.',
  },
  {
    rule: 'UDR_LB_PROFILE_PRESENT',
    why: 'Cannot happen: the profile of another type is taken out of every body that is written; a property test holds it.',
  },
  {
    rule: 'KUBENET_TABLE_FIXED',
    why: 'Cannot happen: a plan puts its route into the table that a subnet has and never exchanges the table.',
  },
  {
    rule: 'KUBENET_ROUTES_KEEP',
    why: 'Cannot happen: a plan writes the default route alone.',
  },
  {
    rule: 'CNI_TABLE_FREE',
    why: 'Nothing to do about it, and true of almost every cluster.',
  },
  {
    rule: 'WINDOWS_ENDPOINTS',
    why: 'Rows of requiredEndpoints, for clusters with Windows pools.',
  },
  {
    rule: 'AUTOMATIC_BLOCK',
    why: 'Said by SKU_AUTOMATIC.',
  },
  {
    rule: 'NAP_BLOCK',
    why: 'Said by NAP_ENABLED.',
  },
  {
    rule: 'SUBNET_WRITE_SERIAL',
    why: 'A job writes one subnet after the other.',
  },
  {
    rule: 'NODE_REIMAGE_REQUIRED',
    why: 'Said by NODE_IMAGE_UPGRADE_NEEDED.',
  },
  {
    rule: 'ETAG_STALE',
    why: 'A matter of the moment of execution: a job on a plan whose cluster has moved is refused with PLAN_STALE.',
  },
  {
    rule: 'LB_PORTS_NOT_MULTIPLE_OF_8',
    why: 'Such a request is refused with 400 before there is a plan.',
  },
  {
    rule: 'LB_IP_IN_USE',
    why: 'Said by IP_IN_USE, which also covers addresses for a NAT gateway.',
  },
  {
    rule: 'NATV1_SKU_REJECTED_IN_V2_REGION',
    why: 'Cannot happen: Standard is written on an API version that has no SKU field. NATV1_STANDARD_CHOSEN says so.',
  },
  {
    rule: 'NATV1_SILENT_V2',
    why: 'Cannot happen for the same reason, and the read-back of a job compares the SKU.',
  },
  {
    rule: 'NATV2_FEATURE_FLAG',
    why: 'Needed on preview API versions only; StandardV2 is written on the stable one.',
  },
  {
    rule: 'NATV2_LEGACY_VALUE',
    why: 'Cannot happen: a request for managedNATGatewayV2 is written as managedNATGateway with the SKU StandardV2.',
  },
  {
    rule: 'NATV2_IP_MODEL_MIXED',
    why: 'A request that names managed and own addresses together is refused with 400.',
  },
  {
    rule: 'UANAT_BASIC_NEIGHBOURS',
    why: 'Azure refuses to attach the gateway, and a plan without an attached gateway is blocked. Asked in ASK_BEFOREHAND.',
  },
  {
    rule: 'UANAT_FAILED_NIC',
    why: 'As UANAT_BASIC_NEIGHBOURS.',
  },
  {
    rule: 'ISO_ACR_SKU',
    why: 'The registry is not read; asked in ASK_BEFOREHAND where the cluster names one of its own.',
  },
  {
    rule: 'ISO_EXTENSIONS',
    why: "Extensions are not in the cluster's body; asked in ASK_BEFOREHAND.",
  },
  {
    rule: 'ISO_STORAGE_CLASS',
    why: 'Storage classes live in the cluster; asked in ASK_BEFOREHAND.',
  },
  {
    rule: 'RESOURCE_PLAN_LABEL',
    why: 'Every row of resourceChanges has a confidence of its own.',
  },
  {
    rule: 'OLD_IP_LOST',
    why: 'Said by EGRESS_IP_LOST, EGRESS_IP_SOME_LOST and UNUSED_IP_RELEASED.',
  },
  {
    rule: 'IP_V4_V6',
    why: 'Every row of egressIps names its family.',
  },
  {
    rule: 'AUTHORIZED_REPLACE_SEMANTICS',
    why: 'Jobs unite ranges and never replace the list; a property test holds it.',
  },
  {
    rule: 'AUTHORIZED_PROPAGATION',
    why: 'It is the step await-range-propagation of the plan.',
  },
  {
    rule: 'AUTHORIZED_UDR_ALL_FIREWALL_IPS',
    why: 'All addresses of an Azure Firewall count as egress, so AUTHORIZED_RANGES_WIDENED and AUTHORIZED_RANGES_MISS_NEW_EGRESS name each one that is missing.',
  },
  {
    rule: 'EXTERNAL_ALLOWLISTS',
    why: 'Said by EGRESS_IP_CHANGES and EGRESS_IP_LOST.',
  },
  {
    rule: 'FRAGMENT_ICMP',
    why: 'Said by TCP_RESET_SEMANTICS, so that one finding tells of everything that a NAT gateway does otherwise.',
  },
  {
    rule: 'WINDOWS_OUTBOUNDNAT_LB',
    why: 'Said by LB_WINDOWS_OUTBOUNDNAT_DISABLED.',
  },
  {
    rule: 'SEG_PRIVATE_MODE',
    why: 'The setting lives in the cluster; asked in ASK_BEFOREHAND where there is a static egress gateway.',
  },
  {
    rule: 'PRIVATE_LINK_SERVICE',
    why: 'No outbound type touches it.',
  },
  {
    rule: 'NETPOL_CILIUM_ACNS',
    why: 'Policies live in the cluster; asked in ASK_BEFOREHAND where the cluster can have such policies.',
  },
  {
    rule: 'MAINTENANCE_WINDOW',
    why: "Not in the cluster's body, and Azure does not hold a change of the outbound type back for it.",
  },
  {
    rule: 'NO_ROLLBACK',
    why: 'Said by NO_WAY_BACK and WAY_BACK_DISPUTED.',
  },
  {
    rule: 'PARTIAL_FAILURE',
    why: 'A matter of a job that failed: it stops, and its error says what to do.',
  },
  {
    rule: 'TWO_STEP_CUTOVER',
    why: 'Said by the remedy of UANAT_ATTACH_IS_THE_CUTOVER.',
  },
]
