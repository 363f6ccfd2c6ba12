import { idKey } from '../arm/resource-id.ts'
import { aksLoadBalancer } from '../egress/outbound-resources.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'

/** A frontend by which clients reach a Service from the internet. */
export type ServiceFrontend = { name: string; address: string | null; ports: string[] }

/** Frontends with a public address and load-balancing rules; outbound rules alone do not count. */
export function publicServiceFrontends(snapshot: Snapshot): ServiceFrontend[] {
  const balancer = aksLoadBalancer(snapshot)
  return (balancer?.frontends ?? []).flatMap((frontend) => {
    const rules = balancer?.loadBalancingRules.filter(
      ({ frontendId }) => idKey(frontendId) === idKey(frontend.id),
    )
    if (rules === undefined || rules.length === 0 || frontend.privateAddress !== null) return []
    const ip = snapshot.publicIps[idKey(frontend.publicIpId ?? '')]
    const ports = rules.map((rule) => `${rule.protocol.toUpperCase()} ${rule.frontendPort}`)
    return [{ name: frontend.name, address: ip?.address ?? null, ports: [...new Set(ports)] }]
  })
}
