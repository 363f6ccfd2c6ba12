import { type ArmError, aksError } from '../arm/arm-error.ts'
import { subnetIdsOf } from '../arm/managed-cluster.ts'
import { at, listAt, objectsAt, textAt } from '../lib/json.ts'
import { findSubnet } from '../network/network-body.ts'
import { type ChangeRule, hasPool, isTypeChange, type RequestedChange } from './change-rule.ts'

const ADDRESS_LISTS = ['publicIpAddresses', 'publicIpPrefixes', 'publicIpAddressesV6', 'publicIpPrefixesV6']

/** Every node and pod subnet needs a gateway, and the gateway an address (nat-gateway; words inferred). */
export const subnetsWithoutNatGateway: ChangeRule = (change) => {
  if (change.to !== 'userAssignedNATGateway' || !isTypeChange(change)) return undefined
  for (const subnetId of subnetIdsOf(change.current)) {
    const subnet = findSubnet(change.world, subnetId)
    const gatewayId = textAt(subnet, 'properties', 'natGateway', 'id')
    if (gatewayId === undefined)
      return aksError(
        400,
        'SubnetNotAssociatedWithNATGateway',
        `The subnet ${subnetId} is not associated with a NAT Gateway. Please see https://aka.ms/aks/outboundtype for more details`,
        'networkProfile.outboundType',
      )
    const gateway = change.world.get(gatewayId)
    if (ADDRESS_LISTS.every((list) => listAt(gateway, 'properties', list).length === 0))
      return aksError(
        400,
        'NATGatewayNotAssociatedWithPublicIPOrIPPrefix',
        `The NAT Gateway ${gatewayId} is not associated with a public IP or public IP prefix. Please see https://aka.ms/aks/outboundtype for more details`,
        'networkProfile.outboundType',
      )
  }
  return undefined
}

const OUTBOUND_TYPE_DOCS = 'Please see http://aka.ms/aks/outboundtype for more details'

/** Addresses of the load balancer that are still in the request; the whole body is from a public report (azurerm 25021). */
export const loadBalancerProfileWithRouting: ChangeRule = (change) => {
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

/** Node public IPs under a default route (egress-udr; words inferred). */
export const nodePublicIpWithRouting: ChangeRule = (change) => {
  if (change.to !== 'userDefinedRouting' || !isTypeChange(change)) return undefined
  if (!hasPool(change, (pool) => pool.enableNodePublicIP === true)) return undefined
  return aksError(
    400,
    'UDRWithNodePublicIPNotAllowed',
    `Node public IP is not allowed with outbound type userDefinedRouting. ${OUTBOUND_TYPE_DOCS}`,
    'agentPoolProfile.enableNodePublicIP',
  )
}

/** Every node and pod subnet needs a route table with a usable default route (egress-udr; two messages recorded). */
export const subnetsWithoutDefaultRoute: ChangeRule = (change) => {
  if (change.to !== 'userDefinedRouting' || !isTypeChange(change)) return undefined
  for (const subnetId of subnetIdsOf(change.current)) {
    const refusal = checkRouteTable(change, subnetId)
    if (refusal !== undefined) return refusal
  }
  return undefined
}

function checkRouteTable(change: RequestedChange, subnetId: string): ArmError | undefined {
  const tableId = textAt(findSubnet(change.world, subnetId), 'properties', 'routeTable', 'id')
  const refuse = (code: string, message: string) =>
    aksError(400, code, message, 'networkProfile.outboundType')
  if (tableId === undefined)
    return refuse(
      'ExistingRouteTableNotAssociatedWithSubnet',
      `An existing route table has not been associated with subnet ${subnetId}. ${OUTBOUND_TYPE_DOCS}`,
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
    `Default route 0.0.0.0/0 has a next hop of ${hop} but only next hops of VirtualAppliance or VirtualNetworkGateway are allowed. ${OUTBOUND_TYPE_DOCS}`,
  )
}

/** A private cluster may get its default route over BGP (AKS release notes of 2020). */
function isPrivateWithBgp(change: RequestedChange, bgpDisabled: unknown): boolean {
  return (
    at(change.current, 'properties', 'apiServerAccessProfile', 'enablePrivateCluster') === true &&
    bgpDisabled === false
  )
}
