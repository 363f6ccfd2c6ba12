import { aksLoadBalancer } from '../aks-load-balancer.ts'
import { finding } from '../findings/catalogue.ts'
import type { LoadBalancerFacts } from '../network-facts.ts'
import { idKey } from '../resource-id.ts'
import type { Snapshot } from '../snapshot.ts'
import type { Check } from './check.ts'

type ServiceFrontend = { name: string; address: string | null; ports: string[] }

/** Replies of public Services leave by the appliance under a default route, and die there (UDR_INGRESS_ASYMMETRY). */
export const ingressAsymmetry: Check = ({ snapshot, from, to }) => {
  if (to !== 'userDefinedRouting' || from === to) return []
  const balancer = aksLoadBalancer(snapshot)
  const frontends = balancer === null ? [] : publicServiceFrontends(balancer, snapshot)
  return frontends.length === 0 ? [] : [finding('INGRESS_ASYMMETRIC_ROUTING', { frontends })]
}

/** Frontends with a public address and load-balancing rules; outbound rules alone do not count. */
function publicServiceFrontends(balancer: LoadBalancerFacts, snapshot: Snapshot): ServiceFrontend[] {
  return balancer.frontends.flatMap((frontend) => {
    const rules = balancer.loadBalancingRules.filter((rule) => idKey(rule.frontendId) === idKey(frontend.id))
    if (rules.length === 0 || frontend.privateAddress !== null) return []
    const ip = snapshot.publicIps[idKey(frontend.publicIpId ?? '')]
    const ports = rules.map((rule) => `${rule.protocol.toUpperCase()} ${rule.frontendPort}`)
    return [{ name: frontend.name, address: ip?.address ?? null, ports: [...new Set(ports)] }]
  })
}
