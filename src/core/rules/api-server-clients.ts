import type { Finding } from '../../contract/finding.ts'
import { type HiddenAddresses, hiddenKindOf } from '../context/address-changes.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { addressKey, type EgressAddress, isUnknown } from '../egress/addresses.ts'
import { addressesThatNeedEntries } from '../egress/authorized-ranges.ts'
import { API_SERVER } from '../egress/destinations.ts'
import { poolsByNodeIp } from '../egress/effective-path.ts'
import { interruptedSide } from '../egress/interrupted-change.ts'
import { isSamePath, type JoinedPath, joinPaths } from '../egress/joined-paths.ts'
import { currentSide, type EgressPath, egressPaths } from '../egress/paths.ts'
import { projectedSide } from '../egress/projected-egress.ts'
import { toCidr, uncovered } from '../lib/cidr.ts'
import { agree, listed, named, these } from '../lib/text.ts'
import { documented, inferred } from '../references/references.ts'
import { poolNames } from '../snapshot/agent-pools.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { allowHidden } from './hidden-addresses.ts'
import { type Check, rule } from './rule.ts'

/** The source addresses that packets to the public endpoint of the API server lose, and those that they gain. */
export interface ApiServerMove {
  lost: EgressAddress[]
  gained: EgressAddress[]
  /** The path after the change. */
  after: EgressPath
}

/**
 * The changed source addresses of clients behind the egress of the cluster, for each subnet. Addresses of packets to
 * other destinations do not count: the API server never sees them.
 */
export function apiServerMoves(context: PlanningContext): ApiServerMove[] {
  if (!context.isChange) return []
  const { before, after } = pathsToPublicEndpoint(context)
  return joinPaths(before, after)
    .filter((pair) => pair.before.destination === API_SERVER && !isSamePath(pair.before, pair.after))
    .map(toMove)
}

function toMove({ before, after }: JoinedPath): ApiServerMove {
  const isElsewhere = before.path !== after.path || before.via !== after.via
  const [was, willBe] = [before, after].map(({ addresses }) => new Set(addresses.map(addressKey)))
  return {
    lost: before.addresses.filter((address) => willBe?.has(addressKey(address)) !== true),
    gained: after.addresses.filter(
      (address) => was?.has(addressKey(address)) !== true || (isElsewhere && isUnknown(address)),
    ),
    after,
  }
}

/** With API Server VNet Integration, nodes use a private endpoint, but other clients still use the public endpoint. */
function pathsToPublicEndpoint(context: PlanningContext): PlanningContext['paths'] {
  const { snapshot, prepared, target, completes } = context
  if (context.ranges.mode !== 'nodesPrivate') return context.paths
  const now = withPublicEndpoint(snapshot)
  return {
    before: egressPaths(completes === null ? currentSide(now) : interruptedSide(now, completes)),
    after: egressPaths(projectedSide(withPublicEndpoint(prepared), target)),
  }
}

function withPublicEndpoint(snapshot: Snapshot): Snapshot {
  return { ...snapshot, cluster: { ...snapshot.cluster, enableVnetIntegration: false } }
}

/** Other clients of the API server: nodes with public IPs, and workloads in the cluster. */
export const checkApiServerClients: Check = (context) => [
  ...publicNodes(context),
  ...checkWorkloadClients(context),
]

export const AUTHORIZED_NODE_PIP = rule<{ pools: string[] }>('AUTHORIZED_NODE_PIP', {
  severity: 'blocker',
  message: (f) =>
    `Nodes of ${named('node pool', f.pools)} would lose access to the API server: their public IPs do not come from a prefix, so you cannot add these IPs to the authorized IP ranges in advance.`,
  remedy: (f) =>
    `Replace ${these('node pool', f.pools)} with ${agree(f.pools, 'a node pool', 'node pools')} whose public IPs come from a prefix, and add that prefix to the authorized IP ranges.`,
  source: documented('api-server-authorized-ip-ranges', 'Karpenter Azure provider, node public IPs'),
})

/** Nodes that newly reach the API server from public IPs that are unknown (api-server-authorized-ip-ranges recommends a prefix). */
function publicNodes({ ranges, snapshot, prepared, target, declared, isChange }: PlanningContext): Finding[] {
  if (ranges.mode !== 'enforced' || !isChange) return []
  const before = poolsByNodeIp({ ...currentSide(snapshot), declared })
  const after = poolsByNodeIp(projectedSide(prepared, target))
  const pools = poolNames(
    snapshot.cluster,
    (pool) => pool.nodePublicIpPrefixIds.length === 0 && after.has(pool.name) && !before.has(pool.name),
  )
  return AUTHORIZED_NODE_PIP.ifAny({ pools })
}

export const AUTHORIZED_SELF_LOCKOUT = rule<{
  former: string[]
  notAdmitted: string[]
  notKnownYet: boolean
  /** What readers can do with the unknown addresses if no job reports them, because ARM never shows them. */
  hidden?: HiddenAddresses
}>('AUTHORIZED_SELF_LOCKOUT', {
  severity: 'warning',
  message: (f) =>
    `Clients that use the cluster's egress, such as pipelines and other clusters, ${f.notAdmitted.length > 0 ? 'lose' : 'may lose'} access to the API server: their source address changes from ${listed(f.former)} to ${f.notAdmitted.length > 0 ? `${listed(f.notAdmitted)}, which the authorized IP ranges do not contain` : 'an address that is unknown at plan time'}.`,
  remedy: (f) => `${authorize(f)} Execute this change from a client that does not use the cluster's egress.`,
  source: inferred('api-server-authorized-ip-ranges'),
})

/** Authorized IP ranges cannot allow the addresses of default outbound access. */
export const AUTHORIZE_GATEWAY =
  'Add the addresses of a NAT gateway to the authorized IP ranges. Then attach this gateway to the subnets before the cutover, which moves traffic immediately. Do not rely on the addresses of Azure default outbound access, which can change.'

function authorize({ notKnownYet, hidden }: { notKnownYet: boolean; hidden?: HiddenAddresses }): string {
  if (!notKnownYet) return 'Add the new addresses to the authorized IP ranges before the cutover.'
  if (hidden === undefined)
    return 'Add the new addresses to the authorized IP ranges as soon as the job reports these addresses.'
  return hidden === 'changeable'
    ? AUTHORIZE_GATEWAY
    : `${allowHidden(hidden, 'the new addresses', 'the authorized IP ranges')}.`
}

/**
 * Pipelines and tools in the cluster reach the public endpoint through the cluster's egress. They lose access if the
 * ranges cover the former address, and neither cover the new addresses nor get them before the cutover.
 */
export const checkWorkloadClients: Check = (context) => {
  const { mode } = context.ranges
  if (mode !== 'enforced' && mode !== 'nodesPrivate') return []
  const denied = apiServerMoves(context)
    .map((move) => judgeMove(move, context))
    .filter(
      ({ former, notAdmitted, notKnownYet }) => former.length > 0 && (notAdmitted.length > 0 || notKnownYet),
    )
  return AUTHORIZED_SELF_LOCKOUT.when(denied.length > 0, {
    former: [...new Set(denied.flatMap(({ former }) => former))],
    notAdmitted: [...new Set(denied.flatMap(({ notAdmitted }) => notAdmitted))],
    notKnownYet: denied.some(({ notKnownYet }) => notKnownYet),
    ...hiddenFact(denied, context),
  })
}

function hiddenFact(moves: JudgedMove[], context: PlanningContext): { hidden?: HiddenAddresses } {
  const later = moves.filter(({ notKnownYet }) => notKnownYet)
  if (later.some(({ isReported }) => isReported)) return {}
  const hidden = hiddenKindOf(
    later.map(({ after }) => after),
    context,
  )
  return hidden === null ? {} : { hidden }
}

type JudgedMove = ReturnType<typeof judgeMove>

function judgeMove({ lost, gained, after }: ApiServerMove, { ranges, snapshot, from, to }: PlanningContext) {
  const present = lost.flatMap(({ address }) => (address === null ? [] : [toCidr(address)]))
  const isLater = ({ address, resourceId }: EgressAddress) =>
    address === null && !ranges.addPrepared.includes(resourceId ?? '')
  return {
    former: present.filter((address) => uncovered(ranges.current, [address]).length === 0),
    notAdmitted: uncovered(
      [...ranges.current, ...ranges.add],
      addressesThatNeedEntries(snapshot.cluster, { from, to }, gained),
    ),
    notKnownYet: gained.some(isLater),
    isReported: gained.some((address) => isLater(address) && !isUnknown(address)),
    after,
  }
}
