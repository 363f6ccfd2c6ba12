import { aksLoadBalancer } from '../aks-load-balancer.ts'
import { finding } from '../findings/catalogue.ts'
import type { LoadBalancerFacts } from '../network-facts.ts'
import { idKey } from '../resource-id.ts'
import type { Snapshot } from '../snapshot.ts'
import type { Check } from './check.ts'

/** Replies of public Services leave by the appliance under a default route, and die there (UDR_INGRESS_ASYMMETRY). */
export const ingressAsymmetry: Check = ({ snapshot, from, to }) => {
  if (to !== 'userDefinedRouting' || from === to) return []
  const balancer = aksLoadBalancer(snapshot)
  const frontends = balancer === null ? [] : publicServiceFrontends(balancer, snapshot)
  return frontends.length === 0 ? [] : [finding('INGRESS_ASYMMETRIC_ROUTING', { frontends })]
}

/** The public addresses of frontends that have load-balancing rules; outbound rules alone do not count. */
function publicServiceFrontends(balancer: LoadBalancerFacts, snapshot: Snapshot): string[] {
  const served = new Set(balancer.loadBalancingRules.map((rule) => idKey(rule.frontendId)))
  return balancer.frontends
    .filter((frontend) => served.has(idKey(frontend.id)) && frontend.privateAddress === null)
    .map((frontend) => snapshot.publicIps[idKey(frontend.publicIpId ?? '')]?.address ?? frontend.name)
}
