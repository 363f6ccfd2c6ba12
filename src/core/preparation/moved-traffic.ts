import type { EffectivePath } from '../../contract/egress.ts'
import { idKey, isRoute, namesOf, routeTableOf } from '../arm/resource-id.ts'
import { equalsArm } from '../arm/words.ts'
import { API_SERVER, INTERNET } from '../egress/destinations.ts'
import { comparePaths } from '../egress/joined-paths.ts'
import { leavingLabel } from '../egress/path-labels.ts'
import { currentSide, type EgressPath } from '../egress/paths.ts'
import { agree, listed, named } from '../lib/text.ts'
import type { SubnetFacts } from '../snapshot/network-facts.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import type { Preparation, ResourceWrite } from './preparation.ts'
import { preparedSnapshot } from './prepared-snapshot.ts'

/**
 * The preparation with the traffic that each attachment moves. The paths before and after each write decide: a NAT gateway
 * under a default route moves nothing, and neither does a default route under routes with longer prefixes.
 */
export function withMoves(preparation: Preparation, snapshot: Snapshot): Preparation {
  const done = preparation.writes.filter(({ isAttachment }) => isAttachment !== true)
  let before = preparedSnapshot(snapshot, preparation, done)
  const writes = preparation.writes.map((write): ResourceWrite => {
    if (write.isAttachment !== true) return write
    done.push(write)
    const after = preparedSnapshot(snapshot, preparation, done)
    const effect = effectOf(write, before, after)
    before = after
    return { ...write, ...effect }
  })
  return { ...preparation, writes }
}

type Effect = Pick<ResourceWrite, 'movesTraffic' | 'exceptions' | 'because'>

function effectOf(write: ResourceWrite, before: Snapshot, after: Snapshot): Effect {
  const subnets = after.subnets.filter((subnet) => isAffected(subnet, write))
  const { moved, kept } = comparePaths(
    currentSide(before),
    currentSide(after),
    subnets.map(({ id }) => id),
  )
  const isGateway = attachesGateway(write)
  if (moved.length === 0) return { because: unmoved(isGateway, before) }
  const movesTraffic = true
  if (moved.every(({ path }) => path === 'unknown'))
    return {
      movesTraffic,
      because: `It is unknown whether traffic uses the ${isGateway ? 'NAT gateway' : 'default route'} from this step onward, because the current egress path is unknown.`,
    }
  const using = moved.filter(({ path }) => path === 'mixed' || isCarriedBy(path, isGateway))
  const others = moved.filter((path) => !using.includes(path))
  if (kept.length === 0 && others.length === 0) return { movesTraffic, because: write.because }
  const names = after.subnets.length < 2 ? [] : namesOf(subnets)
  const sentences = [
    usingSentence(using, isGateway, names),
    othersSentence(others),
    keptSentence(kept, names),
  ]
  return { movesTraffic, exceptions: destinationsOf(moved), because: sentences.flat().join(' ') }
}

function isCarriedBy(path: EffectivePath, isGateway: boolean): boolean {
  return isGateway ? path === 'natGateway' : path === 'virtualAppliance' || path === 'virtualNetworkGateway'
}

/** The sentences name the subnets if the cluster has several, because each step is about its own subnets. */
function usingSentence(using: EgressPath[], isGateway: boolean, subnets: string[]): string[] {
  if (using.length === 0) return []
  const uses = isGateway
    ? 'use the NAT gateway as soon as it is attached'
    : 'follow the default route immediately'
  const origin = subnets.length === 0 ? '' : ` from ${named('subnet', subnets)}`
  return [`New connections${origin} to ${listed(destinationsOf(using))} ${uses}.`]
}

/** Packets that a replaced gateway carried, and that the new gateway does not carry. */
function othersSentence(paths: EgressPath[]): string[] {
  const groups = [...Map.groupBy(paths, ({ path }) => path)]
  const parts = groups.map(([path, own]) => `packets to ${listed(destinationsOf(own))} ${leavingLabel(path)}`)
  return parts.length === 0 ? [] : [`From then on, ${listed(parts)}.`]
}

function keptSentence(kept: EgressPath[], subnets: string[]): string[] {
  if (kept.length === 0) return []
  if (subnets.length === 0) return ['Other traffic keeps its path in this step.']
  return [`Other traffic from ${agree(subnets, 'this subnet', 'these subnets')} keeps its path in this step.`]
}

function isAffected({ id, routeTableId }: SubnetFacts, write: ResourceWrite): boolean {
  return isRoute(write.id) ? equalsArm(routeTableId, routeTableOf(write.id)) : idKey(id) === idKey(write.id)
}

function attachesGateway({ changes }: ResourceWrite): boolean {
  return changes.some(({ path }) => path === '/properties/natGateway')
}

function unmoved(isGateway: boolean, before: Snapshot): string {
  if (currentSide(before).declared === 'block')
    return 'The outbound type `block` denies all traffic to the internet, so no traffic moves in this step.'
  return isGateway
    ? 'The routes of the subnet override the NAT gateway, so traffic keeps its current path.'
    : 'Routes with longer prefixes take precedence over the default route, so traffic keeps its current path.'
}

/**
 * The destinations as parts of a sentence. The routes of a mixed path are destinations too. The API server is named only
 * if the internet path does not move.
 */
function destinationsOf(paths: EgressPath[]): string[] {
  const isInternet = ({ destination }: EgressPath) => destination === INTERNET
  const halved = new Set(
    paths.flatMap(({ destination, family }) => (/\/1$/.test(destination) ? [family] : [])),
  )
  const shown = paths.filter((path) => !isInternet(path) || path.path !== 'mixed' || !halved.has(path.family))
  const movesInternet = shown.some((path) => isInternet(path) && path.family === 'IPv4')
  const labels = shown.flatMap(({ path, destination, family }) => {
    if (destination === INTERNET) return [`the internet over ${family}`]
    if (destination !== API_SERVER) return [`\`${destination}\``]
    if (movesInternet) return []
    return [path === 'mixed' ? 'possibly the API server' : 'the API server']
  })
  return [...new Set(labels)]
}
