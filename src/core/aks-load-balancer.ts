import type { LoadBalancerFacts } from './network-facts.ts'
import { liesIn } from './resource-id.ts'
import type { Snapshot } from './snapshot.ts'

/** The names that AKS itself gives on its load balancer (LB2 sample output; rulebook LB_DRIFT_MANUAL_RULES). */
const AKS_OUTBOUND_RULE = /^aksOutboundRule/i

/** The public load balancer `kubernetes` in the node resource group; null when there is none. */
export function aksLoadBalancer(snapshot: Snapshot): LoadBalancerFacts | null {
  const { subscriptionId, nodeResourceGroup } = snapshot.cluster
  const found = Object.values(snapshot.loadBalancers).find(
    (each) => each.name.toLowerCase() === 'kubernetes' && liesIn(each.id, subscriptionId, nodeResourceGroup),
  )
  return found ?? null
}

/** Whether Services of type LoadBalancer use it. */
export function hasServices(balancer: LoadBalancerFacts): boolean {
  return balancer.loadBalancingRules.length > 0
}

/** Outbound rules that a person made by hand; AKS keeps them and strips their frontends (ISS AKS 5634). */
export function foreignOutboundRules(balancer: LoadBalancerFacts): string[] {
  return balancer.outboundRules.map((rule) => rule.name).filter((name) => !AKS_OUTBOUND_RULE.test(name))
}
