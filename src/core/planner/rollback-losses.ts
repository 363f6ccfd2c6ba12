import { idKey, lastSegment } from '../arm/resource-id.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { isAksOwned, isUnknown } from '../egress/addresses.ts'
import { isSamePath, type JoinedPath, joinPaths } from '../egress/joined-paths.ts'
import type { EgressPath } from '../egress/paths.ts'
import { projectedSide } from '../egress/projected-egress.ts'
import { mayReplaceGateway } from '../egress/ways.ts'
import { agree, listed, listedAs, listedUpTo, named, quoted } from '../lib/text.ts'
import { destinationLabel, MAX_DESTINATIONS } from '../plan/path-changes.ts'

/** Whether a rollback only lowers the number of AKS-managed addresses, so that current addresses can be among the released ones. */
export function releasesSome({ from, to, after }: Pick<PlanningContext, 'from' | 'to' | 'after'>): boolean {
  return from === to && after.known.length > 0 && after.created.IPv4 + after.created.IPv6 > 0
}

/** The addresses that a cleanup deletes. */
export function deletedAddresses(context: PlanningContext): string[] {
  const unused = context.released.flatMap(({ address }) => address ?? [])
  const deleted = [...unrecoverable(context), ...unused]
  return deleted.length === 0
    ? []
    : [`No plan restores ${listed(deleted)}: this plan deletes ${deleted.length === 1 ? 'it' : 'them'}.`]
}

function unrecoverable({ ledger }: PlanningContext): string[] {
  return ledger.flatMap((entry) =>
    entry.change === 'lost' && !entry.recoverable && entry.address !== null ? [entry.address] : [],
  )
}

/**
 * What a rollback does not restore, in sentences. `back` is the context of the rollback plan; null if only other
 * outbound types lead back.
 */
export function permanentLosses(context: PlanningContext, back: PlanningContext | null): string[] {
  const released = unrecoverable(context)
  const sentences =
    released.length > 0
      ? [`A rollback does not restore ${listed(released)}: AKS creates new addresses instead.`]
      : []
  if (context.ledger.some((entry) => entry.change === 'unknown' && entry.address !== null))
    sentences.push(
      'During the change, AKS releases some of the current addresses, and a rollback does not restore them. It is unknown at plan time which addresses AKS releases.',
    )
  if (releasesSome(context))
    sentences.push(
      'During a rollback, AKS may release some of the addresses that the cluster then uses, including addresses from before the change. It is unknown at plan time which addresses AKS releases.',
    )
  const unused = context.released.flatMap((address) => address.address ?? [])
  if (unused.length > 0)
    sentences.push(
      `A rollback does not restore ${listed(unused)}: AKS permanently releases ${agree(unused, 'this address', 'these addresses')} during the change. No traffic uses ${agree(unused, 'this address', 'these addresses')}.`,
    )
  return back === null
    ? sentences
    : [...sentences, ...replacedText(replaceableGateways(context)), ...keptMoves(context, back)]
}

/**
 * The customer-managed NAT gateways in use that AKS may replace with its own gateway. Azure does not define this. AKS
 * detaches its own gateway in a rollback, and attaches no other gateway.
 */
export function replaceableGateways({ prepared, target, paths }: PlanningContext): string[] {
  const side = projectedSide(prepared, target)
  const open = new Set(
    paths.after
      .filter(({ path, via }) => path === 'natGateway' && via === null)
      .map((path) => idKey(path.subnetId)),
  )
  const subnets = side.subnets.filter(
    (subnet) => open.has(idKey(subnet.id)) && mayReplaceGateway(subnet, side),
  )
  return [...new Set(subnets.map(({ natGatewayId }) => lastSegment(natGatewayId ?? '')))]
}

function replacedText(gateways: string[]): string[] {
  if (gateways.length === 0) return []
  return [
    `A rollback does not attach the ${listedAs('NAT gateway', gateways)} again if the change replaces ${agree(gateways, 'it', 'them')}, which Azure does not define.`,
  ]
}

/** The packets that the change moves and the rollback plan does not move back, or not certainly. */
function keptMoves(context: PlanningContext, back: PlanningContext): string[] {
  const moved = joinPaths(context.paths.before, context.paths.after).filter(
    ({ before, after }) => !isSamePath(before, after),
  )
  const later = new Map(joinPaths(context.paths.before, back.paths.after).map((pair) => [keyOf(pair), pair]))
  const pairs = moved.flatMap((pair) => later.get(keyOf(pair)) ?? [])
  const kept = pairs.filter((pair) => !isSameCarrier(pair, context))
  const open = pairs.filter((pair) => !kept.includes(pair))
  const ofDefault = open.filter(({ before }) => before.path === 'defaultOutbound')
  const unknown = open.filter(({ before }) => before.path === 'unknown' && before.addresses.some(isUnknown))
  return [
    ...keptText(kept, kept.length === pairs.length, context),
    ...defaultText(ofDefault),
    ...unknownText(unknown),
  ]
}

const keyOf = ({ before: { subnetId, family, destination } }: JoinedPath) =>
  `${idKey(subnetId)} ${family} ${destination}`

/** Whether the same kind of path, through the same customer-managed resource, carries the packets after the rollback. */
function isSameCarrier({ before, after }: JoinedPath, { snapshot }: PlanningContext): boolean {
  // AKS creates its load balancer and its NAT gateway again.
  const carrier = ({ path, via }: EgressPath) =>
    path === 'loadBalancer' || via === null || isAksOwned(via, snapshot) ? '' : idKey(via)
  return before.path === after.path && carrier(before) === carrier(after)
}

/** A rollback plan does not detach what the plan attaches, because it is not a part of the cluster. */
function keptText(pairs: JoinedPath[], isAll: boolean, { preparation }: PlanningContext): string[] {
  if (pairs.length === 0) return []
  const packets = `${isAll ? '' : 'all '}${packetsLabel(pairs)}`
  const replaced = preparation.writes.filter(
    ({ movesTraffic, former }) => movesTraffic === true && former.some(({ op }) => op === 'set'),
  )
  if (preparation.writes.every(({ isAttachment }) => isAttachment !== true))
    return [`A rollback does not move ${packets} back to their current egress path.`]
  return [
    `A rollback does not move ${packets} back: the resources that this plan attaches stay attached until the cleanup plan of the rollback job detaches them.`,
    ...(replaced.length === 0
      ? []
      : [
          `A cleanup plan does not attach a replaced resource again. Undo the step${agree(replaced, '', 's')} ${quoted(replaced.map(({ title }) => title))} manually.`,
        ]),
  ]
}

function defaultText(pairs: JoinedPath[]): string[] {
  if (pairs.length === 0) return []
  return [
    `A rollback may not restore the source addresses of ${packetsLabel(pairs)}: the addresses of Azure default outbound access can change.`,
  ]
}

function unknownText(pairs: JoinedPath[]): string[] {
  if (pairs.length === 0) return []
  return [
    `It is unknown whether a rollback restores the egress of ${packetsLabel(pairs)}, because the current egress path is unknown.`,
  ]
}

/** ``packets from the subnet `nodes` ``, with their destinations unless these are the internet. */
function packetsLabel(pairs: JoinedPath[]): string {
  const distinct = (texts: string[]) => [...new Set(texts)].filter((text) => text !== '')
  // A managed virtual network can have no visible subnet.
  const names = distinct(pairs.map(({ before }) => lastSegment(before.subnetId)))
  const packets = `packets from ${names.length === 0 ? 'the cluster' : named('subnet', names)}`
  if (pairs.some(({ internet }) => internet === null)) return packets
  const destinations = distinct(pairs.map(({ before }) => destinationLabel(before.destination)))
  return `${packets} to ${listedUpTo(MAX_DESTINATIONS, destinations)}`
}
