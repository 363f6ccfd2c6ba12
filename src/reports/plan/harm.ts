import { type Finding, SEVERITIES } from '../../contract/finding.ts'

/**
 * The codes of warnings by the harm that they warn of, the worst first. A test compares them with the rules.
 */
export const WARNINGS_BY_HARM: readonly string[] = [
  // Nodes or clients lose access to the API server.
  'AUTHORIZED_RANGES_MISS_EGRESS',
  'AUTHORIZED_SELF_LOCKOUT',
  'AUTHORIZED_AUTO_ADD_IS_LB_ONLY',
  'AUTHORIZED_VIRTUAL_NODES',
  'API_SERVER_PATH_UNCERTAIN',
  // Traffic is dropped, or the change fails on the way.
  'PRIVATE_ZONE_NOT_LINKED',
  'SNAT_DEMAND_EXCEEDS',
  'SNAT_NODE_DEMAND_EXCEEDS',
  'SNAT_FAILING_NOW',
  'SNAT_FIREWALL_EXHAUSTED',
  'UANAT_DUALSTACK_NO_V6',
  'UDR_DUALSTACK_NO_V6_ROUTE',
  'SERVICE_TAG_ONLY_ROUTES',
  'NSG_DENY_EGRESS',
  'UDR_SHARED_TABLE',
  'FIREWALL_NETWORK_RULES_MISSING',
  'FIREWALL_FQDN_TAG_MISSING',
  'KUBENET_AKS_OWNED_TABLE',
  'UANAT_V2_EMPTY_SUBNET',
  'CLEAN_UP_V2_EMPTY_SUBNET',
  'UANAT_V2_DELEGATED_SUBNET',
  'MANAGED_VNET_TAMPERED',
  'ISO_MONITORING',
  'HTTP_PROXY_PATH',
  'IAC_DRIFT',
  'CHANGE_INTERRUPTED',
  'RECONCILE_APPLIES_SETTINGS',
  'CLUSTER_HAS_JOB',
  'PERM_PROPAGATION',
  'UDR_PUBLIC_NETWORK_ACCESS',
  'LB_ONE_IP_SOURCE',
  // Other systems see new addresses or other paths.
  'ALLOWLIST_NAMES_LOST_ADDRESS',
  'MANAGED_NAT_MANUAL_IPS',
  'NATV2_FROM_V1_REPLACES',
  'EGRESS_IP_CHANGES',
  'EGRESS_IP_UNKNOWN_BEFOREHAND',
  'EGRESS_PATH_NOT_IN_ARM',
  'DNS_PATH_MOVES',
  'EXCEPTION_PATH_MOVES',
  'CLEAN_UP_MOVES_TRAFFIC',
  'CUTOVER_IS_PREPARATION',
  'UANAT_ATTACH_IS_THE_CUTOVER',
  'UDR_CUTOVER_IS_ROUTE',
  'SHARED_ROUTE_TABLE',
  'SHARED_NATGW_WAVE',
  'SUBNET_SHARED',
  'POD_SUBNET',
  'SEG_PRESENT',
  'ISTIO_EGRESS',
  'NODE_PUBLIC_IP_NAT_TARGET',
  'VIRTUAL_NODES',
  'UNUSED_IP_RELEASED',
  'ALLOWLIST_SCAN_INCOMPLETE',
  // Capacity and resilience fall.
  'SNAT_DROPS',
  'IDLE_TIMEOUT_SHRINKS',
  'LB_AUTO_PORTS_SHRINK',
  'UDR_SNAT_FIREWALL_SMALL',
  'SNAT_NAT_SIZING',
  'SNAT_LB_LARGE',
  'NODE_COUNT_UNKNOWN',
  'UANAT_SINGLE_ZONE',
  'NATV1_SINGLE_ZONE',
  // The change is hard to revert.
  'WAY_BACK_DISPUTED',
  'NATV2_IP_MODEL_FROZEN',
  // The new outbound type does not take full effect.
  'DEFAULT_OUTBOUND_LEAK',
  'ISO_NODE_PUBLIC_IP',
  'NODEIP_POOL_DEFAULT_OUTBOUND',
  'UANAT_SHADOWED_BY_ROUTE',
  'LB_STALE_NATGW',
  'LB_STALE_DEFAULT_ROUTE',
  'LB_DRIFT_ELSEWHERE',
  'EFFECTIVE_DIFFERS_FROM_DECLARED',
  'CLEAN_UP_STILL_IN_USE',
  'CLEAN_UP_ROUTE_KEPT',
  'CLEAN_UP_GATEWAY_KEPT',
  'CLEAN_UP_OWN_ROUTE_KEPT',
  'NODE_IMAGES_NOT_UPGRADED',
  'PREPARE_PART_UNUSED',
  // Azure does not show or document what decides.
  'BGP_DEFAULT_ROUTE_POSSIBLE',
  'UDR_DEFAULT_ROUTE_MAY_COME_BY_BGP',
  'UANAT_UNREADABLE',
  'UDR_ROUTE_TABLE_UNREADABLE',
  'READ_INCOMPLETE',
  'POOL_TYPE_VIRTUALMACHINES',
  'WINDOWS_OUTBOUNDNAT_UDR',
  'UANAT_PLUGIN',
  'BLOCK_PREVIEW',
  // The plan handles it, or it asks for little.
  'AUTHORIZED_RANGES_WIDENED',
  'ALLOWLIST_ENTRY_INEFFECTIVE',
]

/** Findings by severity, then by harm. Findings of the same harm keep the order of the plan. */
export function sortByHarm(findings: Finding[]): Finding[] {
  return findings.toSorted(
    (a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) || harmOf(a) - harmOf(b),
  )
}

/** Plans of other versions may contain codes that this version does not know. */
function harmOf({ code }: Finding): number {
  const index = WARNINGS_BY_HARM.indexOf(code)
  return index === -1 ? WARNINGS_BY_HARM.length : index
}
