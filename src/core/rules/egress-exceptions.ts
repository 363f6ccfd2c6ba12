import type { EffectivePath } from '../../contract/egress.ts'
import type { Finding } from '../../contract/finding.ts'
import type { TypeKey } from '../../contract/outbound-type.ts'
import { idKey, namesOf } from '../arm/resource-id.ts'
import { equalsArm } from '../arm/words.ts'
import { isEnding, isException, type PathPair, pathPairs } from '../context/path-pairs.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { isUnknown } from '../egress/addresses.ts'
import { API_SERVER, INTERNET } from '../egress/destinations.ts'
import { isSamePath } from '../egress/joined-paths.ts'
import { type BgpSign, bgpSignOf } from '../egress/learned-routes.ts'
import { isStandardV2 } from '../egress/outbound-resources.ts'
import type { EgressPath } from '../egress/paths.ts'
import { hasPendingAttachment } from '../egress/projected-egress.ts'
import { natGatewayIdOf } from '../egress/subnet-attachments.ts'
import { toCidr } from '../lib/cidr.ts'
import { agree, listed, named, these } from '../lib/text.ts'
import { documented, inferred, observed } from '../references/references.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { type ExceptionMove, exceptionMovesOf, gainedOnPath, moveClause } from './exception-moves.ts'
import { EXCEPTION_ADVICE } from './hidden-addresses.ts'
import { ipv6Reason, ipv6Remedy, type LostIpv6, lostIpv6 } from './ipv6-loss.ts'
import { BGP_SIGNS, hubFact, listLearnedRoutes } from './learned-routes.ts'
import { type Check, rule } from './rule.ts'

/** Packets whose path differs from the internet path of the subnet, and paths that ARM does not show. */
export const checkEgressExceptions: Check = (context) => {
  if (!context.isChange) return []
  const pairs = pathPairs(context)
  return [
    ...exceptionMoves(context, pairs),
    ...apiServerPath(context, pairs),
    ...ipv6(context, pairs),
    ...ipv6BehindGateway(context, pairs),
    ...bgpRoutes(context, pairs),
  ]
}

export const EXCEPTION_PATH_MOVES = rule<{
  moves: ExceptionMove[]
  /** Whether the change creates some of the new source addresses. */
  isLater?: true
  /** Whether ARM does not show some of them, and readers can find them. */
  isHidden?: true
}>('EXCEPTION_PATH_MOVES', {
  severity: 'warning',
  message: (f) =>
    `The change affects the egress to destinations with a more specific route: ${f.moves.map(moveClause).join('; ')}.`,
  remedy: (f) =>
    [
      f.moves.some(gainsAddresses) && EXCEPTION_ADVICE.new,
      f.isLater === true && EXCEPTION_ADVICE.created,
      f.isHidden === true && EXCEPTION_ADVICE.hidden,
      f.moves.some(({ after }) => after === 'defaultOutbound') && EXCEPTION_ADVICE.changeable,
      f.moves.some(({ after }) => after === 'none') && EXCEPTION_ADVICE.none,
      f.moves.some(({ differs }) => differs === 'fewerAddresses') && EXCEPTION_ADVICE.fewer,
    ]
      .filter((sentence) => sentence !== false)
      .join(' '),
  source: documented('virtual-networks-udr-overview', 'nat-overview'),
})

function gainsAddresses({ after, differs }: Pick<ExceptionMove, 'after' | 'differs'>): boolean {
  return after !== 'none' && after !== 'defaultOutbound' && differs !== 'fewerAddresses'
}

/** Separate rules report the API server. Routes for both halves of the internet can end every path of a subnet. */
function exceptionMoves(context: PlanningContext, pairs: PathPair[]): Finding[] {
  const moved = pairs.filter(
    (pair) =>
      pair.before.destination !== API_SERVER &&
      pair.before.destination !== INTERNET &&
      (isException(pair) || isEndedByRoute(context, pair)) &&
      !isSamePath(pair.before, pair.after),
  )
  const gained = moved.flatMap((pair) =>
    gainsAddresses({ after: pair.after.path }) ? gainedOnPath(pair) : [],
  )
  const isLater = gained.some((address) => address.address === null && !isUnknown(address))
  return EXCEPTION_PATH_MOVES.ifAny({
    moves: exceptionMovesOf(moved, pairs),
    ...(isLater ? { isLater: true as const } : {}),
    ...(gained.some(isUnknown) ? { isHidden: true as const } : {}),
  })
}

export const API_SERVER_PATH_LOST = rule<{
  subnets: string[]
  after: EffectivePath
  /** Whether a route sends the packets directly to the internet. Otherwise, all packets of the subnets lose their path. */
  isRouted?: boolean
}>('API_SERVER_PATH_LOST', {
  severity: 'acknowledge',
  message: (f) =>
    `Nodes in ${named('subnet', f.subnets)} may lose access to the API server: after the change, ${f.isRouted === false ? 'the nodes' : 'a route with the next hop type `Internet` matches the API server, and these nodes'} have ${f.after === 'none' ? 'no public source address' : 'only default outbound access'}.`,
  remedy: (f) =>
    f.isRouted === false
      ? `Keep the resources that carry the traffic of these nodes now. To replace these resources, first attach a NAT gateway to ${these('subnet', f.subnets)}, or add a default route to an appliance.`
      : `Route traffic to the API server through the same appliance as internet traffic. For example, remove the route that sends a service tag, such as \`AzureCloud\`, to the internet. Alternatively, if the cluster has authorized IP ranges, add the addresses of a NAT gateway to these ranges; then attach this gateway to ${these('subnet', f.subnets)}. Each of these actions can move other traffic immediately. Do not rely on default outbound access, which Azure does not guarantee.`,
  source: observed('azure-docs issue 117909', 'default-outbound-access'),
})

type UncertainPath = {
  subnets: string[]
  addresses: string[]
  /** The source addresses that the ranges lack, and that the plan does not add. */
  missing?: string[]
  /** Authorized IP ranges that the plan adds only because a route with a longer prefix may match. */
  added?: string[]
}

export const API_SERVER_PATH_UNCERTAIN = rule<UncertainPath>('API_SERVER_PATH_UNCERTAIN', {
  severity: 'warning',
  message: (f) =>
    `The path from ${named('subnet', f.subnets)} to the API server is unknown at plan time: several routes may match the address of the API server, and Azure Resource Manager does not show this address.`,
  remedy: (f) =>
    `Resolve the name of the API server, and compare its address with the routes of ${these('subnet', f.subnets)} to find the path. ${rangesRemedy(f)}`,
  source: inferred('virtual-networks-udr-overview', 'api-server-authorized-ip-ranges'),
})

/** What the reader adds, and what the plan adds. */
function rangesRemedy({ addresses, missing, added }: UncertainPath): string {
  if (missing !== undefined)
    return `If nodes may connect from ${agree(missing, 'the address', 'the addresses')} ${listed(missing)}, add ${these('address', missing)} to the authorized IP ranges before the cutover.`
  if (added !== undefined)
    return `The job adds ${listed(added)} to the authorized IP ranges, because nodes may connect from ${these('address', added)}. If nodes do not connect from ${these('address', added)}, remove ${these('entry', added)} after the change.`
  return addresses.length === 0
    ? 'Make sure that the authorized IP ranges contain every possible source address.'
    : `With this plan, the API server allows every known source address: ${listed(addresses)}.`
}

/**
 * Whether a change of the type ends a path although the subnet has everything that the target requires. Routes then send
 * the packets directly to the internet. A missing resource is a blocker, and adding it gives a path.
 */
function isEndedByRoute({ from, to, prepared, target }: PlanningContext, pair: PathPair): boolean {
  if (from === to || isIsolating(from, to) || !isEnding(pair)) return false
  return pair.before.family === 'IPv4' && !hasPendingAttachment(pair.subnet, prepared, target)
}

/**
 * A change to `none` or `block` removes the path to the internet on purpose, and ISO_API_PUBLIC reports the effect on the
 * API server. A cleanup can also end the path of a cluster that has one of these types.
 */
function apiServerPath(context: PlanningContext, pairs: PathPair[]): Finding[] {
  const { from, to, ranges } = context
  const toApiServer = pairs.filter(({ before }) => before.destination === API_SERVER)
  const isEnded = (pair: PathPair) =>
    (from === to && pair.after.path !== 'mixed') || isEndedByRoute(context, pair)
  const lost = toApiServer.filter((pair) => isEnding(pair) && (isException(pair) || isEnded(pair)))
  const uncertain = toApiServer.filter(({ after }) => after.path === 'mixed' && after.certainty !== 'certain')
  const cidrsOf = (list: PathPair[]) =>
    list.flatMap(({ after }) => after.addresses.flatMap(({ address }) => address ?? []))
  const addresses = cidrsOf(uncertain)
  // The usual route is the route for the service tag of the region, or the route to the internet.
  const usual = pairs.filter(
    ({ after }) => after.destination === INTERNET || /^AzureCloud(\.|$)/i.test(after.destination),
  )
  const sure = cidrsOf([...usual, ...toApiServer.filter((pair) => !uncertain.includes(pair))]).map(toCidr)
  const added = ranges.add.filter((cidr) => !sure.includes(cidr))
  const possible = addresses.map(toCidr)
  const missing = ranges.missing.filter((cidr) => possible.includes(cidr) && !ranges.add.includes(cidr))
  return [
    ...API_SERVER_PATH_LOST.when(lost.length > 0 && !isIsolating(from, to), {
      subnets: namesOf(lost.map(({ subnet }) => subnet)),
      after: lost.some(({ after }) => after.path === 'none') ? 'none' : 'defaultOutbound',
      ...(lost.some((pair) => isException(pair) || isEndedByRoute(context, pair)) ? {} : { isRouted: false }),
    }),
    ...API_SERVER_PATH_UNCERTAIN.when(uncertain.length > 0 && ranges.mode === 'enforced', {
      subnets: namesOf(uncertain.map(({ subnet }) => subnet)),
      addresses: [...new Set(addresses)],
      ...(missing.length === 0 ? {} : { missing }),
      ...(added.length === 0 ? {} : { added }),
    }),
  ]
}

function isIsolating(from: TypeKey | null, to: TypeKey): boolean {
  return from !== to && (to === 'none' || to === 'block')
}

export const IPV6_EGRESS_LOST = rule<LostIpv6>('IPV6_EGRESS_LOST', {
  severity: 'acknowledge',
  message: (f) =>
    `IPv6 packets from ${named('subnet', f.subnets)}${f.destinations.length === 0 ? '' : ` to ${named('destination', f.destinations)}`} have no egress path after the change${f.except === undefined ? '' : `, except to ${named('destination', f.except)}`}${f.losesBoth === true ? '' : `, ${ipv6Reason(f.cause)}`}.`,
  remedy: (f) => ipv6Remedy(f.cause),
  source: documented('configure-dual-stack', 'nat-sku'),
})

function ipv6(context: PlanningContext, pairs: PathPair[]): Finding[] {
  if (isIsolating(context.from, context.to)) return []
  const lost = pairs.filter(
    ({ before, after }) => before.family === 'IPv6' && before.path !== 'none' && after.path === 'none',
  )
  const whole = new Set(lost.flatMap(({ internet, subnet }) => (internet === null ? [subnet.id] : [])))
  const groups = [true, false].map((isWhole) => lost.filter(({ subnet }) => whole.has(subnet.id) === isWhole))
  return groups.flatMap((group) => IPV6_EGRESS_LOST.ifAny(lostIpv6(context, group, pairs)))
}

export const IPV6_DISRUPTED_BY_GATEWAY = rule<{ subnets: string[]; gateways: string[]; isPresent: boolean }>(
  'IPV6_DISRUPTED_BY_GATEWAY',
  {
    severity: 'acknowledge',
    severityOverride: (f) => (f.isPresent ? 'warning' : null),
    message: (f) =>
      `IPv6 packets from ${named('subnet', f.subnets)} use outbound rules of the load balancer${f.isPresent ? '' : ' after the change'}, and ${named('StandardV2 NAT gateway', f.gateways)} on the same ${agree(f.subnets, 'subnet', 'subnets')} disrupt${agree(f.gateways, 's', '')} connections that use these rules.`,
    remedy: (f) =>
      `Add IPv6 addresses to ${these('StandardV2 NAT gateway', f.gateways)} before workloads use IPv6. Alternatively, detach the ${agree(f.gateways, 'gateway', 'gateways')} from ${these('subnet', f.subnets)}, which also moves IPv4 egress immediately.`,
    source: documented('nat-sku'),
  },
)

/** A StandardV2 gateway without IPv6 addresses leaves IPv6 to the load balancer, which does not work (nat-sku, known issues). */
function ipv6BehindGateway({ snapshot, prepared }: PlanningContext, pairs: PathPair[]): Finding[] {
  const gatewayOn = (id: string, of: Snapshot) => {
    const subnet = of.subnets.find((item) => equalsArm(item.id, id))
    const gateway = of.natGateways[idKey((subnet && natGatewayIdOf(subnet, of)) ?? '')]
    return gateway !== undefined && isStandardV2(gateway) ? [gateway] : []
  }
  const isDisrupted = ({ path, family }: EgressPath, id: string, of: Snapshot) =>
    family === 'IPv6' && path === 'loadBalancer' && gatewayOn(id, of).length > 0
  const found = pairs.filter(({ after, subnet }) => isDisrupted(after, subnet.id, prepared))
  const [present, caused] = [true, false].map((isPresent) =>
    found.filter(({ before, subnet }) => isDisrupted(before, subnet.id, snapshot) === isPresent),
  )
  return [caused, present].flatMap((affected = [], index) =>
    IPV6_DISRUPTED_BY_GATEWAY.when(affected.length > 0, {
      subnets: [...new Set(namesOf(affected.map(({ subnet }) => subnet)))],
      gateways: [...new Set(namesOf(affected.flatMap(({ subnet }) => gatewayOn(subnet.id, prepared))))],
      isPresent: index === 1,
    }),
  )
}

export const BGP_DEFAULT_ROUTE_POSSIBLE = rule<{ subnets: string[]; sign: BgpSign; hub?: string }>(
  'BGP_DEFAULT_ROUTE_POSSIBLE',
  {
    severity: 'warning',
    message: (f) =>
      `A default route learned over BGP may override the egress path of ${named('subnet', f.subnets)}: ${BGP_SIGNS[f.sign]}, and Azure Resource Manager does not show learned routes.`,
    remedy: (f) =>
      `${listLearnedRoutes(f.hub)}${f.hub === undefined ? ', and look for 0.0.0.0/0 with the source `VirtualNetworkGateway`. If this route exists' : '. If the output contains a route for 0.0.0.0/0'}, packets do not leave with the addresses in this plan. In that case, ask the team that operates the ${f.hub === undefined ? 'gateway or route server' : 'virtual hub'} for the public addresses. Add these addresses to all allow lists before the cutover.`,
    source: documented('nat-overview', 'virtual-networks-udr-overview', 'route-injection-in-spokes'),
  },
)

function bgpRoutes({ snapshot, target }: PlanningContext, pairs: PathPair[]): Finding[] {
  if (target.outboundType === 'block') return []
  const open = pairs.filter(
    ({ internet, after: { family, certainty } }) =>
      internet === null && family === 'IPv4' && certainty === 'possible',
  )
  const subnets = open.map(({ subnet }) => subnet).filter((subnet) => bgpSignOf(subnet, snapshot) !== null)
  const [sign = 'gateway'] = subnets.flatMap((subnet) => bgpSignOf(subnet, snapshot) ?? []).sort()
  const hub = sign === 'virtualHub' ? hubFact(snapshot) : {}
  return BGP_DEFAULT_ROUTE_POSSIBLE.ifAny({ subnets: namesOf(subnets), sign, ...hub })
}
