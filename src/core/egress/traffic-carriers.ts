import type { MeasuredKind } from '../../contract/demand.ts'
import { idKey } from '../arm/resource-id.ts'
import { distinctBy } from '../lib/lists.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { firewallAt } from './next-hop-firewall.ts'
import { aksLoadBalancer } from './outbound-resources.ts'
import { currentSide, egressPaths } from './paths.ts'

/** A resource that carries traffic of the cluster, and whose metrics Azure Monitor has. */
export interface Carrier {
  id: string
  kind: MeasuredKind
}

/** The load balancer, NAT gateways, and firewalls on the present egress paths. */
export function trafficCarriers(snapshot: Snapshot): Carrier[] {
  const found = egressPaths(currentSide(snapshot)).flatMap(({ path, via }): Carrier[] => {
    if (path === 'loadBalancer') {
      const id = via ?? aksLoadBalancer(snapshot)?.id
      return id === undefined ? [] : [{ id, kind: 'loadBalancer' }]
    }
    if (via === null) return []
    if (path === 'natGateway') return [{ id: via, kind: 'natGateway' }]
    const firewall = path === 'virtualAppliance' ? firewallAt(via, snapshot) : null
    return firewall === null ? [] : [{ id: firewall.id, kind: 'firewall' }]
  })
  return distinctBy(found, ({ id }) => idKey(id))
}
