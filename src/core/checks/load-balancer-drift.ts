import { aksLoadBalancer, foreignFrontends, foreignOutboundRules } from '../aks-load-balancer.ts'
import { finding } from '../findings/catalogue.ts'
import type { Check } from './check.ts'

/**
 * Hand-made outbound rules and frontends break the reconcile that entering or leaving loadBalancer needs
 * (Azure/AKS 5634); with any other change they are only known to be overwritten (needs N5).
 */
export const loadBalancerDrift: Check = ({ snapshot, from, to }) => {
  const balancer = aksLoadBalancer(snapshot)
  if (balancer === null) return []
  const outboundRules = foreignOutboundRules(balancer)
  const frontends = foreignFrontends(balancer, snapshot)
  if (outboundRules.length + frontends.length === 0) return []
  const isReconciled = from === 'loadBalancer' || to === 'loadBalancer'
  const code = isReconciled ? 'LB_DRIFT_MANUAL_RULES' : 'LB_DRIFT_ELSEWHERE'
  return [finding(code, { loadBalancer: balancer.name, outboundRules, frontends })]
}
