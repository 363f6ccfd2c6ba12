import { namedSubnets } from '../cluster/cluster-facts.ts'
import { findSubnet } from '../egress/subnet.ts'
import { type ArmRefusal, aksError } from '../http/arm-error.ts'
import { at, objectsAt, textAt } from '../json.ts'
import { anyPool, isTypeChange, type Refusal, type WantedChange } from './refusal.ts'

const MORE = 'Please see http://aka.ms/aks/outboundtype for more details'

/** Addresses of the load balancer left in the request; the whole body is as pasted in public (azurerm 25021). */
export const loadBalancerProfileWithRouting: Refusal = (change) => {
  if (change.to !== 'userDefinedRouting') return undefined
  const sources = ['managedOutboundIPs', 'outboundIPs', 'outboundIPPrefixes']
  const left = sources.some((source) => {
    const value = at(change.sent, 'loadBalancerProfile', source)
    return value !== undefined && value !== null
  })
  if (!left) return undefined
  return aksError(
    400,
    'InvalidUserDefinedRoutingWithLoadBalancerProfile',
    'UserDefinedRouting and load balancer profile are mutually exclusive. Please refer to http://aka.ms/aks/outboundtype for more details',
    'networkProfile.loadBalancerProfile',
  )
}

/** Node public IPs under a default route (rulebook 3.5; words inferred). */
export const nodePublicIpWithRouting: Refusal = (change) => {
  if (change.to !== 'userDefinedRouting' || !isTypeChange(change)) return undefined
  if (!anyPool(change, (pool) => pool.enableNodePublicIP === true)) return undefined
  return aksError(
    400,
    'UDRWithNodePublicIPNotAllowed',
    `Node public IP is not allowed with outbound type userDefinedRouting. ${MORE}`,
    'agentPoolProfile.enableNodePublicIP',
  )
}

/** Every node and pod subnet needs a route table with a usable default route (rulebook 3.5; two messages recorded). */
export const subnetsWithoutDefaultRoute: Refusal = (change) => {
  if (change.to !== 'userDefinedRouting' || !isTypeChange(change)) return undefined
  for (const subnetId of namedSubnets(change.current)) {
    const refusal = routeRefused(change, subnetId)
    if (refusal !== undefined) return refusal
  }
  return undefined
}

function routeRefused(change: WantedChange, subnetId: string): ArmRefusal | undefined {
  const tableId = textAt(findSubnet(change.world, subnetId), 'properties', 'routeTable', 'id')
  const refuse = (code: string, message: string) =>
    aksError(400, code, message, 'networkProfile.outboundType')
  if (tableId === undefined)
    return refuse(
      'ExistingRouteTableNotAssociatedWithSubnet',
      `An existing route table has not been associated with subnet ${subnetId}. ${MORE}`,
    )
  const table = change.world.get(tableId)
  const route = objectsAt(table, 'properties', 'routes').find(
    (entry) => textAt(entry, 'properties', 'addressPrefix') === '0.0.0.0/0',
  )
  if (route === undefined)
    return isPrivateWithBgp(change, at(table, 'properties', 'disableBgpRoutePropagation'))
      ? undefined
      : refuse(
          'RouteTableMissingDefaultRouteError',
          `Default route 0.0.0.0/0 missing from route table ${tableId}`,
        )
  const hop = textAt(route, 'properties', 'nextHopType') ?? 'None'
  if (hop === 'VirtualAppliance' || hop === 'VirtualNetworkGateway') return undefined
  return refuse(
    'RouteTableInvalidNextHop',
    `Default route 0.0.0.0/0 has a next hop of ${hop} but only next hops of VirtualAppliance or VirtualNetworkGateway are allowed. ${MORE}`,
  )
}

/** A private cluster may get its default route over BGP (release notes of 2020, rulebook 3.5). */
function isPrivateWithBgp(change: WantedChange, bgpDisabled: unknown): boolean {
  return (
    at(change.current, 'properties', 'apiServerAccessProfile', 'enablePrivateCluster') === true &&
    bgpDisabled === false
  )
}
