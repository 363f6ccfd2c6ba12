import type { EffectivePath } from '../../contract/egress.ts'
import type { OutboundType } from '../../contract/outbound-type.ts'
import type { LoadBalancerTarget, NatGatewayTarget, Target } from '../../contract/target.ts'
import { typeKeyOf } from '../arm/outbound-type.ts'
import type { SubnetFacts } from '../snapshot/network-facts.ts'
import { customerIpIds, declaredEgress } from '../snapshot/network-profile.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { unseenSubnetIds } from '../snapshot/vnet-kind.ts'
import {
  addressesOfSubnet,
  declaredProfile,
  distinctAddresses,
  type EgressAddress,
  instanceAddresses,
  isAksOwned,
  isUnknown,
  managedAddresses,
  resolveAddress,
} from './addresses.ts'
import { defaultRouteOf, effectivePathOf, routesToAppliance } from './paths.ts'

/**
 * Whether packets of the subnet take the target's path only when somebody puts on it what it still lacks: a NAT
 * gateway, or a default route to an appliance or gateway. Each such subnet has a blocker of its own. One that an
 * appliance leads already goes on that way whatever is attached, and one whose routes cannot be seen tells nothing.
 */
export function hasPendingAttachment(subnet: SubnetFacts, snapshot: Snapshot, target: Target): boolean {
  if (routesToAppliance(subnet, snapshot) || defaultRouteOf(subnet, snapshot) === 'unread') return false
  if (target.outboundType === 'userDefinedRouting')
    return effectivePathOf(subnet, snapshot, target.outboundType) !== 'unknown'
  return target.outboundType === 'userAssignedNATGateway' && subnet.natGatewayId === null
}

/** The egress addresses once the target is reached. */
export interface ProjectedEgress {
  known: EgressAddress[]
  /** Addresses that AKS makes during the change, per family: countable, but unknown before. */
  created: { IPv4: number; IPv6: number }
  /** Addresses that the plan itself makes before the cut-over: known by then, though not yet. */
  prepared: EgressAddress[]
  /** Present AKS addresses of which AKS releases some, and nobody can say which. */
  undecided: EgressAddress[]
  /** Some traffic leaves by addresses that ARM does not show at all. */
  unknowable: boolean
}

/** What the cluster's packets will carry after the change, subnet by subnet. */
export function projectEgress(snapshot: Snapshot, target: Target): ProjectedEgress {
  const subnets = projectedSubnets(snapshot, target)
  const paths = subnets.map((subnet) => effectivePathOf(subnet, snapshot, target.outboundType))
  const isUnseen = unseenSubnetIds(snapshot.cluster, subnets).length > 0
  const profile = isUnseen || usesProfile(paths, target) ? profileAddresses(snapshot, target) : noAddresses()
  const others = subnets.flatMap((subnet, index) =>
    isProfilePath(paths[index], target)
      ? besideProfile(subnet, snapshot, target)
      : addressesOfSubnet(subnet, snapshot, target.outboundType),
  )
  return {
    ...profile,
    known: distinctAddresses([...profile.known, ...others.filter((address) => address.address !== null)]),
    prepared: distinctAddresses([
      ...profile.prepared,
      ...others.filter((address) => address.planned !== undefined),
    ]),
    unknowable: profile.unknowable || others.some(isUnknown) || isUnseen,
  }
}

/** Nodes with public IPs of their own pass the load balancer by; a NAT gateway outranks them (Karpenter Azure provider, nat-overview). */
function besideProfile(subnet: SubnetFacts, snapshot: Snapshot, target: Target): EgressAddress[] {
  return target.outboundType === 'loadBalancer' ? instanceAddresses(subnet, snapshot) : []
}

/**
 * The subnets as packets find them once the target is in force. userDefinedRouting cannot be before every subnet has
 * a default route, which outranks whatever stands there now: such a subnet keeps no address, and where the route will
 * lead nobody can tell yet (UDR_CUTOVER_IS_ROUTE).
 */
export function projectedSubnets(snapshot: Snapshot, target: Target): SubnetFacts[] {
  const subnets = projectedAttachments(snapshot, target)
  if (target.outboundType !== 'userDefinedRouting') return subnets
  return subnets.map((subnet) =>
    hasPendingAttachment(subnet, snapshot, target)
      ? { ...subnet, natGatewayId: null, defaultOutboundAccess: null }
      : subnet,
  )
}

/**
 * The subnets with what is attached to them after the change: AKS takes its own NAT gateway away when it is left
 * (egress-outboundtype).
 */
export function projectedAttachments(snapshot: Snapshot, target: Target): SubnetFacts[] {
  const leavesNat = target.outboundType !== 'managedNATGateway'
  return snapshot.subnets.map((subnet) =>
    leavesNat && subnet.natGatewayId !== null && isAksOwned(subnet.natGatewayId, snapshot)
      ? { ...subnet, natGatewayId: null }
      : subnet,
  )
}

/** Whether this path is fed by the profile of the target type and not by something on the subnet. */
function isProfilePath(path: EffectivePath | undefined, target: Target): boolean {
  if (target.outboundType === 'loadBalancer') return path === 'loadBalancer'
  return target.outboundType === 'managedNATGateway' && path === 'natGateway'
}

function usesProfile(paths: EffectivePath[], target: Target): boolean {
  const hasProfile: OutboundType[] = ['loadBalancer', 'managedNATGateway']
  if (paths.length === 0) return hasProfile.includes(target.outboundType)
  return paths.some((path) => isProfilePath(path, target))
}

function profileAddresses(snapshot: Snapshot, target: Target): ProjectedEgress {
  if (target.outboundType === 'loadBalancer')
    return fromProfile(snapshot, target.loadBalancer, presentOf(snapshot, 'loadBalancer'))
  if (target.outboundType === 'managedNATGateway') {
    const key = typeKeyOf('managedNATGateway', target.natGateway.sku)
    return fromProfile(snapshot, target.natGateway, presentOf(snapshot, key))
  }
  return noAddresses()
}

/** The AKS-made addresses that the same profile holds now; empty when the type changes: none is carried over. */
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
): ProjectedEgress {
  const own = customerIpIds(wanted).map((id) => resolveAddress(id, snapshot))
  if (own.length > 0) {
    return {
      ...noAddresses(),
      known: own.filter((address) => address.address !== null),
      prepared: own.filter((address) => address.planned !== undefined),
      unknowable: own.some(isUnknown),
    }
  }
  const v4 = splitByCount(present, 'IPv4', wanted.managedOutboundIpCount ?? 0)
  const v6 = splitByCount(present, 'IPv6', wanted.managedOutboundIpv6Count ?? 0)
  const stays = [...v4.known, ...v6.known]
  return {
    known: stays.filter((address) => address.address !== null),
    created: { IPv4: v4.created, IPv6: v6.created },
    prepared: [],
    undecided: [...v4.undecided, ...v6.undecided],
    // An address of AKS that stays and could not be read is as unknown as before.
    unknowable: stays.some((address) => address.address === null),
  }
}

/** More addresses keep the present ones and add (recording 3); fewer release some, and AKS chooses which. */
function splitByCount(present: EgressAddress[], family: 'IPv4' | 'IPv6', count: number) {
  const have = present.filter((address) => address.family === family)
  if (count >= have.length) return { known: have, created: count - have.length, undecided: [] }
  return count === 0 ? { known: [], created: 0, undecided: [] } : { known: [], created: 0, undecided: have }
}

function noAddresses(): ProjectedEgress {
  return { known: [], created: { IPv4: 0, IPv6: 0 }, prepared: [], undecided: [], unknowable: false }
}
