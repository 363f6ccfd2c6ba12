import type { Finding } from '../../contract/finding.ts'
import { type HiddenAddresses, hiddenKindOf, mayAddressesChange } from '../context/address-changes.ts'
import { unsettledApiServerPaths } from '../context/path-pairs.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { isUnknown } from '../egress/addresses.ts'
import {
  addressesThatNeedEntries,
  isCoveredByPlaceholder,
  PLACEHOLDER_RANGE,
} from '../egress/authorized-ranges.ts'
import { API_SERVER } from '../egress/destinations.ts'
import { deniedAddresses, implicitlyAllowed } from '../egress/ranges-coverage.ts'
import { isCidr, isNetworkAddress, toCidr, uncovered } from '../lib/cidr.ts'
import { agree, listed, named } from '../lib/text.ts'
import { needsLateAuthorization } from '../plan/steps/build-steps.ts'
import { documented, inferred, STANDARD_V2_BLOG } from '../references/references.ts'
import { AUTHORIZE_GATEWAY } from './api-server-clients.ts'
import { type Check, rule } from './rule.ts'

export const AUTHORIZED_VNETINT_NODES_PRIVATE = rule('AUTHORIZED_VNETINT_NODES_PRIVATE', {
  severity: 'info',
  message:
    'Workloads and tools in the cluster lose access to the public endpoint of the API server if the authorized IP ranges do not contain the new egress addresses; nodes keep access inside the virtual network.',
  remedy:
    'If workloads or pipelines use the public endpoint of the API server, add the new egress addresses to the authorized IP ranges manually.',
  source: inferred('api-server-vnet-integration'),
})

export const AUTHORIZED_RANGES_MISS_EGRESS = rule<{
  missing: string[]
  added: boolean
  /** Whether no plan for this target adds every address: the change is not possible, or nodes then use other addresses. */
  leaves?: true
}>('AUTHORIZED_RANGES_MISS_EGRESS', {
  severity: 'warning',
  message: (f) =>
    `Nodes may already have lost access to the API server, because the authorized IP ranges do not contain the current egress ${agree(f.missing, 'address', 'addresses')} ${listed(f.missing)} of the nodes.`,
  remedy: (f) => {
    const add = `Add ${listed(f.missing)} to the authorized IP ranges`
    if (f.added) return `${add} now, or execute this plan, which adds ${agree(f.missing, 'it', 'them')}.`
    return f.leaves === true
      ? `${add} now, because this plan does not add ${agree(f.missing, 'it', 'them')}.`
      : `${add}, or set \`authorizedRanges\` to \`widen\` in the plan request.`
  },
  source: documented('egress-outboundtype', 'api-server-authorized-ip-ranges'),
})

/**
 * Checks whether the API server allows the current addresses. A reconciliation completes an interrupted change of the
 * outbound type but does not change the ranges. So the target can be in effect without access to the API server.
 */
export const checkPresentRanges: Check = (context) => {
  const { isInEffect, isNoChange, ranges, completes } = context
  if (!isInEffect) return deniedNow(context)
  // The missing ranges are those of the addresses after the interrupted change.
  if (completes !== null) return listForm(context)
  const isAdding = ranges.add.length > 0
  const missing = [
    ...AUTHORIZED_RANGES_MISS_EGRESS.ifAny({ missing: ranges.missing, added: isAdding }),
    ...(isAdding ? placeholderAlone(context) : []),
  ]
  return isNoChange ? missing : [...missing, ...listForm(context)]
}

/** The addresses from which nodes have no access before the change. The plan adds those that nodes also use after it. */
function deniedNow({ ranges, snapshot, paths }: PlanningContext): Finding[] {
  const missing = deniedAddresses(snapshot.cluster, paths.before)
  const isLeaving = missing.some((address) => !ranges.missing.includes(address))
  return AUTHORIZED_RANGES_MISS_EGRESS.ifAny({
    missing,
    added: missing.every((address) => ranges.add.includes(address)),
    ...(isLeaving ? { leaves: true as const } : {}),
  })
}

/** Checks that nodes keep access to the API server during the change. */
export const checkAuthorizedRanges: Check = (context) => {
  switch (context.ranges.mode) {
    case 'off':
    case 'notApplicable':
      return []
    case 'nodesPrivate':
      return [...AUTHORIZED_VNETINT_NODES_PRIVATE.when(mayAddressesChange(context), {}), ...listForm(context)]
    case 'enforced':
      return [...missingRanges(context), ...checkUnknownEgress(context), ...listForm(context)]
  }
}

export const AUTHORIZED_ZERO_PLACEHOLDER = rule<{ target: string; missing: string[] }>(
  'AUTHORIZED_ZERO_PLACEHOLDER',
  {
    severity: 'blocker',
    message: (f) =>
      f.target !== 'loadBalancer'
        ? `Nodes have no access to the API server with the outbound type \`${f.target}\`, because the authorized IP range 0.0.0.0/32 allows only the outbound address of a load balancer.`
        : `Nodes have no access to the API server from ${listed(f.missing)}, because the authorized IP range 0.0.0.0/32 allows only the outbound address of the load balancer, and AKS accepts no other entry beside this range.`,
    remedy:
      'Replace 0.0.0.0/32 with the current egress addresses of the cluster and the addresses of other clients of the API server, such as users and pipelines. Then create a new plan: the job adds the new egress addresses.',
    source: inferred('api-server-authorized-ip-ranges'),
  },
)

export const AUTHORIZED_RANGES_WIDENED = rule<{ missing: string[] }>('AUTHORIZED_RANGES_WIDENED', {
  severity: 'warning',
  message: (f) =>
    `After the change, nodes use the egress ${agree(f.missing, 'address', 'addresses')} ${listed(f.missing)}, which the API server does not allow yet, so the job adds ${agree(f.missing, 'this address', 'these addresses')} to the authorized IP ranges before the cutover.`,
  remedy: (f) =>
    `Continue if a job makes the change: the job adds ${listed(f.missing)}, and waits until the API server allows ${agree(f.missing, 'this address', 'these addresses')}. If you make the change without a job, add ${agree(f.missing, 'this address', 'these addresses')} before the cutover.`,
  source: documented('egress-outboundtype', 'api-server-authorized-ip-ranges'),
})

export const AUTHORIZED_RANGES_MISS_NEW_EGRESS = rule<{
  missing: string[]
  /** The missing addresses that nodes already use before the change. */
  present?: string[]
}>('AUTHORIZED_RANGES_MISS_NEW_EGRESS', {
  severity: 'blocker',
  message: (f) =>
    `Nodes would have no access to the API server after the change: the request keeps the authorized IP ranges unchanged, and these ranges do not contain the egress ${agree(f.missing, 'address', 'addresses')} ${listed(f.missing)}.`,
  remedy: (f) =>
    `Add ${listed(f.missing)} to the authorized IP ranges and create a new plan, or set \`authorizedRanges\` to \`widen\` in the plan request.`,
  source: documented('egress-outboundtype', 'api-server-authorized-ip-ranges', 'azure-docs issue 111834'),
})

export const AUTHORIZED_AUTO_ADD_IS_LB_ONLY = rule<{ addresses: string[] }>(
  'AUTHORIZED_AUTO_ADD_IS_LB_ONLY',
  {
    severity: 'warning',
    message: (f) =>
      `The API server allows the load balancer's ${agree(f.addresses, 'address', 'addresses')} ${listed(f.addresses)} without an entry in the authorized IP ranges, but this exception is documented only for the outbound type \`loadBalancer\`.`,
    remedy: 'Add every new egress address to the authorized IP ranges explicitly.',
    source: documented('api-server-authorized-ip-ranges', 'azure-docs issue 111834'),
  },
)

/** Addresses from which only the current type allows nodes, if the plan does not itself add all that the new path needs. */
function implicitAddresses(context: PlanningContext): string[] {
  const { from, to, ranges, paths, apiServer, snapshot } = context
  // AKS accepts no entry beside the placeholder.
  if (from !== 'loadBalancer' || from === to || ranges.current.includes(PLACEHOLDER_RANGE)) return []
  const { IPv4, IPv6 } = apiServer.addresses.created
  const isLater = IPv4 + IPv6 > 0 && !needsLateAuthorization(context)
  const isHidden = unsettledApiServerPaths(context).some(({ after }) => after.addresses.some(isUnknown))
  const isLeft = isHidden || isLater || ranges.missing.length > ranges.add.length
  return isLeft ? implicitlyAllowed(snapshot.cluster, paths.before) : []
}

/** The placeholder allows one egress only, and AKS accepts no entry beside it. */
function placeholderAlone({ ranges, to, target }: PlanningContext): Finding[] {
  const { missing } = ranges
  const isPresent = ranges.current.includes(PLACEHOLDER_RANGE)
  return AUTHORIZED_ZERO_PLACEHOLDER.when(isPresent && (to !== 'loadBalancer' || missing.length > 0), {
    target: target.outboundType,
    missing,
  })
}

function missingRanges(context: PlanningContext): Finding[] {
  const { ranges, to, snapshot, paths } = context
  const placeholder = placeholderAlone(context)
  const isExclusive = placeholder.length > 0 && to === 'loadBalancer'
  const missing = isExclusive ? [] : ranges.missing
  const denied = deniedAddresses(snapshot.cluster, paths.before)
  const [present, added] = [
    missing.filter((address) => denied.includes(address)),
    missing.filter((address) => !denied.includes(address)),
  ]
  return [
    ...placeholder,
    ...(ranges.add.length > 0
      ? AUTHORIZED_RANGES_WIDENED.ifAny({ missing: added })
      : AUTHORIZED_RANGES_MISS_NEW_EGRESS.ifAny({
          missing,
          ...(present.length > 0 ? { present } : {}),
        })),
    ...AUTHORIZED_AUTO_ADD_IS_LB_ONLY.ifAny({ addresses: implicitAddresses(context) }),
  ]
}

export const AUTHORIZED_RANGES_TARGET_UNKNOWABLE = rule<{
  count: number
  added: boolean
  /** The addresses after the change that the API server allows; empty if a node may have none of them. */
  allowed: string[]
  /** Whether the target is a gateway that supports no customer-provided addresses. */
  isStandardGateway?: true
}>('AUTHORIZED_RANGES_TARGET_UNKNOWABLE', {
  severity: 'acknowledge',
  message: (f) => {
    const created =
      f.count === 1 ? 'new egress address, which does' : `${f.count} new egress addresses, which do`
    return f.allowed.length === 0
      ? `During the change, nodes have no access to the API server until the authorized IP ranges contain the ${created} not exist before the cutover.`
      : `During the change, nodes that connect from ${f.count === 1 ? 'the new egress address' : `one of the ${f.count} new egress addresses`} have no access to the API server until the authorized IP ranges contain ${f.count === 1 ? 'this address' : 'these addresses'}; nodes that connect from ${listed(f.allowed)} keep access.`
  },
  remedy: (f) => {
    const provided = `customer-provided addresses${f.isStandardGateway === true ? ' with an AKS-managed StandardV2 NAT gateway' : ''}`
    return f.added
      ? `Use ${provided}, or enable API Server VNet Integration before you execute the plan. ${f.isStandardGateway === true ? 'AKS supports no rollback from StandardV2, and the' : 'The'} integration is irreversible and reimages every node pool. If you accept the loss of access instead, acknowledge this finding: the job adds the new addresses as soon as these addresses exist.`
      : `Add the new addresses to the authorized IP ranges as soon as \`az network public-ip list\` shows these addresses in the node resource group. Alternatively, use ${provided}, or set \`authorizedRanges\` to \`widen\` in the plan request.`
  },
  source: documented('api-server-authorized-ip-ranges', 'egress-outboundtype', STANDARD_V2_BLOG),
})

export const AUTHORIZED_EGRESS_NOT_IN_ARM = rule<{ hidden?: HiddenAddresses }>(
  'AUTHORIZED_EGRESS_NOT_IN_ARM',
  {
    severity: 'acknowledge',
    message:
      'Nodes lose access to the API server if the authorized IP ranges do not contain the new egress addresses, which are not visible in Azure Resource Manager.',
    remedy: (f) =>
      f.hidden === 'changeable'
        ? AUTHORIZE_GATEWAY
        : 'Find the public addresses of the new egress path, such as the addresses of its appliance. Make sure that every address is in the authorized IP ranges before the cutover.',
    source: documented('api-server-authorized-ip-ranges', 'limit-egress-traffic'),
  },
)

/** Checks that nodes keep access to the API server from addresses that the plan does not know. */
export const checkUnknownEgress: Check = (context) => {
  const { apiServer, snapshot, to, ranges } = context
  if (ranges.mode !== 'enforced') return []
  const { created } = apiServer.addresses
  // The API server already allows or denies the addresses of a path that does not change.
  const hidden = unsettledApiServerPaths(context).filter(({ after }) => after.addresses.some(isUnknown))
  const count = created.IPv4 + created.IPv6
  const isCovered = isCoveredByPlaceholder(snapshot.cluster, { to, apiServerPath: apiServer.after })
  return [
    ...AUTHORIZED_RANGES_TARGET_UNKNOWABLE.when(count > 0 && !isCovered, {
      count,
      added: needsLateAuthorization(context),
      allowed: allowedBesideNew(context),
      ...(to === 'managedNATGateway' ? { isStandardGateway: true as const } : {}),
    }),
    ...AUTHORIZED_EGRESS_NOT_IN_ARM.when(hidden.length > 0, {
      hidden:
        hiddenKindOf(
          hidden.map(({ after }) => after),
          context,
        ) ?? 'findable',
    }),
  ]
}

/** The allowed addresses beside those that AKS creates, if every path to the API server that gets new addresses has one. */
function allowedBesideNew({ paths, ranges, snapshot, from, to }: PlanningContext): string[] {
  const allowed = paths.after
    .filter(
      ({ destination, addresses }) =>
        destination === API_SERVER && addresses.some(({ created }) => created !== undefined),
    )
    .map(({ addresses }) => {
      const known = addresses.filter(({ isUndecided }) => isUndecided !== true)
      const cidrs = known.flatMap(({ address }) => (address === null ? [] : [toCidr(address)]))
      const denied = uncovered(
        [...ranges.current, ...ranges.add],
        addressesThatNeedEntries(snapshot.cluster, { from, to }, known),
      )
      return cidrs.filter((cidr) => !denied.includes(cidr))
    })
  return allowed.some((cidrs) => cidrs.length === 0) ? [] : [...new Set(allowed.flat())]
}

export const AUTHORIZED_CIDR_FORM = rule<{ ranges: string[] }>('AUTHORIZED_CIDR_FORM', {
  severity: 'blocker',
  message: (f) =>
    `AKS would reject an update of the authorized IP ranges, because the ${agree(f.ranges, 'entry', 'entries')} ${listed(f.ranges)} ${agree(f.ranges, 'does', 'do')} not start with the first address of ${agree(f.ranges, 'its block', 'their blocks')}.`,
  remedy:
    'Replace the address in each invalid entry with the first address of its block: for example, replace 192.0.2.7/24 with 192.0.2.0/24.',
  source: documented('api-server-authorized-ip-ranges'),
})

export const AUTHORIZED_LIMIT = rule<{ count: number; limit: number }>('AUTHORIZED_LIMIT', {
  severity: 'blocker',
  message: (f) =>
    `With the new addresses, the authorized IP ranges would have ${f.count} entries, above the limit of ${f.limit}.`,
  remedy: 'Merge authorized IP ranges, or use a public IP prefix instead of individual new addresses.',
  source: documented('api-server-authorized-ip-ranges'),
})

export const AUTHORIZED_SERVICE_TAG = rule<{ tags: string[] }>('AUTHORIZED_SERVICE_TAG', {
  severity: 'info',
  message: (f) =>
    `The plan does not check the addresses of ${named('service tag', f.tags)} in the authorized IP ranges.`,
  remedy:
    'Keep the service tags: the plan does not change them. The job adds a separate entry for every egress address, even if a tag already covers the address.',
  source: documented('api-server-service-tags'),
})

/** AKS accepts or rejects the whole list, so one invalid old entry makes a later write fail. */
function listForm({ ranges }: PlanningContext): Finding[] {
  const misaligned = ranges.current.filter((entry) => isCidr(entry) && !isNetworkAddress(entry))
  const tags = ranges.current.filter((entry) => !isCidr(entry))
  return [
    ...AUTHORIZED_CIDR_FORM.ifAny({ ranges: misaligned }),
    ...AUTHORIZED_LIMIT.when(ranges.count > ranges.limit, { count: ranges.count, limit: ranges.limit }),
    ...AUTHORIZED_SERVICE_TAG.ifAny({ tags }),
  ]
}
