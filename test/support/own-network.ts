import type { Snapshot } from '../../src/core/snapshot/snapshot.ts'
import { aByoSnapshot, aReadyGateway, aRouteTable, GROUP, NETWORK, NODE_GROUP, SUBNET } from './a-cluster.ts'

export const NETWORK_OF_USER = `${GROUP}/${NETWORK}`
export const TABLE = `${NETWORK_OF_USER}/routeTables/table`
export const OWN_IP = `${NETWORK_OF_USER}/publicIPAddresses/own`
export const AKS_IP = `${NODE_GROUP}/${NETWORK}/publicIPAddresses/other`
export const GATEWAY = aReadyGateway('20.9.0.1')
/** A subnet on the ready gateway, with what belongs to it. */
export const onGateway: Required<Parameters<typeof aByoSnapshot>> = [
  { natGatewayId: GATEWAY.id },
  { natGateways: [GATEWAY.gateway], publicIps: [GATEWAY.publicIp] },
]
/** A subnet without a NAT gateway, in a virtual network that a StandardV2 gateway serves as a whole. */
export function onNetworkGateway(): Snapshot {
  const sourceVirtualNetworkId = SUBNET.replace(/\/subnets\/.*$/, '')
  return aByoSnapshot(
    {},
    {
      natGateways: [{ ...GATEWAY.gateway, sku: 'StandardV2', sourceVirtualNetworkId }],
      publicIps: [{ ...GATEWAY.publicIp, sku: 'StandardV2' }],
    },
  )
}
/** A subnet with a route table whose default route has this next hop. */
export function onTable(
  nextHopType: string | null,
  nextHopIpAddress: string | null = '10.9.0.4',
): Required<Parameters<typeof aByoSnapshot>> {
  return [{ routeTableId: TABLE }, { routeTables: [aRouteTable(TABLE, nextHopType, nextHopIpAddress)] }]
}
