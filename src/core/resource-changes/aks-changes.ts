import type { ResourceChange } from '../../contract/plan.ts'
import type { LoadBalancerTarget, NatGatewayTarget } from '../../contract/target.ts'
import { RESOURCE_TYPES } from '../arm/resource-id.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { frontendsAfter } from '../context/service-frontends.ts'
import { isAksOwned, managedAddresses } from '../egress/addresses.ts'
import { aksLoadBalancer, hasServices } from '../egress/outbound-resources.ts'
import type { LoadBalancerFacts } from '../snapshot/network-facts.ts'
import { customerIpIds } from '../snapshot/network-profile.ts'
import {
  attachedAddress,
  buildChange,
  createdAddresses,
  releasable,
  releasedAddress,
  replacedAddresses,
} from './address-changes.ts'

/**
 * For `block`, AKS writes network security rules, and removes them when the type changes (egress-outboundtype; the
 * removal is inferred).
 */
export function isolationChanges({ from, to }: PlanningContext): ResourceChange[] {
  if (from === to) return []
  const rules = { action: 'update', type: RESOURCE_TYPES.networkSecurityGroup } as const
  const written = 'AKS adds rules that deny traffic to the internet.'
  const removed = 'AKS removes the rules that deny traffic to the internet.'
  return [
    ...(to === 'block' ? [buildChange({ ...rules, because: written, confidence: 'documented' })] : []),
    ...(from === 'block' ? [buildChange({ ...rules, because: removed, confidence: 'inferred' })] : []),
  ]
}

/** Changes when the cluster leaves the load balancer: AKS removes its outbound rule and the addresses that it created. */
export function leaveLoadBalancer(context: PlanningContext): ResourceChange[] {
  const { snapshot } = context
  const addresses = snapshot.cluster.loadBalancerProfile?.effectiveOutboundIpIds ?? []
  return [
    ...balancerLeft(aksLoadBalancer(snapshot), context),
    ...addresses.map((id) => releasedAddress(id, 'load balancer', snapshot)),
  ]
}

function balancerLeft(balancer: LoadBalancerFacts | null, context: PlanningContext): ResourceChange[] {
  if (balancer === null) return []
  const isUsed = hasServices(balancer)
  return [
    buildChange({
      action: isUsed ? 'update' : 'delete',
      type: RESOURCE_TYPES.loadBalancer,
      id: balancer.id,
      because: isUsed
        ? `AKS removes the outbound rule. ${frontendsAfter(context)}`
        : 'No Service uses this load balancer. A cluster whose outbound type is not loadBalancer has a load balancer only for Services.',
      confidence: 'inferred',
    }),
  ]
}

/** Addresses are created or attached, and AKS builds the outbound rule and its backend pool (egress-outboundtype). */
export function enterLoadBalancer(context: PlanningContext, wanted: LoadBalancerTarget): ResourceChange[] {
  const balancer = aksLoadBalancer(context.snapshot)
  const because = 'AKS adds an outbound rule for all agent nodes to its load balancer.'
  return [
    balancerChange(balancer, balancer === null ? 'create' : 'update', because),
    ...customerIpIds(wanted).map((id) => attachedAddress(id, 'load balancer')),
    ...createdAddresses(wanted, [], 'Standard', 'the load balancer'),
  ]
}

/** Changes of parameters without a change of the type: addresses are added and removed, the rest stays. */
export function resizeLoadBalancer(context: PlanningContext, wanted: LoadBalancerTarget): ResourceChange[] {
  const { snapshot } = context
  const profile = snapshot.cluster.loadBalancerProfile
  const present = managedAddresses(profile, snapshot)
  const because = 'AKS updates the outbound rule with the new parameters.'
  return [
    balancerChange(aksLoadBalancer(snapshot), 'update', because),
    ...replacedAddresses(context, profile, wanted, 'load balancer'),
    ...createdAddresses(wanted, present, 'Standard', 'the load balancer'),
  ]
}

function balancerChange(
  balancer: LoadBalancerFacts | null,
  action: ResourceChange['action'],
  because: string,
): ResourceChange {
  const type = RESOURCE_TYPES.loadBalancer
  const id = balancer?.id ?? null
  return buildChange({ action, type, id, name: 'kubernetes', because, confidence: 'documented' })
}

/**
 * Changes to a managed NAT gateway: AKS creates the gateway, the addresses and the association of the subnet
 * (egress-outboundtype, nat-gateway).
 */
export function enterNatGateway(context: PlanningContext, wanted: NatGatewayTarget): ResourceChange[] {
  return [
    buildChange({
      action: 'create',
      type: RESOURCE_TYPES.natGateway,
      because: `AKS creates a ${wanted.sku} NAT gateway in the node resource group.`,
      confidence: 'documented',
      properties: [
        { path: '/sku/name', before: null, after: wanted.sku },
        { path: '/properties/idleTimeoutInMinutes', before: null, after: wanted.idleTimeoutInMinutes },
      ],
    }),
    ...customerIpIds(wanted).map((id) => attachedAddress(id, 'NAT gateway')),
    ...createdAddresses(wanted, [], wanted.sku, 'the NAT gateway'),
    buildChange({
      action: 'attach',
      type: RESOURCE_TYPES.subnet,
      id: context.snapshot.subnets[0]?.id ?? null,
      because: "AKS attaches the NAT gateway to the cluster's subnet.",
      confidence: 'documented',
    }),
  ]
}

/**
 * Changes from a managed NAT gateway: AKS detaches the gateway from the subnet, and deletes it with the addresses that
 * it created (egress-outboundtype, AKS release notes 2023-07-30).
 */
export function leaveNatGateway(context: PlanningContext): ResourceChange[] {
  const { snapshot } = context
  const addresses = snapshot.cluster.natGatewayProfile?.effectiveOutboundIpIds ?? []
  const change = { action: 'delete', type: RESOURCE_TYPES.natGateway, confidence: 'inferred' } as const
  const because = 'AKS detaches its NAT gateway from the subnet and deletes it.'
  return [
    ...managedGatewayIds(context).map((id) => buildChange({ ...change, id, because })),
    ...releasable(addresses, 'NAT gateway', snapshot).map((id) =>
      releasedAddress(id, 'NAT gateway', snapshot),
    ),
  ]
}

/** Standard to StandardV2 is a new gateway under the same name, not an upgrade (AKS engineering blog). */
export function replaceNatGateway(context: PlanningContext): ResourceChange[] {
  const because =
    'The SKU of a gateway cannot change: AKS deletes the gateway and creates a new gateway with the same name.'
  return leaveNatGateway(context).map((change) =>
    change.type === RESOURCE_TYPES.natGateway ? { ...change, because } : change,
  )
}

/** Changes of parameters without a change of the type. */
export function resizeNatGateway(context: PlanningContext, wanted: NatGatewayTarget): ResourceChange[] {
  const profile = context.snapshot.cluster.natGatewayProfile
  const change = { action: 'update', type: RESOURCE_TYPES.natGateway, confidence: 'documented' } as const
  const because = 'AKS updates its NAT gateway with the new parameters.'
  return [
    ...managedGatewayIds(context).map((id) => buildChange({ ...change, id, because })),
    ...replacedAddresses(context, profile, wanted, 'NAT gateway'),
    ...createdAddresses(wanted, managedAddresses(profile, context.snapshot), wanted.sku, 'the NAT gateway'),
  ]
}

function managedGatewayIds({ snapshot }: PlanningContext): string[] {
  const ids = snapshot.subnets.flatMap(({ natGatewayId }) => natGatewayId ?? [])
  return [...new Set(ids)].filter((id) => isAksOwned(id, snapshot))
}
