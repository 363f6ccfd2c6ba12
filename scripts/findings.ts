import { writeFile } from 'node:fs/promises'
import { type Finding, SEVERITIES } from '../src/contract/finding.ts'
import { PAGE_KEYS, PAGES, pageTitle, pageUrl } from '../src/core/references/pages.ts'
import { linkSources, type Source } from '../src/core/references/references.ts'
import { QUESTIONS } from '../src/core/rules/manual-checks.ts'
import { RETIRED_RULES } from '../src/core/rules/retired-rules.ts'
import { UNCOVERED_RULES } from '../src/core/rules/uncovered-rules.ts'
import { ALL_CASES } from '../test/core/rules/all-cases.ts'
import { planFor } from '../test/support/a-plan.ts'

/** The path of the document in the repository. */
export const FINDINGS_FILE = new URL('../docs/findings.md', import.meta.url)

const MEANING = {
  blocker: 'The plan cannot be executed. Fix the cause and create a new plan.',
  acknowledge: 'The plan is executed only if the request lists the code in `acknowledge`.',
  warning: 'The plan can be executed. Read the finding first, because it can cause problems.',
  info: 'The plan can be executed. The finding is for information.',
}

/**
 * The order of the rows, which predates the sorting of rules by topic. New codes come last. Without this list, the rows
 * follow the topics: delete it when the order of the page may change.
 */
const ORDER = `
  OUTBOUND_TYPE_UNKNOWN TRANSITION_NOT_SUPPORTED TRANSITION_DISPUTED SAME_TYPE VNET_INCONSISTENT NO_WAY_BACK
  WAY_BACK_DISPUTED BLOCK_NEEDS_PREVIEW_API BLOCK_PREVIEW CLUSTER_NOT_SUCCEEDED CLUSTER_STOPPED
  POOL_NOT_SUCCEEDED LB_SKU_BASIC POOL_TYPE_NOT_VMSS POOL_TYPE_VIRTUALMACHINES NAP_ENABLED SKU_AUTOMATIC
  KUBENET_RETIRING SUBNET_UNREADABLE READ_INCOMPLETE
  LB_DRIFT_MANUAL_RULES LB_DRIFT_ELSEWHERE PROFILE_OUTBOUND_IP_GONE MANAGED_NAT_MANUAL_IPS
  MANAGED_VNET_TAMPERED SHARED_NATGW_WAVE SUBNET_SHARED IAC_DRIFT LB_IP_UNREADABLE LB_IP_NOT_STANDARD
  LB_IP_WRONG_REGION LB_IP_AKS_OWNED IP_IN_USE LB_PORTS_INFEASIBLE LB_AUTO_PORTS_SHRINK
  LB_WINDOWS_OUTBOUNDNAT_DISABLED LB_STALE_NATGW LB_STALE_DEFAULT_ROUTE LB_IP_PROVISIONING
  LB_PREFIX_WRONG_SUB LB_ONE_IP_SOURCE NATV2_CUSTOM_PREFIX IP_REUSE_FORBIDDEN IP_CARRY_LB_TO_NAT
  IP_PREFIX_WHOLE NATV1_NO_IPV6 NATV1_NO_OWN_IPS NATV1_SINGLE_ZONE NATV1_STANDARD_CHOSEN NATV2_REGION
  NATV2_IP_SKU NATV2_IP_MODEL_FROZEN NATV2_IP_MODEL_SWITCH NATV2_FROM_V1_REPLACES NATV2_IPV6_LB_RULES
  UANAT_SUBNET_WITHOUT_GATEWAY UANAT_NO_ADDRESS UANAT_UNREADABLE UANAT_SINGLE_ZONE UANAT_DUALSTACK
  UANAT_SHADOWED_BY_ROUTE UANAT_TOO_MANY_ADDRESSES UANAT_PREFIX_SIZE UANAT_IP_SKU UANAT_IP_ROUTING_PREF
  UANAT_IP_DDOS UANAT_ZONE_MISMATCH UANAT_DUALSTACK_NO_V6 UANAT_GATEWAY_VNET UANAT_GATEWAY_SUBNET
  UANAT_ATTACH_IS_THE_CUTOVER UANAT_PLUGIN UDR_NO_ROUTE_TABLE UDR_NO_DEFAULT_ROUTE UDR_NEXT_HOP_INTERNET
  UDR_NEXT_HOP_NONE UDR_DEFAULT_ROUTE_MAY_COME_BY_BGP UDR_CUTOVER_IS_ROUTE UDR_BAD_NEXT_HOP UDR_NEXT_HOP_IP
  UDR_ROUTE_TABLE_UNREADABLE UDR_NODE_PUBLIC_IP INGRESS_ASYMMETRIC_ROUTING UDR_DUALSTACK_NO_V6_ROUTE
  KUBENET_UDR_IDENTITY KUBENET_ALL_SUBNETS KUBENET_AKS_OWNED_TABLE UDR_SHARED_TABLE UDR_ROUTE_CAPACITY
  ROUTE_TABLE_OTHER_SUB UDR_FIREWALL_RULES FIREWALL_FQDN_TAG_MISSING FIREWALL_NETWORK_RULES_MISSING
  UDR_SNAT_FIREWALL_SMALL UDR_AZFW_PRIVATE_RANGES UDR_FW_ROUTE_SELF REIMAGE_NEEDS_EGRESS
  REIMAGE_EGRESS_UNPROVEN NSG_BLOCKS_EGRESS NSG_DENY_EGRESS NSG_INTRA_SUBNET SERVICE_TAG_ONLY_ROUTES
  ISTIO_KV ISO_NOT_NETWORK_ISOLATED ISO_REIMAGE_ORDER ISO_MONITORING NONE_BYO_PATH BLOCK_VNET_TRAFFIC
  ISO_API_PUBLIC ISO_WINDOWS ISO_KUBENET ISO_K8S_VERSION ISO_NODE_OS_CHANNEL ISO_NODE_PUBLIC_IP
  ISO_WORKLOADS_LOSE_INTERNET DEFAULT_OUTBOUND_LEAK ISO_LEAVING PREPARE_NAME_TAKEN
  PREPARE_GATEWAY_UNREADABLE PREPARE_NOTHING_LEFT CLEAN_UP_NOTHING_LEFT CLEAN_UP_OTHER_TYPE
  CLEAN_UP_STILL_IN_USE CLEAN_UP_ROUTE_KEPT CLEAN_UP_OWN_ROUTE_KEPT NARROWING_CUTS_OFF
  CLEAN_UP_MOVES_TRAFFIC CUTOVER_IS_PREPARATION EGRESS_IP_LOST EGRESS_IP_SOME_LOST UNUSED_IP_RELEASED
  EGRESS_IP_CHANGES EGRESS_IP_UNKNOWN_BEFOREHAND EGRESS_PATH_NOT_IN_ARM EFFECTIVE_DIFFERS_FROM_DECLARED
  IDLE_TIMEOUT_SHRINKS SNAT_DROPS SEG_PRESENT SNAT_NAT_SIZING SNAT_LB_LARGE SNAT_DEST_HOTSPOT
  HTTP_PROXY_PATH ISTIO_EGRESS SEG_LIMITS VIRTUAL_NODES MULTI_SLB PRIVATE_CLUSTER_LB_PIP
  NODE_PUBLIC_IP_LB_SOURCE NODE_PUBLIC_IP_NAT_TARGET
  NODEIP_POOL_DEFAULT_OUTBOUND POD_SUBNET WINDOWS_OUTBOUNDNAT_UDR WINDOWS_OUTBOUNDNAT_NODEPIP
  WINDOWS_NEW_OPTION AUTHORIZED_VNETINT_NODES_PRIVATE AUTHORIZED_RANGES_WIDENED
  AUTHORIZED_RANGES_MISS_NEW_EGRESS AUTHORIZED_RANGES_TARGET_UNKNOWABLE AUTHORIZED_EGRESS_NOT_IN_ARM
  AUTHORIZED_ZERO_PLACEHOLDER AUTHORIZED_AUTO_ADD_IS_LB_ONLY AUTHORIZED_NODE_PIP AUTHORIZED_SELF_LOCKOUT
  AUTHORIZED_VIRTUAL_NODES AUTHORIZED_LIMIT AUTHORIZED_CIDR_FORM AUTHORIZED_SERVICE_TAG PERM_MISSING
  PERM_NOT_CHECKED PERM_PROPAGATION LOCK_BLOCKS_CHANGE POLICY_MAY_DENY_PIP PIP_QUOTA NRG_LOCKDOWN
  SP_CREDENTIALS PREFLIGHT_INCOMPLETE LEFTOVER_COST ROLLBACK_KEEP_PREPARATION
  ASK_BEFOREHAND ALLOWLIST_NAMES_LOST_ADDRESS ALLOWLIST_SCAN_INCOMPLETE
  CONSUMERS_TO_TELL
`
  .trim()
  .split(/\s+/)

/**
 * The page of all findings. Code, severity, confidence, and source come from the rules. Message and remedy come from the
 * plan of the test case of each rule.
 */
export function findingsText(): string {
  const findings = ALL_CASES.map(([code, { snapshot, target, given }]) => {
    const plan = planFor(snapshot, target, given)
    const finding = plan.findings.find((candidate) => candidate.code === code)
    if (finding === undefined) throw new Error(`the test case of ${code} does not report ${code}`)
    return finding
  })
  const rank = (code: string) => (ORDER.includes(code) ? ORDER.indexOf(code) : ORDER.length)
  findings.sort((a, b) => rank(a.code) - rank(b.code))
  return [
    head(findings.length),
    ...SEVERITIES.map((severity) => section(severity, findings)),
    questions(),
    uncoveredRules(),
    retiredRules(),
    sources(),
  ].join('\n')
}

function head(count: number): string {
  return `# Findings

This page lists the ${count} findings that a plan can contain. \`npm run findings\` generates it from the rules in
\`src/core/rules\`, and a test checks that it is up to date. Each message and remedy is an example: its numbers and
names come from a test case.

Each finding has a confidence:

- \`documented\`: Azure documents the behavior.
- \`observed\`: users observed the behavior; Azure does not document it.
- \`inferred\`: the behavior is concluded from documentation; it is neither documented nor observed.

Each source links to the current edition of a page. The last table shows which edition was read.
`
}

function section(severity: Finding['severity'], findings: Finding[]): string {
  const rows = findings.filter((finding) => finding.severity === severity).map(row)
  return `## ${severity}

${MEANING[severity]}

| Code | Message | Remedy | Confidence | Source |
|---|---|---|---|---|
${rows.join('\n')}
`
}

function row({ code, message, remedy, confidence, source }: Finding): string {
  return `| \`${code}\` | ${cell(message)} | ${cell(remedy)} | ${confidence} | ${linkSources(source).map(link).join('; ')} |`
}

function link({ text, url }: Source): string {
  return url === null ? cell(text) : `[${cell(text)}](${url})`
}

function sources(): string {
  const rows = PAGE_KEYS.map(
    (key) =>
      `| ${link({ text: pageTitle(key), url: pageUrl(key) })} | ${PAGES[key][2] ?? '–'} | \`${key}\` |`,
  )
  return `## Sources

Comments in the code cite a page by its key.

| Page | Edition | Key |
|---|---|---|
${rows.join('\n')}
`
}

function questions(): string {
  const rows = QUESTIONS.map(({ rule, question }) => `| \`${rule}\` | ${cell(question)} |`)
  return `## Questions of \`ASK_BEFOREHAND\`

Azure Resource Manager does not show the answers to these questions. A plan asks only the questions that apply to its
change.

| Rule | Question |
|---|---|
${rows.join('\n')}
`
}

function uncoveredRules(): string {
  const rows = Object.entries(UNCOVERED_RULES).map(([rule, reason]) => `| \`${rule}\` | ${cell(reason)} |`)
  return `## Rules without a finding

These rules are known but have no finding.

| Rule | Reason |
|---|---|
${rows.join('\n')}
`
}

function retiredRules(): string {
  const rows = Object.entries(RETIRED_RULES).map(([code, instead]) => `| \`${code}\` | ${cell(instead)} |`)
  return `## Codes that are no longer reported

Earlier versions reported these codes. A job request may still list them in \`acknowledge\`; they are ignored.

| Code | Instead |
|---|---|
${rows.join('\n')}
`
}

/** Escapes pipes, which would end the table cell. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}

if (import.meta.main) await writeFile(FINDINGS_FILE, findingsText())
