import type { Finding } from '../../contract/finding.ts'
import { idKey, lastSegment, namesOf } from '../arm/resource-id.ts'
import { equalsArm } from '../arm/words.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { gatewaysOn } from '../egress/outbound-resources.ts'
import { routesToAppliance } from '../egress/paths.ts'
import { hasPendingAttachment } from '../egress/projected-egress.ts'
import { listed, subnetWithPools } from '../lib/text.ts'
import { documented, inferred, STANDARD_V2_BLOG } from '../references/references.ts'
import { zonesOf } from '../snapshot/agent-pools.ts'
import { vnetKeyOf } from '../snapshot/assemble.ts'
import { isKubenet } from '../snapshot/network-profile.ts'
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
    remedy:
      "Attach a NAT gateway to every node and pod subnet, or ask with prepare.natGateway that the plan do it. Attaching it is the real cut-over: list its addresses wherever the cluster's are listed before that.",
    source: documented('egress-outboundtype', 'nat-gateway', { text: 'SubnetNotAssociatedWithNATGateway' }),
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
  remedy: 'Give the planning identity Reader rights on them and plan again.',
  source: inferred('this service'),
})

export const UANAT_NO_ADDRESS = rule<{ gateways: string[] }>('UANAT_NO_ADDRESS', {
  severity: 'blocker',
  message: (f) => `NAT gateways without any public address: ${listed(f.gateways)}.`,
  remedy: 'Give each gateway a public IP or prefix.',
  source: documented('troubleshoot-nat', { text: 'NATGatewayNotAssociatedWithPublicIPOrIPPrefix' }),
})

export const UANAT_DUALSTACK = rule<{ gateways: string[] }>('UANAT_DUALSTACK', {
  severity: 'blocker',
  message: (f) =>
    `The cluster is dual-stack, and a Standard NAT gateway carries IPv4 only: ${listed(f.gateways)}. IPv6 egress would be lost.`,
  remedy: 'Use a StandardV2 gateway with IPv6 addresses.',
  source: documented('azure-cni-overlay', 'nat-sku'),
})

export const UANAT_SINGLE_ZONE = rule<{ gateways: string[] }>('UANAT_SINGLE_ZONE', {
  severity: 'warning',
  message: (f) =>
    `Agent pools span zones, but these NAT gateways are of SKU Standard and live in one: ${listed(f.gateways)}.`,
  remedy: 'Use a StandardV2 gateway, which is zone-redundant.',
  source: documented('nat-gateway', 'nat-sku'),
})

function gatewayRules({ snapshot }: PlanningContext): Finding[] {
  const { cluster, natGateways } = snapshot
  const ids = new Map(
    snapshot.subnets.flatMap(({ natGatewayId: id }) => (id === null ? [] : [[idKey(id), id]])),
  )
  const unread = [...ids].filter(([key]) => natGateways[key] === undefined).map(([, id]) => lastSegment(id))
  const gateways = [...ids.keys()].flatMap((key) => natGateways[key] ?? [])
  const standard = namesOf(gateways.filter(({ sku }) => equalsArm(sku, 'Standard')))
  return [
    ...UANAT_UNREADABLE.ifAny({ gateways: unread }),
    ...UANAT_NO_ADDRESS.ifAny({
      gateways: namesOf(
        gateways.filter(
          ({ publicIpIds, publicIpPrefixIds }) => publicIpIds.length + publicIpPrefixIds.length === 0,
        ),
      ),
    }),
    ...(cluster.ipFamilies.includes('IPv6') ? UANAT_DUALSTACK.ifAny({ gateways: standard }) : []),
    ...(zonesOf(cluster).length > 1 ? UANAT_SINGLE_ZONE.ifAny({ gateways: standard }) : []),
  ]
}

export const UANAT_SHADOWED_BY_ROUTE = rule<{ subnets: string[] }>('UANAT_SHADOWED_BY_ROUTE', {
  severity: 'warning',
  message: (f) =>
    `A default route on ${listed(f.subnets)} outranks the NAT gateway: egress stays on the appliance.`,
  remedy: 'Remove the default route if the NAT gateway is to carry the traffic.',
  source: documented('nat-overview', STANDARD_V2_BLOG),
})

function shadows({ snapshot }: PlanningContext): Finding[] {
  const shadowed = snapshot.subnets.filter((subnet) => routesToAppliance(subnet, snapshot))
  return UANAT_SHADOWED_BY_ROUTE.ifAny({ subnets: namesOf(shadowed) })
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
  remedy: "Use a gateway of its own for the cluster's virtual network.",
  source: documented('nat-sku', 'nat-gateway-resource'),
})

/** One gateway serves one virtual network (nat-sku, nat-gateway-resource). */
function otherNetworks({ snapshot }: PlanningContext): Finding[] {
  const vnets = new Set(snapshot.subnets.map((subnet) => vnetKeyOf(subnet.id)))
  const shared = gatewaysOn(snapshot.subnets, snapshot).filter(({ subnetIds }) =>
    subnetIds.some((id) => !vnets.has(vnetKeyOf(id))),
  )
  return UANAT_GATEWAY_VNET.ifAny({ gateways: namesOf(shared) })
}

export const UANAT_GATEWAY_SUBNET = rule<{ subnets: string[] }>('UANAT_GATEWAY_SUBNET', {
  severity: 'blocker',
  message: (f) => `A NAT gateway cannot serve ${listed(f.subnets)}, which is for virtual network gateways.`,
  remedy: 'Put the pools into a subnet of their own.',
  source: documented('nat-gateway-resource'),
})

function gatewaySubnets({ snapshot }: PlanningContext): Finding[] {
  const subnets = snapshot.subnets.filter((subnet) => equalsArm(lastSegment(subnet.id), 'GatewaySubnet'))
  return UANAT_GATEWAY_SUBNET.ifAny({ subnets: namesOf(subnets) })
}

export const UANAT_ATTACH_IS_THE_CUTOVER = rule<{ subnets: string[] }>('UANAT_ATTACH_IS_THE_CUTOVER', {
  severity: 'warning',
  message: (f) =>
    `New connections of ${listed(f.subnets)} leave by the NAT gateway from the moment when it is attached, before anything is changed on the cluster.`,
  remedy:
    'Add the addresses of the gateway to the authorized ranges and to allow-lists elsewhere before it is attached. Until the outbound type is changed, detaching it is the way back.',
  source: inferred('nat-overview', 'nat-gateway-design'),
})

/** Under a default route to an appliance a gateway carries nothing, so attaching it moves nothing. */
function cutOver({ snapshot, from, target }: PlanningContext): Finding[] {
  const bare = snapshot.subnets.filter((subnet) => hasPendingAttachment(subnet, snapshot, target))
  if (bare.length === 0 || (from !== 'loadBalancer' && from !== 'none')) return []
  return [UANAT_ATTACH_IS_THE_CUTOVER.finding({ subnets: namesOf(bare) })]
}

export const UANAT_PLUGIN = rule('UANAT_PLUGIN', {
  severity: 'warning',
  message:
    'The cluster uses kubenet; one page says that this outbound type needs Azure CNI, another does not exclude kubenet.',
  remedy: 'Try the change on a cluster with kubenet first, or move to Azure CNI Overlay.',
  source: documented('nat-gateway', { text: 'egress-outboundtype is silent' }),
})

function plugin({ snapshot: { cluster }, from, to }: PlanningContext): Finding[] {
  return from !== to && isKubenet(cluster) ? [UANAT_PLUGIN.finding({})] : []
}
