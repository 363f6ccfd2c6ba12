import type { IpFamily } from '../../contract/egress.ts'
import type { TypeKey } from '../../contract/outbound-type.ts'
import type { LoadBalancerTarget, NatGatewayTarget, Target } from '../../contract/target.ts'
import { typeKeyOf, typeOfKey } from '../arm/outbound-type.ts'
import type { SubnetFacts } from '../snapshot/network-facts.ts'
import { customerIpIds, declaredEgress } from '../snapshot/network-profile.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import {
  addressKey,
  declaredProfile,
  distinctAddresses,
  type EgressAddress,
  isAksOwned,
  isUnknown,
  managedAddresses,
  resolveAddress,
  unknownAddress,
} from './addresses.ts'
import { effectivePathOf, internetRoutesOf } from './effective-path.ts'
import { type EgressPath, egressPaths } from './paths.ts'
import { DEFAULT_ROUTE_PREFIX, isApplianceHop } from './routes.ts'
import { mayLearnDefaultRoute, natGatewayIdOf } from './subnet-attachments.ts'
import { type EgressSide, isTranslated } from './ways.ts'

/**
 * Whether the subnet still lacks what the target's path needs, a NAT gateway or a default route to an appliance or
 * gateway, and adding it moves packets to the internet. Each such subnet has a blocker. Routes may override what is
 * missing; then adding it moves nothing. If the routes could not be read, the path is unknown.
 */
export function hasPendingAttachment(subnet: SubnetFacts, snapshot: Snapshot, target: Target): boolean {
  const routes = internetRoutesOf(subnet, snapshot)
  if (routes === 'unread' || declaredEgress(snapshot.cluster).outboundType === 'block') return false
  if (target.outboundType === 'userDefinedRouting') {
    const own = routes.find((route) => route === null || route.addressPrefix === DEFAULT_ROUTE_PREFIX)
    if (own === null && mayLearnDefaultRoute(subnet, snapshot)) return false
    const isMissing = own === null || (own !== undefined && !isApplianceHop(own))
    return isMissing && effectivePathOf(subnet, snapshot, target.outboundType) !== 'unknown'
  }
  if (target.outboundType !== 'userAssignedNATGateway' || natGatewayIdOf(subnet, snapshot) !== null)
    return false
  return routes.some(isTranslated)
}

/** The source addresses of a set of paths after the change. */
export interface ProjectedEgress {
  known: EgressAddress[]
  /** The number of addresses per family that AKS creates during the change. The addresses are unknown at plan time. */
  created: { IPv4: number; IPv6: number }
  /** Addresses that the plan creates before the cutover: unknown at plan time, known at the cutover. */
  prepared: EgressAddress[]
  /** Current AKS-managed addresses of which AKS releases some; which ones cannot be predicted. */
  undecided: EgressAddress[]
  /** Whether some traffic uses addresses that ARM does not show. */
  unknowable: boolean
}

/** The egress of the cluster after the change. */
export function projectedSide(snapshot: Snapshot, target: Target): EgressSide {
  return {
    snapshot,
    declared: target.outboundType,
    subnets: projectedSubnets(snapshot, target),
    profile: profileAfter(snapshot, target),
    attachesGateway:
      target.outboundType === 'managedNATGateway' &&
      declaredEgress(snapshot.cluster).key !== typeKeyOf('managedNATGateway', target.natGateway.sku),
  }
}

/** The addresses of these paths, grouped by when they are known. */
export function projectedAddresses(paths: EgressPath[]): ProjectedEgress {
  const addresses = distinctAddresses(paths.flatMap((path) => path.addresses))
  const known = addresses.filter(({ address, isUndecided }) => address !== null && isUndecided !== true)
  const count = (family: IpFamily) =>
    addresses.reduce((sum, item) => sum + (item.family === family ? (item.created ?? 0) : 0), 0)
  return {
    known,
    created: { IPv4: count('IPv4'), IPv6: count('IPv6') },
    prepared: addresses.filter(({ planned, isUndecided }) => planned !== undefined && isUndecided !== true),
    undecided: addresses.filter(({ isUndecided }) => isUndecided === true),
    unknowable: addresses.some(isUnknown),
  }
}

/**
 * The subnets with their attachments after the change. AKS detaches its managed NAT gateway when the outbound type no
 * longer uses it (egress-outboundtype).
 */
export function projectedSubnets(snapshot: Snapshot, target: Target): SubnetFacts[] {
  const leavesNat = target.outboundType !== 'managedNATGateway'
  return snapshot.subnets.map((subnet) =>
    leavesNat && subnet.natGatewayId !== null && isAksOwned(subnet.natGatewayId, snapshot)
      ? { ...subnet, natGatewayId: null }
      : subnet,
  )
}

/** The addresses of the target's profile: customer-provided ones, those that stay, and those that AKS creates. */
function profileAfter(snapshot: Snapshot, target: Target): EgressAddress[] {
  if (target.outboundType === 'loadBalancer')
    return fromProfile(snapshot, target.loadBalancer, presentOf(snapshot, 'loadBalancer'))
  if (target.outboundType === 'managedNATGateway') {
    const key = typeKeyOf('managedNATGateway', target.natGateway.sku)
    return fromProfile(snapshot, target.natGateway, presentOf(snapshot, key))
  }
  return target.outboundType === 'none' || target.outboundType === 'block' ? [] : [unknownAddress()]
}

/** The AKS-managed addresses that the same profile has now; empty if the outbound type changes, because AKS keeps none of them. */
function presentOf(snapshot: Snapshot, key: string): EgressAddress[] {
  const declared = declaredEgress(snapshot.cluster)
  return declared.key === key
    ? managedAddresses(declaredProfile(snapshot, declared.outboundType), snapshot)
    : []
}

function fromProfile(
  snapshot: Snapshot,
  wanted: LoadBalancerTarget | NatGatewayTarget,
  present: EgressAddress[],
): EgressAddress[] {
  const own = customerIpIds(wanted).map((id) => resolveAddress(id, snapshot))
  if (own.length > 0) return own
  return [
    ...ofFamily(present, 'IPv4', wanted.managedOutboundIpCount ?? 0),
    ...ofFamily(present, 'IPv6', wanted.managedOutboundIpv6Count ?? 0),
  ]
}

/** More addresses keep the present ones and add; fewer release some, and AKS chooses which (observed in recorded traffic). */
function ofFamily(present: EgressAddress[], family: IpFamily, count: number): EgressAddress[] {
  const have = present.filter((address) => address.family === family)
  if (count === 0) return []
  if (count < have.length) return have.map((address) => ({ ...address, isUndecided: true }))
  const created = count - have.length
  return created === 0
    ? have
    : [...have, { address: null, family, resourceId: null, ownedBy: 'aks', created }]
}

/**
 * AKS-managed addresses that AKS releases with the change although no path uses them: a resource on the subnets
 * overrides the declared type. Azure may assign them to another customer (AKS release notes 2023-07-30). `former` is
 * the outbound type before an interrupted change.
 */
export function releasedUnused(
  side: EgressSide,
  after: EgressSide,
  former: TypeKey | null = null,
): EgressAddress[] {
  const paths = [...egressPaths(side), ...egressPaths(after)]
  const used = new Set(paths.flatMap(({ addresses }) => addresses.map(addressKey)))
  const kept = new Set((after.profile ?? []).map(addressKey))
  const types = new Set([side.declared, former === null ? side.declared : typeOfKey(former).outboundType])
  return [...types]
    .flatMap((type) => managedAddresses(declaredProfile(side.snapshot, type), side.snapshot))
    .filter(
      (address) =>
        address.address !== null && !used.has(addressKey(address)) && !kept.has(addressKey(address)),
    )
}
