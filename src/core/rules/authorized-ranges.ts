import type { EffectivePath } from '../../contract/egress.ts'
import type { Finding } from '../../contract/finding.ts'
import { lostAddresses } from '../context/address-changes.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { isCoveredByPlaceholder, PLACEHOLDER_RANGE } from '../egress/authorized-ranges.ts'
import { isCidr, isNetworkAddress, toCidr, uncovered } from '../lib/cidr.ts'
import { listed } from '../lib/text.ts'
import { needsLateAuthorization } from '../plan/steps/build-steps.ts'
import { documented, inferred, STANDARD_V2_BLOG } from '../references/references.ts'
import { poolNames } from '../snapshot/agent-pools.ts'
import { type Check, rule } from './rule.ts'

export const AUTHORIZED_NOT_APPLICABLE = rule('AUTHORIZED_NOT_APPLICABLE', {
  severity: 'info',
  message: 'Authorized ranges do not apply: the cluster is private.',
  remedy: 'Nothing to do.',
  source: documented('api-server-authorized-ip-ranges', 'private-clusters'),
})

export const AUTHORIZED_VNETINT_NODES_PRIVATE = rule('AUTHORIZED_VNETINT_NODES_PRIVATE', {
  severity: 'info',
  message:
    'Nodes reach the API server inside the VNet, so they do not depend on the authorized ranges; tools that come in by the egress addresses still do.',
  remedy: 'Add the new egress addresses by hand if workloads or pipelines use the public endpoint.',
  source: inferred('api-server-vnet-integration'),
})

/** Whether nodes keep access to the API server during the change. */
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
  remedy: 'Replace 0.0.0.0/32 by explicit ranges first.',
  source: inferred('api-server-authorized-ip-ranges'),
})

export const AUTHORIZED_RANGES_WIDENED = rule<{ missing: string[] }>('AUTHORIZED_RANGES_WIDENED', {
  severity: 'warning',
  message: (f) =>
    `The API server does not admit ${listed(f.missing)} yet, and nodes that come from there would lose it. The plan adds what is missing first and waits until it is in force.`,
  remedy: 'Nothing to do if the plan is executed here; otherwise add the missing ranges before the switch.',
  source: documented('egress-outboundtype', 'api-server-authorized-ip-ranges'),
})

export const AUTHORIZED_RANGES_MISS_NEW_EGRESS = rule<{ missing: string[] }>(
  'AUTHORIZED_RANGES_MISS_NEW_EGRESS',
  {
    severity: 'blocker',
    message: (f) =>
      `The API server does not admit ${listed(f.missing)}: nodes would be locked out, and the request keeps the ranges as they are.`,
    remedy: (f) =>
      `Add ${listed(f.missing)} to the authorized ranges and plan again, or ask with authorizedRanges "widen".`,
    source: documented('egress-outboundtype', 'api-server-authorized-ip-ranges', 'azure-docs issue 111834'),
  },
)

export const AUTHORIZED_AUTO_ADD_IS_LB_ONLY = rule('AUTHORIZED_AUTO_ADD_IS_LB_ONLY', {
  severity: 'warning',
  message:
    "AKS admits the load balancer's own address without listing it; nothing similar is documented for the other outbound types.",
  remedy: 'List every new egress address explicitly.',
  source: documented('api-server-authorized-ip-ranges', 'azure-docs issue 111834'),
})

function admission({ ranges, from, to, target }: PlanningContext): Finding[] {
  const hasPlaceholder = ranges.current.includes(PLACEHOLDER_RANGE)
  const missingRule = ranges.add.length > 0 ? AUTHORIZED_RANGES_WIDENED : AUTHORIZED_RANGES_MISS_NEW_EGRESS
  return [
    ...AUTHORIZED_ZERO_PLACEHOLDER.when(hasPlaceholder && to !== 'loadBalancer', {
      target: target.outboundType,
    }),
    ...missingRule.ifAny({ missing: ranges.missing }),
    ...AUTHORIZED_AUTO_ADD_IS_LB_ONLY.when(from === 'loadBalancer' && from !== to, {}),
  ]
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
    source: documented('api-server-authorized-ip-ranges', 'egress-outboundtype', STANDARD_V2_BLOG),
  },
)

export const AUTHORIZED_EGRESS_NOT_IN_ARM = rule('AUTHORIZED_EGRESS_NOT_IN_ARM', {
  severity: 'acknowledge',
  message:
    'The API server admits only listed ranges, and the new egress leaves by addresses that ARM does not show: whether nodes keep the API server cannot be proven.',
  remedy:
    'Make sure that every public address of the appliance is in the authorized ranges before the change.',
  source: documented('api-server-authorized-ip-ranges', 'limit-egress-traffic'),
})

function unknownEgress(context: PlanningContext): Finding[] {
  const { after, effective, snapshot, to } = context
  const count = after.created.IPv4 + after.created.IPv6
  const isCovered = isCoveredByPlaceholder(snapshot.cluster, { to, effectiveAfter: effective.after })
  return [
    ...AUTHORIZED_RANGES_TARGET_UNKNOWABLE.when(count > 0 && !isCovered, {
      count,
      added: needsLateAuthorization(context),
    }),
    ...AUTHORIZED_EGRESS_NOT_IN_ARM.when(after.unknowable, {}),
  ]
}

export const AUTHORIZED_CIDR_FORM = rule<{ ranges: string[] }>('AUTHORIZED_CIDR_FORM', {
  severity: 'blocker',
  message: (f) =>
    `Authorized ranges whose address is not the first of its block: ${listed(f.ranges)}. A write of the list would be refused.`,
  remedy: 'Use the network address of each block.',
  source: documented('api-server-authorized-ip-ranges'),
})

export const AUTHORIZED_LIMIT = rule<{ count: number; limit: number }>('AUTHORIZED_LIMIT', {
  severity: 'blocker',
  message: (f) =>
    `With the new addresses the authorized ranges would have ${f.count} entries; ${f.limit} are allowed.`,
  remedy: 'Merge ranges, or use a prefix for the new addresses.',
  source: documented('api-server-authorized-ip-ranges'),
})

export const AUTHORIZED_SERVICE_TAG = rule<{ tags: string[] }>('AUTHORIZED_SERVICE_TAG', {
  severity: 'info',
  message: (f) =>
    `The authorized ranges hold ${f.tags.length === 1 ? 'a service tag' : 'service tags'} (${listed(f.tags)}), kept as they are; what a tag contains is not looked into.`,
  remedy: 'Nothing to do.',
  source: documented('api-server-service-tags'),
})

/** AKS accepts or rejects the whole list, so an old error in it would make a later write fail. */
function listForm({ ranges }: PlanningContext): Finding[] {
  const misaligned = ranges.current.filter((entry) => isCidr(entry) && !isNetworkAddress(entry))
  const tags = ranges.current.filter((entry) => !isCidr(entry))
  return [
    ...AUTHORIZED_CIDR_FORM.ifAny({ ranges: misaligned }),
    ...AUTHORIZED_LIMIT.when(ranges.count > ranges.limit, { count: ranges.count, limit: ranges.limit }),
    ...AUTHORIZED_SERVICE_TAG.ifAny({ tags }),
  ]
}

/** Other clients of the API server: nodes with public IPs, and workloads in the cluster. */
export const checkApiServerClients: Check = (context) => {
  if (context.isNoChange) return []
  return [...publicNodes(context), ...workloads(context)]
}

/** Paths that override the public IPs of nodes (nat-overview). */
const OVERRIDING_PATHS: EffectivePath[] = ['virtualAppliance', 'virtualNetworkGateway', 'natGateway']

export const AUTHORIZED_NODE_PIP = rule<{ pools: string[] }>('AUTHORIZED_NODE_PIP', {
  severity: 'blocker',
  message: (f) =>
    `Nodes of ${listed(f.pools)} leave by public IPs of their own that come from no prefix: nobody can list them before they exist, and the API server admits only what is listed.`,
  remedy: 'Replace these pools by ones whose addresses come from a prefix, and list that prefix.',
  source: documented('api-server-authorized-ip-ranges', 'Karpenter Azure provider, node public IPs'),
})

/** Nodes whose public IP is unknown until they exist (api-server-authorized-ip-ranges recommends a prefix). */
function publicNodes({ ranges, snapshot: { cluster }, to, effective }: PlanningContext): Finding[] {
  const leaveByThem = (to === 'loadBalancer' || to === 'none') && !OVERRIDING_PATHS.includes(effective.after)
  if (ranges.mode !== 'enforced' || !leaveByThem) return []
  const pools = poolNames(cluster, (pool) => pool.enableNodePublicIP && pool.nodePublicIpPrefixId === null)
  return AUTHORIZED_NODE_PIP.ifAny({ pools })
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
  source: inferred('api-server-authorized-ip-ranges'),
})

/**
 * Pipelines and tools inside reach the public endpoint by the cluster's egress. They lose it where the former
 * address was listed and the new ones are neither covered nor added before the switch.
 */
function workloads(context: PlanningContext): Finding[] {
  const { ranges, after } = context
  if (ranges.mode !== 'enforced' && ranges.mode !== 'nodesPrivate') return []
  const lost = lostAddresses(context).map(toCidr)
  const uncoveredLost = new Set(uncovered(ranges.current, lost))
  const former = lost.filter((address) => !uncoveredLost.has(address))
  if (former.length === 0) return []
  const added = after.known.flatMap(({ address }) => (address === null ? [] : [toCidr(address)]))
  const notAdmitted = uncovered([...ranges.current, ...ranges.add], added)
  const notKnownYet = after.created.IPv4 + after.created.IPv6 > 0 || after.unknowable
  return AUTHORIZED_SELF_LOCKOUT.when(notAdmitted.length > 0 || notKnownYet, {
    former,
    notAdmitted,
    notKnownYet,
  })
}
