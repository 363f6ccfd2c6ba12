import type { Finding } from '../../contract/finding.ts'
import { idKey, lastSegment } from '../arm/resource-id.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { gatewaysOn } from '../egress/outbound-resources.ts'
import { routesToAppliance } from '../egress/paths.ts'
import { hasPendingAttachment } from '../egress/projected-egress.ts'
import { listed, subnetWithPools } from '../lib/text.ts'
import { zonesOf } from '../snapshot/agent-pools.ts'
import { vnetKeyOf } from '../snapshot/assemble.ts'
import type { NatGatewayFacts, SubnetFacts } from '../snapshot/network-facts.ts'
import { type Check, rule } from './rule.ts'

/** The user's NAT gateway must be attached to every subnet and have addresses that fit. */
export const checkUserNatGateway: Check = (context) => {
  if (context.to !== 'userAssignedNATGateway' || context.vnet.kind !== 'byo' || context.isNoChange) return []
  return [...attachment(context), ...gatewayRules(context), ...shadows(context)]
}

export const UANAT_SUBNET_WITHOUT_GATEWAY = rule<{ subnets: { id: string; pools: string[] }[] }>(
  'UANAT_SUBNET_WITHOUT_GATEWAY',
  {
    severity: 'blocker',
    message: (f) => `No NAT gateway is attached to ${listed(f.subnets.map(subnetWithPools))}.`,
    remedy: () =>
      "Attach a NAT gateway to every node and pod subnet, or ask with prepare.natGateway that the plan do it. Attaching it is the real cut-over: list its addresses wherever the cluster's are listed before that.",
    confidence: 'documented',
    source: 'EO; NG; SubnetNotAssociatedWithNATGateway',
  },
)

function attachment({ snapshot }: PlanningContext): Finding[] {
  const bare = snapshot.subnets.filter((subnet) => subnet.natGatewayId === null)
  if (bare.length === 0) return []
  return [UANAT_SUBNET_WITHOUT_GATEWAY.finding({ subnets: bare.map(({ id, pools }) => ({ id, pools })) })]
}

export const UANAT_UNREADABLE = rule<{ gateways: string[] }>('UANAT_UNREADABLE', {
  severity: 'warning',
  message: (f) => `The NAT gateways ${listed(f.gateways)} could not be read; their addresses are unknown.`,
  remedy: () => 'Give the planning identity Reader rights on them and plan again.',
  confidence: 'inferred',
  source: 'this service',
})

export const UANAT_NO_ADDRESS = rule<{ gateways: string[] }>('UANAT_NO_ADDRESS', {
  severity: 'blocker',
  message: (f) => `NAT gateways without any public address: ${listed(f.gateways)}.`,
  remedy: () => 'Give each gateway a public IP or prefix.',
  confidence: 'documented',
  source: 'troubleshoot-nat (NTS); NATGatewayNotAssociatedWithPublicIPOrIPPrefix',
})

export const UANAT_DUALSTACK = rule<{ gateways: string[] }>('UANAT_DUALSTACK', {
  severity: 'blocker',
  message: (f) =>
    `The cluster is dual-stack, and a Standard NAT gateway carries IPv4 only: ${listed(f.gateways)}. IPv6 egress would be lost.`,
  remedy: () => 'Use a StandardV2 gateway with IPv6 addresses.',
  confidence: 'documented',
  source: 'OV; NSKU',
})

export const UANAT_SINGLE_ZONE = rule<{ gateways: string[] }>('UANAT_SINGLE_ZONE', {
  severity: 'warning',
  message: (f) =>
    `Agent pools span zones, but these NAT gateways are of SKU Standard and live in one: ${listed(f.gateways)}.`,
  remedy: () => 'Use a StandardV2 gateway, which is zone-redundant.',
  confidence: 'documented',
  source: 'NG; NSKU',
})

function gatewayRules({ snapshot }: PlanningContext): Finding[] {
  const ids = new Map(
    snapshot.subnets.flatMap((each) =>
      each.natGatewayId === null ? [] : [[idKey(each.natGatewayId), each.natGatewayId]],
    ),
  )
  const found = [...ids].map(([key, id]) => ({ id, facts: snapshot.natGateways[key] }))
  const unread = found.filter(({ facts }) => facts === undefined).map(({ id }) => lastSegment(id))
  const gateways = found.flatMap(({ facts }) => (facts === undefined ? [] : [facts]))
  const findings = unread.length === 0 ? [] : [UANAT_UNREADABLE.finding({ gateways: unread })]
  const empty = namesOf(gateways, (each) => each.publicIpIds.length + each.publicIpPrefixIds.length === 0)
  if (empty.length > 0) findings.push(UANAT_NO_ADDRESS.finding({ gateways: empty }))
  const standard = namesOf(gateways, (each) => each.sku.toLowerCase() === 'standard')
  if (standard.length > 0 && snapshot.cluster.ipFamilies.includes('IPv6'))
    findings.push(UANAT_DUALSTACK.finding({ gateways: standard }))
  if (standard.length > 0 && zonesOf(snapshot.cluster).length > 1)
    findings.push(UANAT_SINGLE_ZONE.finding({ gateways: standard }))
  return findings
}

export const UANAT_SHADOWED_BY_ROUTE = rule<{ subnets: string[] }>('UANAT_SHADOWED_BY_ROUTE', {
  severity: 'warning',
  message: (f) =>
    `A default route on ${listed(f.subnets)} outranks the NAT gateway: egress stays on the appliance.`,
  remedy: () => 'Remove the default route if the NAT gateway is to carry the traffic.',
  confidence: 'documented',
  source: 'nat-overview (NOV); BLOG',
})

function shadows({ snapshot }: PlanningContext): Finding[] {
  const shadowed = snapshot.subnets.filter((subnet) => routesToAppliance(subnet, snapshot))
  return shadowed.length === 0
    ? []
    : [UANAT_SHADOWED_BY_ROUTE.finding({ subnets: shadowed.map((each) => lastSegment(each.id)) })]
}

function namesOf(gateways: NatGatewayFacts[], holds: (gateway: NatGatewayFacts) => boolean): string[] {
  return gateways.filter(holds).map((each) => lastSegment(each.id))
}

/** Where the user's NAT gateway is attached, and what attaching it means. */
export const checkUserNatGatewayAttachment: Check = (context) => {
  if (context.to !== 'userAssignedNATGateway' || context.vnet.kind !== 'byo' || context.isNoChange) return []
  return [...otherNetworks(context), ...gatewaySubnets(context), ...cutOver(context), ...plugin(context)]
}

export const UANAT_GATEWAY_VNET = rule<{ gateways: string[] }>('UANAT_GATEWAY_VNET', {
  severity: 'blocker',
  message: (f) =>
    `NAT gateways that are attached to subnets of another virtual network: ${listed(f.gateways)}. A gateway serves one virtual network.`,
  remedy: () => "Use a gateway of its own for the cluster's virtual network.",
  confidence: 'documented',
  source: 'NSKU; NRES',
})

/** One gateway serves one virtual network (nat-sku, nat-gateway-resource). */
function otherNetworks({ snapshot }: PlanningContext): Finding[] {
  const mine = new Set(snapshot.subnets.map((subnet) => vnetKeyOf(subnet.id)))
  const gateways = gatewaysOn(snapshot.subnets, snapshot)
    .filter((gateway) => gateway.subnetIds.some((id) => !mine.has(vnetKeyOf(id))))
    .map((gateway) => lastSegment(gateway.id))
  return gateways.length === 0 ? [] : [UANAT_GATEWAY_VNET.finding({ gateways })]
}

export const UANAT_GATEWAY_SUBNET = rule<{ subnets: string[] }>('UANAT_GATEWAY_SUBNET', {
  severity: 'blocker',
  message: (f) => `A NAT gateway cannot serve ${listed(f.subnets)}, which is for virtual network gateways.`,
  remedy: () => 'Put the pools into a subnet of their own.',
  confidence: 'documented',
  source: 'NRES',
})

function gatewaySubnets({ snapshot }: PlanningContext): Finding[] {
  const subnets = snapshot.subnets.filter((each) => lastSegment(each.id).toLowerCase() === 'gatewaysubnet')
  return subnets.length === 0 ? [] : [UANAT_GATEWAY_SUBNET.finding({ subnets: names(subnets) })]
}

export const UANAT_ATTACH_IS_THE_CUTOVER = rule<{ subnets: string[] }>('UANAT_ATTACH_IS_THE_CUTOVER', {
  severity: 'warning',
  message: (f) =>
    `New connections of ${listed(f.subnets)} leave by the NAT gateway from the moment when it is attached, before anything is changed on the cluster.`,
  remedy: () =>
    'Add the addresses of the gateway to the authorized ranges and to allow-lists elsewhere before it is attached. Until the outbound type is changed, detaching it is the way back.',
  confidence: 'inferred',
  source: 'nat-overview (NOV); nat-gateway-design (NDES)',
})

/** Under a default route to an appliance a gateway carries nothing, so attaching it moves nothing. */
function cutOver({ snapshot, from, target }: PlanningContext): Finding[] {
  const bare = snapshot.subnets.filter((subnet) => hasPendingAttachment(subnet, snapshot, target))
  if (bare.length === 0 || (from !== 'loadBalancer' && from !== 'none')) return []
  return [UANAT_ATTACH_IS_THE_CUTOVER.finding({ subnets: names(bare) })]
}

export const UANAT_PLUGIN = rule('UANAT_PLUGIN', {
  severity: 'warning',
  message: () =>
    'The cluster uses kubenet; one page says that this outbound type needs Azure CNI, another does not exclude kubenet.',
  remedy: () => 'Try the change on a cluster with kubenet first, or move to Azure CNI Overlay.',
  confidence: 'documented',
  source: 'nat-gateway (NG); EO is silent',
})

function plugin({ snapshot: { cluster }, from, to }: PlanningContext): Finding[] {
  return from !== to && cluster.networkPlugin?.toLowerCase() === 'kubenet' ? [UANAT_PLUGIN.finding({})] : []
}

function names(subnets: SubnetFacts[]): string[] {
  return subnets.map((each) => lastSegment(each.id))
}
