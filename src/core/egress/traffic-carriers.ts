import type { MeasuredKind } from '../../contract/demand.ts'
import { idKey, nodeGroupId } from '../arm/resource-id.ts'
import { distinctBy } from '../lib/lists.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { firewallsAt } from './next-hop-firewall.ts'
import { aksLoadBalancer } from './outbound-resources.ts'
import { currentSide, egressPaths } from './paths.ts'
import { gatewayBehind } from './subnet-attachments.ts'

/** A resource that carries traffic of the cluster and has metrics in Azure Monitor. */
export interface Carrier {
  id: string
  kind: MeasuredKind
}

/** The load balancer, NAT gateways, and firewalls on the current egress paths. */
export function trafficCarriers(snapshot: Snapshot): Carrier[] {
  const found = egressPaths(currentSide(snapshot)).flatMap((egress): Carrier[] => {
    const { path, via } = egress
    if (path === 'loadBalancer') {
      const id = via ?? aksLoadBalancer(snapshot)?.id
      return id === undefined ? [] : [{ id, kind: 'loadBalancer' }]
    }
    if (via === null) return []
    if (path === 'natGateway') return [{ id: via, kind: 'natGateway' }]
    const firewalls = path === 'virtualAppliance' ? firewallsAt(egress, snapshot) : []
    return firewalls.flatMap((firewall): Carrier[] => {
      const gateway = gatewayBehind(firewall, snapshot)
      return [
        { id: firewall.id, kind: 'firewall' },
        ...(gateway === null ? [] : [{ id: gateway, kind: 'natGateway' as const }]),
      ]
    })
  })
  return distinctBy(found, ({ id }) => idKey(id))
}

/**
 * Whether Azure Resource Manager proves that only the cluster uses a resource. The load balancer belongs to the
 * cluster. Any network can route to a firewall.
 */
export function isExclusive({ id, kind }: Carrier, snapshot: Snapshot): boolean {
  if (kind !== 'natGateway') return kind === 'loadBalancer'
  const nodeGroup = idKey(nodeGroupId(snapshot.cluster))
  if (idKey(id).startsWith(`${nodeGroup}/`)) return true
  const gateway = snapshot.natGateways[idKey(id)]
  if (gateway === undefined || gateway.sourceVirtualNetworkId !== null) return false
  const own = (subnetId: string) => snapshot.subnets.find((subnet) => idKey(subnet.id) === idKey(subnetId))
  return (
    gateway.subnetIds.length > 0 &&
    gateway.subnetIds.every(
      (subnetId) => own(subnetId)?.occupantGroups.every((group) => group === nodeGroup) === true,
    )
  )
}
