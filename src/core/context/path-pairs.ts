import type { EffectivePath } from '../../contract/egress.ts'
import type { OutboundType } from '../../contract/outbound-type.ts'
import { typeOfKey } from '../arm/outbound-type.ts'
import { idKey } from '../arm/resource-id.ts'
import { isUnknown } from '../egress/addresses.ts'
import { API_SERVER } from '../egress/destinations.ts'
import { interruptedChange } from '../egress/interrupted-change.ts'
import { isSamePath, type JoinedPath, joinPaths } from '../egress/joined-paths.ts'
import { egressPaths } from '../egress/paths.ts'
import { memoize } from '../lib/memoize.ts'
import { listedCode } from '../lib/text.ts'
import type { SubnetFacts } from '../snapshot/network-facts.ts'
import { declaredEgress } from '../snapshot/network-profile.ts'
import type { PlanningContext } from './planning-context.ts'

/** A pair of paths of a subnet that was read. */
export interface PathPair extends JoinedPath {
  subnet: SubnetFacts
}

/** Pairs the paths of the plan before and after the change. */
function joinedPaths({ paths }: PlanningContext): JoinedPath[] {
  return joinPaths(paths.before, paths.after)
}

export const pathPairs = memoize((context: PlanningContext): PathPair[] => {
  const subnets = new Map(context.snapshot.subnets.map((subnet) => [idKey(subnet.id), subnet]))
  return joinedPaths(context).flatMap((path) => {
    const subnet = subnets.get(idKey(path.before.subnetId))
    return subnet === undefined ? [] : [{ ...path, subnet }]
  })
})

/** Whether the path to the destination differs from the internet path, before or after the change. */
export function isException({ before, after, internet }: JoinedPath): boolean {
  return internet === null || !isSamePath(before, internet.before) || !isSamePath(after, internet.after)
}

/** Azure does not guarantee default outbound access, and its addresses can change. */
const NO_TRANSLATION: EffectivePath[] = ['none', 'defaultOutbound']

/** Whether packets lose their egress path, or may lose it because one of several possible paths ends. */
export function isEnding({ before, after }: JoinedPath): boolean {
  if (before.path === 'none') return false
  if (before.path === 'defaultOutbound') return after.path === 'none'
  const hidesAddress = (side: JoinedPath['after']) => side.addresses.some(isUnknown)
  const mayEnd = after.path === 'mixed' && hidesAddress(after) && !hidesAddress(before)
  return NO_TRANSLATION.includes(after.path) || mayEnd
}

/** The paths that end with the change. */
export function endingPaths(context: PlanningContext): JoinedPath[] {
  return joinedPaths(context).filter(isEnding)
}

/** The packets whose path or source addresses change. */
export const movedPaths = memoize((context: PlanningContext): JoinedPath[] =>
  joinedPaths(context).filter(({ before, after }) => !isSamePath(before, after)),
)

/** Whether any packet has another path, or other source addresses, after the change. */
export function movesTraffic(context: PlanningContext): boolean {
  return movedPaths(context).length > 0
}

/**
 * Whether the plan writes anything that a path depends on: the egress of the cluster, an attachment or a route. A cleanup
 * without detachments deletes only resources without users. Any update of the cluster can complete an interrupted change.
 */
function writesPaths({
  snapshot,
  changesEgress,
  completes,
  cleanUp,
  preparation,
  ranges,
}: PlanningContext): boolean {
  return (
    changesEgress ||
    completes !== null ||
    cleanUp.detachments.length > 0 ||
    preparation.writes.some(({ isAttachment }) => isAttachment === true) ||
    (ranges.add.length > 0 && interruptedChange(snapshot) !== null)
  )
}

/** Whether the current path of any packet is unknown, so that it may move. */
export function mayMoveTraffic(context: PlanningContext): boolean {
  if (!writesPaths(context)) return false
  return joinedPaths(context).some(
    ({ before, after }) =>
      before.path === 'unknown' || (before.alternative === 'none' && after.alternative !== 'none'),
  )
}

/**
 * Whether packets have other paths or source addresses with the former outbound type of an interrupted change. Until AKS
 * completes the change, packets may use the paths of either type.
 */
export function hasOtherFormerPaths({ snapshot }: PlanningContext): boolean {
  const former = interruptedChange(snapshot)?.former ?? null
  if (former === null) return false
  const pathsWith = (declared: OutboundType | null) =>
    egressPaths({ snapshot, declared, subnets: snapshot.subnets, profile: null })
  return joinPaths(
    pathsWith(typeOfKey(former).outboundType),
    pathsWith(declaredEgress(snapshot.cluster).outboundType),
  ).some(({ before, after }) => !isSamePath(before, after))
}

/** Whether completing the interrupted change moves packets, or may move them. */
export function mayMoveOnCompletion(context: PlanningContext): boolean {
  if (context.completes === null) return false
  return movesTraffic(context) || mayMoveTraffic(context) || hasOtherFormerPaths(context)
}

/** Whether packets on the internet path move, not only packets to destinations with a separate route. */
export function movesInternetPath(context: PlanningContext): boolean {
  return movedPaths(context).some(({ internet }) => internet === null)
}

/** The destinations with a separate route whose packets move although packets on the internet path do not. */
export function movedExceptions(context: PlanningContext): string[] {
  const moved = movedPaths(context).filter(({ internet }) => internet !== null)
  return [...new Set(moved.map(({ before }) => before.destination))]
}

/** These destinations as part of a sentence. */
export function exceptionsLabel(context: PlanningContext): string {
  return listedCode(movedExceptions(context).map((name) => (name === API_SERVER ? 'API server' : name)))
}

/** The paths to the public address of the API server whose source addresses change or, if the exact path is unknown, may change. */
export function unsettledApiServerPaths(context: PlanningContext): JoinedPath[] {
  const moved = movedPaths(context).filter(({ after }) => after.family === 'IPv4')
  const movedSubnets = new Set(moved.map(({ after }) => idKey(after.subnetId)))
  return joinedPaths(context).filter(
    ({ before, after }) =>
      after.destination === API_SERVER &&
      (!isSamePath(before, after) ||
        before.path === 'unknown' ||
        // A mixed path is one of the other IPv4 paths of its subnet.
        (after.path === 'mixed' && movedSubnets.has(idKey(after.subnetId)))),
  )
}

/** Whether the API server sees the nodes from other addresses after the change. */
export function movesApiServerPath(context: PlanningContext): boolean {
  return movedPaths(context).some(({ before }) => before.destination === API_SERVER)
}
