import type { EffectivePath, PathChange, PathSide } from '../../contract/egress.ts'
import type { OutboundType } from '../../contract/outbound-type.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import {
  addressesOfSubnet,
  addressKey,
  type EgressAddress,
  instanceAddresses,
  isUnknown,
  resolveAddress,
  unknownAddress,
} from '../egress/addresses.ts'
import { aksLoadBalancer } from '../egress/outbound-resources.ts'
import { effectiveDefaultRouteOf, effectivePathOf, poolsIn, usesNodePublicIps } from '../egress/paths.ts'
import { projectEgress, projectedSubnets } from '../egress/projected-egress.ts'
import type { SubnetFacts } from '../snapshot/network-facts.ts'
import type { AgentPoolFacts, Snapshot } from '../snapshot/snapshot.ts'

/**
 * The effective egress of every subnet before and after, and of each pool where pools of one subnet differ: nodes
 * with public IPs of their own pass the load balancer by (Karpenter Azure provider). `isChange` says whether
 * anything is going to change at all.
 */
export function pathChanges(context: PlanningContext): PathChange[] {
  const { snapshot, prepared, target, declared, isChange } = context
  const later = isChange ? projectedSubnets(prepared, target) : snapshot.subnets
  return snapshot.subnets.flatMap((subnet, index) => {
    const then = later[index] ?? subnet
    const before = (pool: AgentPoolFacts | null) => sideOf(subnet, pool, snapshot, declared, null)
    const after = (pool: AgentPoolFacts | null) =>
      isChange ? sideOf(then, pool, prepared, target.outboundType, context) : before(pool)
    return byPool(poolsIn(subnet, snapshot), before, after).map(([pools, was, willBe]) => ({
      subnetId: subnet.id,
      pools,
      before: was,
      after: willBe,
    }))
  })
}

type SideOf = (pool: AgentPoolFacts | null) => PathSide

/** Pools that leave the same way share a row; a subnet without visible pools has one. */
function byPool(pools: AgentPoolFacts[], before: SideOf, after: SideOf): [string[], PathSide, PathSide][] {
  if (pools.length === 0) return [[[], before(null), after(null)]]
  const rows = new Map<string, [string[], PathSide, PathSide]>()
  for (const pool of pools) {
    const sides: [PathSide, PathSide] = [before(pool), after(pool)]
    const key = JSON.stringify(sides)
    const row = rows.get(key)
    if (row === undefined) rows.set(key, [[pool.name], ...sides])
    else row[0].push(pool.name)
  }
  return [...rows.values()]
}

/** `planned` is the context where the side is that after the change, whose profile addresses are not in Azure yet. */
function sideOf(
  subnet: SubnetFacts,
  pool: AgentPoolFacts | null,
  snapshot: Snapshot,
  declared: OutboundType | null,
  planned: PlanningContext | null,
): PathSide {
  const isOwn = pool?.enableNodePublicIP === true && usesNodePublicIps(subnet, snapshot, declared)
  const path = isOwn ? 'instancePublicIp' : effectivePathOf(subnet, snapshot, declared)
  const isProfile = isFedByProfile(path, declared)
  const later = planned !== null && isProfile ? projectEgress(snapshot, planned.target) : null
  const found =
    later === null ? addressesBy(path, subnet, pool, snapshot, declared) : [...later.known, ...later.prepared]
  return {
    path,
    via: viaOf(path, subnet, snapshot),
    addresses: found.flatMap((address) => address.address ?? []),
    toCome:
      later === null
        ? found.filter((address) => address.planned).length
        : later.prepared.length + later.created.IPv4 + later.created.IPv6,
    isComplete: later === null ? !found.some(isUnknown) : !later.unknowable && later.undecided.length === 0,
  }
}

function isFedByProfile(path: EffectivePath, declared: OutboundType | null): boolean {
  if (declared === 'loadBalancer') return path === 'loadBalancer'
  return declared === 'managedNATGateway' && path === 'natGateway'
}

function addressesBy(
  path: EffectivePath,
  subnet: SubnetFacts,
  pool: AgentPoolFacts | null,
  snapshot: Snapshot,
  declared: OutboundType | null,
): EgressAddress[] {
  if (path === 'instancePublicIp') {
    const prefix = pool?.nodePublicIpPrefixId ?? null
    return prefix === null ? [unknownAddress()] : [resolveAddress(prefix, snapshot)]
  }
  const all = addressesOfSubnet(subnet, snapshot, declared)
  if (!usesNodePublicIps(subnet, snapshot, declared)) return all
  // What belongs to nodes with addresses of their own is told in their row.
  const own = new Set(instanceAddresses(subnet, snapshot).map(addressKey))
  return all.filter((item) => !own.has(addressKey(item)))
}

/** What carries the packets, by its id or, for an appliance, its private address. */
function viaOf(path: EffectivePath, subnet: SubnetFacts, snapshot: Snapshot): string | null {
  switch (path) {
    case 'natGateway':
      return subnet.natGatewayId
    case 'loadBalancer':
      return aksLoadBalancer(snapshot)?.id ?? null
    case 'virtualAppliance':
    case 'virtualNetworkGateway': {
      const route = effectiveDefaultRouteOf(subnet, snapshot.routeTables)
      return route === null || typeof route === 'string'
        ? null
        : (route.nextHopIpAddress ?? subnet.routeTableId)
    }
    default:
      return null
  }
}
