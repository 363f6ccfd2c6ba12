import { defaultRouteOf } from '../effective-egress.ts'
import { isAksOwned } from '../egress-addresses.ts'
import { finding } from '../findings/catalogue.ts'
import { gatewaysOn } from '../nat-gateways.ts'
import type { Finding } from '../plan.ts'
import type { PlanningContext } from '../planning-context.ts'
import { idKey, nameOf } from '../resource-id.ts'
import type { Check } from './check.ts'

/** What somebody changed by hand in the network that AKS manages (rulebook MANAGED_NAT_MANUAL_IPS, MANAGED_VNET_TAMPERED). */
export const managedNetwork: Check = (context) => {
  return context.vnet.kind === 'managed' ? [...addedAddresses(context), ...attached(context)] : []
}

function addedAddresses({ snapshot, declared }: PlanningContext): Finding[] {
  const effective = snapshot.cluster.natGatewayProfile?.effectiveOutboundIpIds ?? []
  if (declared !== 'managedNATGateway' || effective.length === 0) return []
  const known = new Set(effective.map(idKey))
  const addresses = gatewaysOn(snapshot.subnets, snapshot)
    .filter((gateway) => isAksOwned(gateway.id, snapshot))
    .flatMap((gateway) => [...gateway.publicIpIds, ...gateway.publicIpPrefixIds])
    .filter((id) => !known.has(idKey(id)))
    .map(nameOf)
  return addresses.length === 0 ? [] : [finding('MANAGED_NAT_MANUAL_IPS', { addresses })]
}

function attached({ snapshot }: PlanningContext): Finding[] {
  const resources = snapshot.subnets.flatMap((subnet) => {
    const route = defaultRouteOf(subnet, snapshot)
    const isRouted = route !== null && route !== 'unread' && subnet.routeTableId !== null
    return [
      ...(subnet.natGatewayId === null || isAksOwned(subnet.natGatewayId, snapshot)
        ? []
        : [subnet.natGatewayId]),
      ...(isRouted ? [subnet.routeTableId ?? ''] : []),
    ]
  })
  return resources.length === 0
    ? []
    : [finding('MANAGED_VNET_TAMPERED', { resources: [...new Set(resources)] })]
}
