import type { EffectivePath } from '../../contract/egress.ts'
import type { Finding } from '../../contract/finding.ts'
import { lostAddresses } from '../context/address-changes.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { isCoveredByPlaceholder, PLACEHOLDER_RANGE } from '../egress/authorized-ranges.ts'
import { isCidr, isNetworkAddress, toCidr, uncovered } from '../lib/cidr.ts'
import { listed } from '../lib/text.ts'
import { needsLateAuthorization } from '../plan/steps/build-steps.ts'
import { type Check, rule } from './rule.ts'

export const AUTHORIZED_NOT_APPLICABLE = rule('AUTHORIZED_NOT_APPLICABLE', {
  severity: 'info',
  message: () => 'Authorized ranges do not apply: the cluster is private.',
  remedy: () => 'Nothing to do.',
  confidence: 'documented',
  source: 'api-server-authorized-ip-ranges (AR); PC',
})

export const AUTHORIZED_VNETINT_NODES_PRIVATE = rule('AUTHORIZED_VNETINT_NODES_PRIVATE', {
  severity: 'info',
  message: () =>
    'Nodes reach the API server inside the VNet, so they do not depend on the authorized ranges; tools that come in by the egress addresses still do.',
  remedy: () => 'Add the new egress addresses by hand if workloads or pipelines use the public endpoint.',
  confidence: 'inferred',
  source: 'api-server-vnet-integration (VI)',
})

/** Whether nodes keep their API server through the change. */
export const checkAuthorizedRanges: Check = (context) => {
  if (context.isNoChange) return []
  switch (context.ranges.mode) {
    case 'off':
      return []
    case 'notApplicable':
      return [AUTHORIZED_NOT_APPLICABLE.finding({})]
    case 'nodesPrivate':
      return [AUTHORIZED_VNETINT_NODES_PRIVATE.finding({}), ...listForm(context)]
    case 'enforced':
      return [...admission(context), ...unknownEgress(context), ...listForm(context)]
  }
}

export const AUTHORIZED_ZERO_PLACEHOLDER = rule<{ target: string }>('AUTHORIZED_ZERO_PLACEHOLDER', {
  severity: 'blocker',
  message: (f) =>
    `The authorized ranges hold 0.0.0.0/32, which admits only the load balancer's own address; with ${f.target} it admits nobody.`,
  remedy: () => 'Replace 0.0.0.0/32 by explicit ranges first.',
  confidence: 'inferred',
  source: 'AR',
})

export const AUTHORIZED_RANGES_WIDENED = rule<{ missing: string[] }>('AUTHORIZED_RANGES_WIDENED', {
  severity: 'warning',
  message: (f) =>
    `The API server does not admit ${listed(f.missing)} yet, and nodes that come from there would lose it. The plan adds what is missing first and waits until it is in force.`,
  remedy: () =>
    'Nothing to do if the plan is executed here; otherwise add the missing ranges before the switch.',
  confidence: 'documented',
  source: 'EO; AR',
})

export const AUTHORIZED_RANGES_MISS_NEW_EGRESS = rule<{ missing: string[] }>(
  'AUTHORIZED_RANGES_MISS_NEW_EGRESS',
  {
    severity: 'blocker',
    message: (f) =>
      `The API server does not admit ${listed(f.missing)}: nodes would be locked out, and the request keeps the ranges as they are.`,
    remedy: (f) =>
      `Add ${listed(f.missing)} to the authorized ranges and plan again, or ask with authorizedRanges "widen".`,
    confidence: 'documented',
    source: 'EO; AR; azure-docs issue 111834',
  },
)

export const AUTHORIZED_AUTO_ADD_IS_LB_ONLY = rule('AUTHORIZED_AUTO_ADD_IS_LB_ONLY', {
  severity: 'warning',
  message: () =>
    "AKS admits the load balancer's own address without listing it; nothing similar is documented for the other outbound types.",
  remedy: () => 'List every new egress address explicitly.',
  confidence: 'documented',
  source: 'AR; azure-docs issue 111834',
})

function admission({ ranges, from, to, target }: PlanningContext): Finding[] {
  const findings: Finding[] = []
  if (ranges.current.includes(PLACEHOLDER_RANGE) && to !== 'loadBalancer')
    findings.push(AUTHORIZED_ZERO_PLACEHOLDER.finding({ target: target.outboundType }))
  if (ranges.missing.length > 0) {
    const said = ranges.add.length > 0 ? AUTHORIZED_RANGES_WIDENED : AUTHORIZED_RANGES_MISS_NEW_EGRESS
    findings.push(said.finding({ missing: ranges.missing }))
  }
  if (from === 'loadBalancer' && from !== to) findings.push(AUTHORIZED_AUTO_ADD_IS_LB_ONLY.finding({}))
  return findings
}

export const AUTHORIZED_RANGES_TARGET_UNKNOWABLE = rule<{ count: number; added: boolean }>(
  'AUTHORIZED_RANGES_TARGET_UNKNOWABLE',
  {
    severity: 'acknowledge',
    message: (f) =>
      `The API server admits only listed ranges, and ${f.count} new egress address${f.count === 1 ? ' does' : 'es do'} not exist before the change: nodes are cut off from the API server until the new addresses are listed.`,
    remedy: (f) =>
      f.added
        ? 'The plan lists the new addresses as soon as they exist. To avoid the gap use own addresses, or API Server VNet Integration first.'
        : 'List the new addresses as soon as they exist, or use own addresses, or ask with authorizedRanges "widen".',
    confidence: 'documented',
    source: 'AR; EO; BLOG',
  },
)

export const AUTHORIZED_EGRESS_NOT_IN_ARM = rule('AUTHORIZED_EGRESS_NOT_IN_ARM', {
  severity: 'acknowledge',
  message: () =>
    'The API server admits only listed ranges, and the new egress leaves by addresses that ARM does not show: whether nodes keep the API server cannot be proven.',
  remedy: () =>
    'Make sure that every public address of the appliance is in the authorized ranges before the change.',
  confidence: 'documented',
  source: 'AR; limit-egress-traffic (FW)',
})

function unknownEgress(context: PlanningContext): Finding[] {
  const count = context.after.created.IPv4 + context.after.created.IPv6
  const findings: Finding[] = []
  if (
    count > 0 &&
    !isCoveredByPlaceholder(context.snapshot.cluster, {
      to: context.to,
      effectiveAfter: context.effective.after,
    })
  )
    findings.push(
      AUTHORIZED_RANGES_TARGET_UNKNOWABLE.finding({ count, added: needsLateAuthorization(context) }),
    )
  if (context.after.unknowable) findings.push(AUTHORIZED_EGRESS_NOT_IN_ARM.finding({}))
  return findings
}

export const AUTHORIZED_CIDR_FORM = rule<{ ranges: string[] }>('AUTHORIZED_CIDR_FORM', {
  severity: 'blocker',
  message: (f) =>
    `Authorized ranges whose address is not the first of its block: ${listed(f.ranges)}. A write of the list would be refused.`,
  remedy: () => 'Use the network address of each block.',
  confidence: 'documented',
  source: 'AR',
})

export const AUTHORIZED_LIMIT = rule<{ count: number; limit: number }>('AUTHORIZED_LIMIT', {
  severity: 'blocker',
  message: (f) =>
    `With the new addresses the authorized ranges would have ${f.count} entries; ${f.limit} are allowed.`,
  remedy: () => 'Merge ranges, or use a prefix for the new addresses.',
  confidence: 'documented',
  source: 'AR',
})

export const AUTHORIZED_SERVICE_TAG = rule<{ tags: string[] }>('AUTHORIZED_SERVICE_TAG', {
  severity: 'info',
  message: (f) =>
    `The authorized ranges hold ${f.tags.length === 1 ? 'a service tag' : 'service tags'} (${listed(f.tags)}), kept as they are; what a tag contains is not looked into.`,
  remedy: () => 'Nothing to do.',
  confidence: 'documented',
  source: 'api-server-service-tags (ST)',
})

/** AKS takes or refuses the list as a whole, so an old fault in it would make a later write fail. */
function listForm({ ranges }: PlanningContext): Finding[] {
  const findings: Finding[] = []
  const crooked = ranges.current.filter((entry) => isCidr(entry) && !isNetworkAddress(entry))
  const tags = ranges.current.filter((entry) => !isCidr(entry))
  if (crooked.length > 0) findings.push(AUTHORIZED_CIDR_FORM.finding({ ranges: crooked }))
  if (ranges.count > ranges.limit)
    findings.push(AUTHORIZED_LIMIT.finding({ count: ranges.count, limit: ranges.limit }))
  if (tags.length > 0) findings.push(AUTHORIZED_SERVICE_TAG.finding({ tags }))
  return findings
}

/** Whom the authorized ranges concern beside the nodes of the load balancer's pool. */
export const checkApiServerClients: Check = (context) => {
  if (context.isNoChange) return []
  return [...publicNodes(context), ...insiders(context)]
}

/** Paths that outrank the nodes' own addresses (nat-overview). */
const OUTRANKING: EffectivePath[] = ['virtualAppliance', 'virtualNetworkGateway', 'natGateway']

export const AUTHORIZED_NODE_PIP = rule<{ pools: string[] }>('AUTHORIZED_NODE_PIP', {
  severity: 'blocker',
  message: (f) =>
    `Nodes of ${listed(f.pools)} leave by public IPs of their own that come from no prefix: nobody can list them before they exist, and the API server admits only what is listed.`,
  remedy: () => 'Replace these pools by ones whose addresses come from a prefix, and list that prefix.',
  confidence: 'documented',
  source: 'AR; KARP',
})

/** Nodes that leave by an address of their own that nobody can list before (api-server-authorized-ip-ranges wants a prefix). */
function publicNodes({ ranges, snapshot: { cluster }, to, effective }: PlanningContext): Finding[] {
  const leaveByThem = (to === 'loadBalancer' || to === 'none') && !OUTRANKING.includes(effective.after)
  if (ranges.mode !== 'enforced' || !leaveByThem) return []
  const pools = cluster.agentPools
    .filter((pool) => pool.enableNodePublicIP && pool.nodePublicIpPrefixId === null)
    .map((pool) => pool.name)
  return pools.length === 0 ? [] : [AUTHORIZED_NODE_PIP.finding({ pools })]
}

export const AUTHORIZED_SELF_LOCKOUT = rule<{
  former: string[]
  notAdmitted: string[]
  notKnownYet: boolean
}>('AUTHORIZED_SELF_LOCKOUT', {
  severity: 'warning',
  message: (f) =>
    `Whatever reaches this API server by the cluster's own egress (pipelines and tools inside, clusters that share it) comes from ${listed(f.former)} now, and afterwards from addresses that are not admitted${f.notAdmitted.length > 0 ? `: ${listed(f.notAdmitted)}` : ' yet'}.`,
  remedy: (f) =>
    `List the new addresses ${f.notKnownYet ? 'as soon as they are known' : 'before the change'}, and run what executes this change from elsewhere.`,
  confidence: 'inferred',
  source: 'AR',
})

/**
 * Pipelines and tools inside reach the public endpoint by the cluster's egress. They lose it where the former
 * address was listed and the new ones are neither covered nor added before the switch.
 */
function insiders(context: PlanningContext): Finding[] {
  const { ranges, after } = context
  if (ranges.mode !== 'enforced' && ranges.mode !== 'nodesPrivate') return []
  const lost = lostAddresses(context).map(toCidr)
  const uncoveredLost = new Set(uncovered(ranges.current, lost))
  const known = lost.filter((each) => !uncoveredLost.has(each))
  if (known.length === 0) return []
  const come = after.known.flatMap((each) => (each.address === null ? [] : [toCidr(each.address)]))
  const admitted = [...ranges.current, ...ranges.add]
  const shutOut = uncovered(admitted, come)
  const unknown = after.created.IPv4 + after.created.IPv6 + (after.unknowable ? 1 : 0)
  if (shutOut.length + unknown === 0) return []
  return [AUTHORIZED_SELF_LOCKOUT.finding({ former: known, notAdmitted: shutOut, notKnownYet: unknown > 0 })]
}
