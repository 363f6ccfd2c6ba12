import { defaultRouteOf } from './effective-egress.ts'
import { isAksOwned } from './egress-addresses.ts'
import { readOutboundType } from './outbound-type.ts'
import type { Snapshot } from './snapshot.ts'

/** What still stands around the cluster although its outbound type no longer asks for it, in sentences with ids. */
export function leftBehind(snapshot: Snapshot): string[] {
  const declared = readOutboundType(snapshot.cluster.outboundType, snapshot.cluster.natGatewayProfile?.sku)
  if (declared.kind === 'unknown') return []
  const { outboundType } = declared
  const sentences = snapshot.subnets.flatMap((subnet) => {
    const found: string[] = []
    const isOwnGateway = subnet.natGatewayId !== null && !isAksOwned(subnet.natGatewayId, snapshot)
    if (isOwnGateway && outboundType !== 'userAssignedNATGateway')
      found.push(`NAT gateway ${subnet.natGatewayId} is still attached to ${subnet.id}.`)
    const route = defaultRouteOf(subnet, snapshot)
    if (route !== null && route !== 'unread' && outboundType !== 'userDefinedRouting')
      found.push(
        `Route table ${subnet.routeTableId} still has the default route ${route.name} on ${subnet.id}.`,
      )
    return found
  })
  return [...new Set(sentences)]
}
