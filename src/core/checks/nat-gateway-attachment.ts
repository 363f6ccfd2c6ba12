import { awaitsAttachment } from '../awaited-attachment.ts'
import { finding } from '../findings/catalogue.ts'
import { gatewaysOn } from '../nat-gateways.ts'
import { vnetKeyOf } from '../network-collection.ts'
import type { SubnetFacts } from '../network-facts.ts'
import type { Finding } from '../plan.ts'
import type { PlanningContext } from '../planning-context.ts'
import { nameOf } from '../resource-id.ts'
import type { Check } from './check.ts'

/** Where the user's NAT gateway is attached, and what attaching it means (rulebook 3.4). */
export const natGatewayAttachment: Check = (context) => {
  if (context.to !== 'userAssignedNATGateway' || context.vnet.kind !== 'byo' || context.isNoChange) return []
  return [...otherNetworks(context), ...gatewaySubnets(context), ...cutOver(context), ...plugin(context)]
}

/** One gateway serves one virtual network (NSKU, NRES). */
function otherNetworks({ snapshot }: PlanningContext): Finding[] {
  const mine = new Set(snapshot.subnets.map((subnet) => vnetKeyOf(subnet.id)))
  const gateways = gatewaysOn(snapshot.subnets, snapshot)
    .filter((gateway) => gateway.subnetIds.some((id) => !mine.has(vnetKeyOf(id))))
    .map((gateway) => nameOf(gateway.id))
  return gateways.length === 0 ? [] : [finding('UANAT_GATEWAY_VNET', { gateways })]
}

function gatewaySubnets({ snapshot }: PlanningContext): Finding[] {
  const subnets = snapshot.subnets.filter((each) => nameOf(each.id).toLowerCase() === 'gatewaysubnet')
  return subnets.length === 0 ? [] : [finding('UANAT_GATEWAY_SUBNET', { subnets: names(subnets) })]
}

/** Under a default route to an appliance a gateway carries nothing, so attaching it moves nothing. */
function cutOver({ snapshot, from, target }: PlanningContext): Finding[] {
  const bare = snapshot.subnets.filter((subnet) => awaitsAttachment(subnet, snapshot, target))
  if (bare.length === 0 || (from !== 'loadBalancer' && from !== 'none')) return []
  return [finding('UANAT_ATTACH_IS_THE_CUTOVER', { subnets: names(bare) })]
}

function plugin({ snapshot: { cluster }, from, to }: PlanningContext): Finding[] {
  return from !== to && cluster.networkPlugin?.toLowerCase() === 'kubenet'
    ? [finding('UANAT_PLUGIN', {})]
    : []
}

function names(subnets: SubnetFacts[]): string[] {
  return subnets.map((each) => nameOf(each.id))
}
