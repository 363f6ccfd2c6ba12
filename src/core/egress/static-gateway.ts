import type { EgressIpChange } from '../../contract/egress.ts'
import { idKey, isInResourceGroup, lastSegment } from '../arm/resource-id.ts'
import { equalsArm } from '../arm/words.ts'
import type { PublicIpPrefixFacts } from '../snapshot/network-facts.ts'
import type { AgentPoolFacts, Snapshot } from '../snapshot/snapshot.ts'
import { type EgressAddress, resolveAddress } from './addresses.ts'
import { API_SERVER, destinationsOf, INTERNET } from './destinations.ts'
import { internetRoutesOf, usesNodePublicIps } from './effective-path.ts'
import { poolsIn } from './subnet-attachments.ts'
import { type EgressSide, reachesNodeIps } from './ways.ts'

/** A prefix of the static egress gateway, which contains the source addresses of annotated pods. */
export interface GatewayPrefix {
  address: EgressAddress
  /** The gateway pools with addresses of this prefix; all gateway pools if this is unknown. */
  pools: string[]
}

/** The node pools of mode Gateway (configure-static-egress-gateway). */
export function gatewayPools({ cluster }: Snapshot): AgentPoolFacts[] {
  return cluster.agentPools.filter(({ mode }) => equalsArm(mode, 'Gateway'))
}

/**
 * The prefixes of the gateway pools that ARM shows. Prefixes that the gateway creates are in the node resource group
 * and named `egressgateway-<UID>` (kube-egress-gateway). With a customer-provided prefix, the machines of a pool have
 * its addresses.
 */
export function gatewayPrefixes(snapshot: Snapshot): GatewayPrefix[] {
  const pools = gatewayPools(snapshot)
  if (pools.length === 0) return []
  const { subscriptionId, nodeResourceGroup } = snapshot.cluster
  const isOfNodes = (id: string) => isInResourceGroup(id, subscriptionId, nodeResourceGroup)
  const isCreated = ({ id }: PublicIpPrefixFacts) => isOfNodes(id) && /^egressgateway-/i.test(lastSegment(id))
  const holdersOf = ({ publicIpIds }: PublicIpPrefixFacts) =>
    pools.filter(({ name }) => publicIpIds.some((id) => isOfNodes(id) && isOfPool(id, name)))
  return Object.values(snapshot.publicIpPrefixes).flatMap((prefix) => {
    const holders = holdersOf(prefix)
    if (holders.length === 0 && !isCreated(prefix)) return []
    const names = (holders.length > 0 ? holders : pools).map(({ name }) => name)
    return [{ address: resolveAddress(prefix.id, snapshot), pools: names }]
  })
}

/** Whether the ID names an address of a scale set of this pool. Node public IPs come from another prefix. */
function isOfPool(publicIpId: string, pool: string): boolean {
  const match = /\/virtualMachineScaleSets\/aks-([a-z0-9]+)-\d+-vmss\//i.exec(publicIpId)
  return equalsArm(match?.[1], pool)
}

/**
 * Whether something on the subnets of these pools overrides the addresses of the gateway, which are instance-level
 * public IPs. A NAT gateway overrides them, and so does a route to an appliance or with the next hop `None`
 * (nat-overview). Routes that could not be read do not count.
 */
export function isOverridden(pools: string[], { snapshot, declared, subnets }: EgressSide): boolean {
  const own = subnets.filter((subnet) => poolsIn(subnet, snapshot).some(({ name }) => pools.includes(name)))
  return own.some(
    (subnet) =>
      internetRoutesOf(subnet, snapshot) !== 'unread' && !usesNodePublicIps(subnet, snapshot, declared),
  )
}

/** The prefixes that the packets of annotated pods actually use. */
export function prefixesInUse(side: EgressSide): GatewayPrefix[] {
  return gatewayPrefixes(side.snapshot).filter(({ pools }) => destinationsBy(pools, side).size > 0)
}

/** A prefix that packets to some destinations no longer have as their source addresses. */
export interface OverriddenPrefix extends GatewayPrefix {
  /** The keys of these destinations, as in `destinationKey`. */
  keys: Set<string>
  /** The names of these destinations if packets to others keep the addresses; empty if no packets keep them. */
  destinations: string[]
}

/** The prefixes that the change overrides, for all destinations or some. */
export function overriddenPrefixes(before: EgressSide, after: EgressSide): OverriddenPrefix[] {
  return gatewayPrefixes(before.snapshot).flatMap((prefix) => {
    const [was, willBe] = [destinationsBy(prefix.pools, before), destinationsBy(prefix.pools, after)]
    const lost = [...was].filter(([key]) => !willBe.has(key))
    if (lost.length === 0) return []
    const names = [...new Set(lost.map(([, name]) => name))]
    return [
      { ...prefix, keys: new Set(lost.map(([key]) => key)), destinations: willBe.size === 0 ? [] : names },
    ]
  })
}

/** Identifies the packets of a subnet to a class of destinations. */
export function destinationKey(subnetId: string, destination: string): string {
  return `${idKey(subnetId)} ${destination}`
}

/** The destinations whose packets have the addresses of the gateway, by their keys. The API server is in another class too. */
function destinationsBy(pools: string[], { snapshot, declared, subnets }: EgressSide): Map<string, string> {
  const own = subnets.filter((subnet) => poolsIn(subnet, snapshot).some(({ name }) => pools.includes(name)))
  const found = own.flatMap((subnet) => {
    const destinations = destinationsOf(subnet, snapshot, 'IPv4')
    const list = destinations === 'unread' ? [{ name: INTERNET, routes: [null] }] : destinations
    return list
      .filter(
        ({ name, routes }) =>
          name !== API_SERVER &&
          routes.some((route) => reachesNodeIps(route, 'IPv4', subnet, { snapshot, declared })),
      )
      .map(({ name }) => [destinationKey(subnet.id, name), name] as const)
  })
  return new Map(found)
}

/** The row of a prefix in allow lists: it remains as a resource even if no packet uses it after the change. */
export function prefixRow({ address, destinations }: OverriddenPrefix): EgressIpChange {
  const { family, resourceId } = address
  return {
    address: address.address,
    family,
    change: destinations.length === 0 ? 'lost' : 'kept',
    resourceId,
    knownAt: 'plan',
    recoverable: true,
  }
}
