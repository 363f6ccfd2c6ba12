import type { EffectivePath, IpFamily } from '../../contract/egress.ts'
import { idKey } from '../arm/resource-id.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import {
  addressKey,
  distinctAddresses,
  type EgressAddress,
  instanceAddresses,
  isUnknown,
} from './addresses.ts'
import { API_SERVER, INTERNET } from './destinations.ts'
import { type JoinedPath, joinPaths } from './joined-paths.ts'
import type { EgressPath } from './paths.ts'
import { destinationKey, type OverriddenPrefix } from './static-gateway.ts'

/** Packets whose source addresses change: the addresses that one class of destinations sees before and after the change. */
export interface AddressMove {
  family: IpFamily
  before: EgressAddress[]
  after: EgressAddress[]
  /** Whether another resource carries the packets, so that an unknown address is another one than before. */
  isElsewhere: boolean
}

/**
 * The moves of a change. A destination must allow the addresses that its own traffic has after the change, including
 * addresses that the cluster already uses for other traffic. `overridden` contains prefixes of the static egress
 * gateway: their traffic gets the addresses of the paths that override them.
 */
export function addressMoves(
  paths: { before: EgressPath[]; after: EgressPath[] },
  snapshot: Snapshot,
  overridden: OverriddenPrefix[],
): AddressMove[] {
  const pairs = joinPaths(paths.before, paths.after).filter(isExact)
  const moves = pairs.flatMap((pair) => movesOf(pair, nodeAddressKeys(pair, snapshot)))
  const ofGateways = overridden.map(({ address, keys }): AddressMove => {
    const after = pairs.filter(
      (pair) =>
        pair.after.family === address.family &&
        keys.has(destinationKey(pair.after.subnetId, pair.after.destination)),
    )
    return {
      family: address.family,
      before: [address],
      after: distinctAddresses(after.flatMap((pair) => pair.after.addresses)),
      isElsewhere: true,
    }
  })
  return [...moves, ...ofGateways]
}

/**
 * The addresses that packets get in addition, or instead. `from` is one of the former addresses: if packets no longer
 * leave from it, every address after the change replaces it.
 */
export function gainedAddresses(
  { before, after, isElsewhere }: AddressMove,
  from?: EgressAddress,
): EgressAddress[] {
  const isKept = from === undefined || includes(after, from)
  if (!isKept) return after
  return after.filter((address) => !includes(before, address) || (isElsewhere && isUnknown(address)))
}

/** Whether some packets leave from this address after the change that left from other addresses before it. */
export function gainsTraffic(address: EgressAddress['address'], moves: AddressMove[]): boolean {
  return moves.some((move) => gainedAddresses(move).some((gained) => gained.address === address))
}

/** Whether packets move to addresses that ARM does not show. */
export function movesToUnknown(moves: AddressMove[]): boolean {
  return moves.some((move) =>
    [undefined, ...move.before].some((from) => gainedAddresses(move, from).some(isUnknown)),
  )
}

/**
 * The routes to the API server are also routes of other classes. Halves of the internet with different paths are
 * separate classes. Only the exact classes count, so that an address replaces only those of its own packets.
 */
function isExact({ before, after }: JoinedPath): boolean {
  if (before.destination === API_SERVER) return false
  return before.destination !== INTERNET || (before.path !== 'mixed' && after.path !== 'mixed')
}

/** Nodes with public IPs are separate sources: packets of other pools of the subnet never leave from these IPs. */
function movesOf({ before, after }: JoinedPath, nodeKeys: Set<string>): AddressMove[] {
  const { family } = before
  const [was, willBe] = [parted(before, nodeKeys), parted(after, nodeKeys)]
  const isElsewhere = before.path !== after.path || before.via !== after.via
  const others = was.nodes.length === 0 ? after.addresses : willBe.others
  const keepsNodeIps = willBe.nodes.length > 0
  const moves: AddressMove[] = []
  if (before.path !== 'instancePublicIp')
    moves.push({ family, before: was.others, after: others, isElsewhere })
  if (was.nodes.length > 0)
    moves.push({
      family,
      before: was.nodes,
      after: keepsNodeIps ? willBe.nodes : willBe.others,
      isElsewhere: isElsewhere && !keepsNodeIps,
    })
  return moves.filter(isMove)
}

function isMove({ before, after, isElsewhere }: AddressMove): boolean {
  return !isSame(before, after) || (isElsewhere && after.some(isUnknown))
}

/** Paths that override the public IPs of nodes (nat-overview). */
const OVERRIDING: EffectivePath[] = ['virtualAppliance', 'virtualNetworkGateway', 'natGateway']

/** An unknown address may be one of a node, or not. */
function parted({ path, addresses }: EgressPath, nodeKeys: Set<string>) {
  if (OVERRIDING.includes(path)) return { nodes: [], others: addresses }
  return {
    nodes: addresses.filter((address) => nodeKeys.has(addressKey(address))),
    others: addresses.filter((address) => isUnknown(address) || !nodeKeys.has(addressKey(address))),
  }
}

function nodeAddressKeys({ before }: JoinedPath, snapshot: Snapshot): Set<string> {
  const subnet = snapshot.subnets.find(({ id }) => idKey(id) === idKey(before.subnetId))
  return new Set(subnet === undefined ? [] : instanceAddresses(subnet, snapshot).map(addressKey))
}

function isSame(left: EgressAddress[], right: EgressAddress[]): boolean {
  return (
    left.every((address) => includes(right, address)) && right.every((address) => includes(left, address))
  )
}

function includes(addresses: EgressAddress[], wanted: EgressAddress): boolean {
  return addresses.some((address) => addressKey(address) === addressKey(wanted))
}
