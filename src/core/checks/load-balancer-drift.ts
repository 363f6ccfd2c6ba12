import { aksLoadBalancer, foreignOutboundRules } from '../aks-load-balancer.ts'
import { finding } from '../findings/catalogue.ts'
import type { Check } from './check.ts'

/** Hand-made outbound rules break the reconcile that entering or leaving loadBalancer needs (Azure/AKS 5634). */
export const loadBalancerDrift: Check = ({ snapshot, from, to }) => {
  const balancer = aksLoadBalancer(snapshot)
  if (balancer === null || (from !== 'loadBalancer' && to !== 'loadBalancer')) return []
  const outboundRules = foreignOutboundRules(balancer)
  return outboundRules.length === 0
    ? []
    : [finding('LB_DRIFT_MANUAL_RULES', { loadBalancer: balancer.name, outboundRules })]
}
