import { aksLoadBalancer, hasServices } from '../aks-load-balancer.ts'
import { addressOf } from '../egress-addresses.ts'
import type { LoadBalancerFacts } from '../network-facts.ts'
import type { ResourceChange } from '../plan.ts'
import type { PlanningContext } from '../planning-context.ts'
import type { LoadBalancerTarget } from '../target.ts'
import {
  addressesMadeByAks,
  attachedAddress,
  createdAddresses,
  exchangedAddresses,
  releasedAddress,
} from './address-changes.ts'
import { change, TYPES } from './change.ts'

/** Leaving the load balancer: its outbound rule and the AKS-made addresses go (rulebook 4, L-). */
export function leaveLoadBalancer(context: PlanningContext): ResourceChange[] {
  const { snapshot } = context
  const balancer = aksLoadBalancer(snapshot)
  const addresses = snapshot.cluster.loadBalancerProfile?.effectiveOutboundIpIds ?? []
  return [
    ...balancerLeft(balancer),
    ...addresses.map((id) => releasedAddress(addressOf(id, snapshot), id, 'load balancer')),
  ]
}

/** Entering: addresses are made or attached, the outbound rule and its backend pool are built (EO, LB1). */
export function enterLoadBalancer(context: PlanningContext, wanted: LoadBalancerTarget): ResourceChange[] {
  const balancer = aksLoadBalancer(context.snapshot)
  const own = [...wanted.outboundIpIds, ...wanted.outboundIpPrefixIds]
  return [
    change({
      action: balancer === null ? 'create' : 'update',
      type: TYPES.loadBalancer,
      id: balancer?.id ?? null,
      name: 'kubernetes',
      because: 'AKS builds an outbound rule over all agent nodes on its load balancer.',
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
    change({
      action: 'update',
      type: TYPES.loadBalancer,
      id: balancer?.id ?? null,
      name: 'kubernetes',
      because: 'AKS adapts the outbound rule to the new parameters.',
      confidence: 'documented',
    }),
    ...exchangedAddresses(context, profile, wanted, 'load balancer'),
    ...createdAddresses(wanted, addressesMadeByAks(profile, context), 'Standard', 'the load balancer'),
  ]
}

function balancerLeft(balancer: LoadBalancerFacts | null): ResourceChange[] {
  if (balancer === null) return []
  if (hasServices(balancer)) {
    return [
      change({
        action: 'update',
        type: TYPES.loadBalancer,
        id: balancer.id,
        because:
          'AKS removes the outbound rule; the frontends of Services stay, an outbound type affects egress only.',
        confidence: 'inferred',
      }),
    ]
  }
  return [
    change({
      action: 'delete',
      type: TYPES.loadBalancer,
      id: balancer.id,
      because: 'No Service uses it: clusters of the other types have a load balancer only for Services.',
      confidence: 'inferred',
    }),
  ]
}
