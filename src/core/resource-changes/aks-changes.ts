import type { ResourceChange } from '../../contract/plan.ts'
import type { LoadBalancerTarget, NatGatewayTarget } from '../../contract/target.ts'
import { RESOURCE_TYPES } from '../arm/resource-id.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { isAksOwned, resolveAddress } from '../egress/addresses.ts'
import { aksLoadBalancer, hasServices } from '../egress/outbound-resources.ts'
import type { LoadBalancerFacts } from '../snapshot/network-facts.ts'
import {
  attachedAddress,
  createdAddresses,
  managedAddresses,
  releasedAddress,
  replacedAddresses,
} from './address-changes.ts'
import { buildChange } from './resource-change.ts'

/** `block` is network security rules that AKS writes and, on the way out, removes (EO; removal inferred). */
export function isolationChanges({ from, to }: PlanningContext): ResourceChange[] {
  if (from === to) return []
  const changes: ResourceChange[] = []
  if (to === 'block') {
    changes.push(
      buildChange({
        action: 'update',
        type: RESOURCE_TYPES.networkSecurityGroup,
        because: 'AKS adds rules that deny traffic to the internet.',
        confidence: 'documented',
      }),
    )
  }
  if (from === 'block') {
    changes.push(
      buildChange({
        action: 'update',
        type: RESOURCE_TYPES.networkSecurityGroup,
        because: 'AKS removes the rules that deny traffic to the internet.',
        confidence: 'inferred',
      }),
    )
  }
  return changes
}

/** Leaving the load balancer: its outbound rule and the AKS-made addresses go (rulebook 4, L-). */
export function leaveLoadBalancer(context: PlanningContext): ResourceChange[] {
  const { snapshot } = context
  const balancer = aksLoadBalancer(snapshot)
  const addresses = snapshot.cluster.loadBalancerProfile?.effectiveOutboundIpIds ?? []
  return [
    ...balancerLeft(balancer),
    ...addresses.map((id) => releasedAddress(resolveAddress(id, snapshot), id, 'load balancer')),
  ]
}

/** Entering: addresses are made or attached, the outbound rule and its backend pool are built (EO, LB1). */
export function enterLoadBalancer(context: PlanningContext, wanted: LoadBalancerTarget): ResourceChange[] {
  const balancer = aksLoadBalancer(context.snapshot)
  const own = [...wanted.outboundIpIds, ...wanted.outboundIpPrefixIds]
  return [
    buildChange({
      action: balancer === null ? 'create' : 'update',
      type: RESOURCE_TYPES.loadBalancer,
      id: balancer?.id ?? null,
      name: 'kubernetes',
      because: 'AKS adds an outbound rule for all agent nodes to its load balancer.',
      confidence: 'documented',
    }),
    ...own.map((id) => attachedAddress(id, 'load balancer')),
    ...createdAddresses(wanted, [], 'Standard', 'the load balancer'),
  ]
}

/** Same type, other parameters: addresses come and go, the rest stays. */
export function resizeLoadBalancer(context: PlanningContext, wanted: LoadBalancerTarget): ResourceChange[] {
  const balancer = aksLoadBalancer(context.snapshot)
  const profile = context.snapshot.cluster.loadBalancerProfile
  return [
    buildChange({
      action: 'update',
      type: RESOURCE_TYPES.loadBalancer,
      id: balancer?.id ?? null,
      name: 'kubernetes',
      because: 'AKS updates the outbound rule with the new parameters.',
      confidence: 'documented',
    }),
    ...replacedAddresses(context, profile, wanted, 'load balancer'),
    ...createdAddresses(wanted, managedAddresses(profile, context), 'Standard', 'the load balancer'),
  ]
}

function balancerLeft(balancer: LoadBalancerFacts | null): ResourceChange[] {
  if (balancer === null) return []
  if (hasServices(balancer)) {
    return [
      buildChange({
        action: 'update',
        type: RESOURCE_TYPES.loadBalancer,
        id: balancer.id,
        because:
          'AKS removes the outbound rule. Service frontends do not change, because the outbound type affects egress only.',
        confidence: 'inferred',
      }),
    ]
  }
  return [
    buildChange({
      action: 'delete',
      type: RESOURCE_TYPES.loadBalancer,
      id: balancer.id,
      because:
        'No Service uses it. Clusters of the other outbound types have a load balancer only for Services.',
      confidence: 'inferred',
    }),
  ]
}

/** Entering a managed NAT gateway: gateway, addresses and the subnet's association are AKS's work (EO, NG). */
export function enterNatGateway(context: PlanningContext, wanted: NatGatewayTarget): ResourceChange[] {
  const own = [...wanted.outboundIpIds, ...wanted.outboundIpPrefixIds]
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
    ...own.map((id) => attachedAddress(id, 'NAT gateway')),
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

/** Leaving: the gateway comes off the subnet and is deleted with the addresses that AKS made (N-, EO and REL). */
export function leaveNatGateway(context: PlanningContext): ResourceChange[] {
  const { snapshot } = context
  const gateways = managedGatewayIds(context)
  const addresses = snapshot.cluster.natGatewayProfile?.effectiveOutboundIpIds ?? []
  return [
    ...gateways.map((id) =>
      buildChange({
        action: 'delete',
        type: RESOURCE_TYPES.natGateway,
        id,
        because: 'AKS detaches its NAT gateway from the subnet and deletes it.',
        confidence: 'inferred',
      }),
    ),
    ...addresses.map((id) => releasedAddress(resolveAddress(id, snapshot), id, 'NAT gateway')),
  ]
}

/** Standard to StandardV2 is a new gateway under the same name, not an upgrade (BLOG; NATV2_FROM_V1_REPLACES). */
export function replaceNatGateway(context: PlanningContext): ResourceChange[] {
  return leaveNatGateway(context).map((each) =>
    each.type === RESOURCE_TYPES.natGateway
      ? {
          ...each,
          because: 'The SKU cannot be changed: AKS deletes the gateway and recreates it under the same name.',
        }
      : each,
  )
}

/** Same type, other parameters. */
export function resizeNatGateway(context: PlanningContext, wanted: NatGatewayTarget): ResourceChange[] {
  const profile = context.snapshot.cluster.natGatewayProfile
  return [
    ...managedGatewayIds(context).map((id) =>
      buildChange({
        action: 'update',
        type: RESOURCE_TYPES.natGateway,
        id,
        because: 'AKS updates its NAT gateway with the new parameters.',
        confidence: 'documented',
      }),
    ),
    ...replacedAddresses(context, profile, wanted, 'NAT gateway'),
    ...createdAddresses(wanted, managedAddresses(profile, context), wanted.sku, 'the NAT gateway'),
  ]
}

function managedGatewayIds({ snapshot }: PlanningContext): string[] {
  const ids = snapshot.subnets.flatMap((subnet) =>
    subnet.natGatewayId === null ? [] : [subnet.natGatewayId],
  )
  return [...new Set(ids)].filter((id) => isAksOwned(id, snapshot))
}
