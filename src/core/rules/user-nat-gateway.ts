import type { EffectivePath } from '../../contract/egress.ts'
import type { Finding } from '../../contract/finding.ts'
import { distinctIds, idKey, lastSegment, namesOf } from '../arm/resource-id.ts'
import { equalsArm } from '../arm/words.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { effectivePathOf } from '../egress/effective-path.ts'
import { gatewaysOn, isStandardV2 } from '../egress/outbound-resources.ts'
import { hasPendingAttachment } from '../egress/projected-egress.ts'
import { isEmptySubnet, natGatewayIdOf } from '../egress/subnet-attachments.ts'
import { partition } from '../lib/lists.ts'
import { agree, eachOf, listed, listedCode, named, subnetsWithPools, these } from '../lib/text.ts'
import { mismatchLabels, type ZoneMismatch, zoneMismatches } from '../plan/zone-resilience.ts'
import { pageTitle } from '../references/pages.ts'
import { documented, errorCode, inferred, STANDARD_V2_BLOG } from '../references/references.ts'
import { vnetKeyOf } from '../snapshot/assemble.ts'
import type { SubnetFacts } from '../snapshot/network-facts.ts'
import { isKubenet } from '../snapshot/network-profile.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { type Check, rule } from './rule.ts'

/** A customer-managed NAT gateway must be attached to every subnet and have compatible addresses. */
export const checkUserNatGateway: Check = (context) => {
  if (context.to !== 'userAssignedNATGateway' || context.vnet.kind !== 'byo' || context.isNoChange) return []
  return [...attachment(context), ...gatewayRules(context), ...routeOverrides(context)]
}

export const UANAT_SUBNET_WITHOUT_GATEWAY = rule<{ subnets: { id: string; pools: string[] }[] }>(
  'UANAT_SUBNET_WITHOUT_GATEWAY',
  {
    severity: 'blocker',
    message: (f) =>
      `AKS rejects the outbound type \`userAssignedNATGateway\`, because no NAT gateway is attached to ${subnetsWithPools(f.subnets)}.`,
    remedy: (f) =>
      `Add the addresses of a NAT gateway to every allow list that contains the current egress IPs. Then attach this gateway to ${eachOf('subnet', f.subnets)}, which moves ${agree(f.subnets, 'its', 'their')} traffic immediately. Alternatively, set \`prepare.natGateway\` in the plan request, and create the job with \`holdBeforeCutOver\`. The job then waits before it attaches the gateway: add the addresses to the allow lists, and release the job.`,
    source: documented('egress-outboundtype', 'nat-gateway', errorCode('SubnetNotAssociatedWithNATGateway')),
  },
)

export const UANAT_GATEWAY_OF_NETWORK = rule<{ subnets: string[]; gateways: string[] }>(
  'UANAT_GATEWAY_OF_NETWORK',
  {
    severity: 'acknowledge',
    message: (f) =>
      `AKS may reject the change, because ${named('NAT gateway', f.gateways)} ${agree(f.gateways, 'serves', 'serve')} the whole virtual network, but ${agree(f.gateways, 'is', 'are')} not attached to ${named('subnet', f.subnets)}.`,
    remedy: (f) =>
      `Test the change on a cluster with the same configuration. Alternatively, attach a NAT gateway to ${eachOf('subnet', f.subnets)}, which can move traffic immediately. The documentation requires a NAT gateway on the subnets, and does not mention NAT gateways that serve a whole virtual network.`,
    source: inferred('egress-outboundtype', 'nat-overview', errorCode('SubnetNotAssociatedWithNATGateway')),
  },
)

function attachment({ snapshot }: PlanningContext): Finding[] {
  const unattached = snapshot.subnets.filter(({ natGatewayId }) => natGatewayId === null)
  const [bare, served] = partition(unattached, (subnet) => natGatewayIdOf(subnet, snapshot) === null)
  const gateways = served.map((subnet) => lastSegment(natGatewayIdOf(subnet, snapshot) ?? ''))
  return [
    ...UANAT_SUBNET_WITHOUT_GATEWAY.ifAny({ subnets: bare.map(({ id, pools }) => ({ id, pools })) }),
    ...UANAT_GATEWAY_OF_NETWORK.ifAny({ subnets: namesOf(served), gateways: [...new Set(gateways)] }),
  ]
}

export const UANAT_BASIC_NEIGHBOURS = rule<{ resources: string[]; subnets: string[] }>(
  'UANAT_BASIC_NEIGHBOURS',
  {
    severity: 'blocker',
    message: (f) =>
      `Azure rejects a NAT gateway on ${named('subnet', f.subnets)}, which ${agree(f.subnets, 'contains', 'contain')} ${named('resource', f.resources)} of the SKU Basic.`,
    remedy: (f) =>
      `Upgrade ${these('resource', f.resources)} to the SKU Standard, or remove ${agree(f.resources, 'it', 'them')} from the ${agree(f.subnets, 'subnet', 'subnets')}.`,
    source: documented('nat-overview', 'troubleshoot-nat'),
  },
)

/** Basic load balancers and public IP addresses in the subnets that need a gateway. */
export const checkBasicNeighbours: Check = (context) => {
  if (context.isNoChange) return []
  const found = subnetsWithoutGateway(context).flatMap((subnet) => {
    const names = basicResourcesIn(subnet, context.snapshot)
    return names.length === 0 ? [] : [{ subnet: lastSegment(subnet.id), names }]
  })
  const resources = [...new Set(found.flatMap(({ names }) => names))]
  return UANAT_BASIC_NEIGHBOURS.when(resources.length > 0, {
    resources,
    subnets: found.map(({ subnet }) => subnet),
  })
}

/** The customer-provided subnets to which a NAT gateway must still be attached. */
export function subnetsWithoutGateway({ to, vnet, snapshot }: PlanningContext): SubnetFacts[] {
  if (to !== 'userAssignedNATGateway' || vnet.kind !== 'byo') return []
  return snapshot.subnets.filter((subnet) => natGatewayIdOf(subnet, snapshot) === null)
}

function basicResourcesIn(subnet: SubnetFacts, { publicIps, loadBalancers }: Snapshot): string[] {
  const occupants = new Set(subnet.occupants)
  if (occupants.size === 0) return []
  const isHere = (id: string) => occupants.has(idKey(id).split('/').slice(0, RESOURCE_SEGMENTS).join('/'))
  const addresses = Object.values(publicIps).filter(
    ({ sku, attachedTo }) => equalsArm(sku, 'Basic') && attachedTo !== null && isHere(attachedTo),
  )
  const balancers = Object.values(loadBalancers).filter(
    ({ id, sku, basicBackends = [] }) => equalsArm(sku, 'Basic') && [id, ...basicBackends].some(isHere),
  )
  return namesOf([...addresses, ...balancers])
}

/** The segments of the ID of a resource, without those of its parts. */
const RESOURCE_SEGMENTS = 9

export const UANAT_UNREADABLE = rule<{ gateways: string[] }>('UANAT_UNREADABLE', {
  severity: 'warning',
  message: (f) =>
    `The addresses of ${named('NAT gateway', f.gateways)} are unknown, because this service could not read the ${agree(f.gateways, 'gateway', 'gateways')}.`,
  remedy: (f) =>
    `Assign the Reader role on ${these('NAT gateway', f.gateways)} to the identity of this service, and create a new plan.`,
  source: inferred('this service'),
})

export const UANAT_NO_ADDRESS = rule<{ gateways: string[] }>('UANAT_NO_ADDRESS', {
  severity: 'blocker',
  message: (f) =>
    `AKS rejects ${named('NAT gateway', f.gateways)}, which ${agree(f.gateways, 'has', 'have')} no public IP address or prefix.`,
  remedy: (f) =>
    `Create a public IP address or prefix, and add it to all allow lists. Then attach it to ${eachOf('NAT gateway', f.gateways)}, which uses every address immediately.`,
  source: documented('troubleshoot-nat', errorCode('NATGatewayNotAssociatedWithPublicIPOrIPPrefix')),
})

export const UANAT_DUALSTACK = rule<{ gateways: string[] }>('UANAT_DUALSTACK', {
  severity: 'blocker',
  message: (f) =>
    `The dual-stack cluster would have no IPv6 egress through ${named('Standard NAT gateway', f.gateways)}, which ${agree(f.gateways, 'supports', 'support')} IPv4 only.`,
  remedy:
    'Add the addresses of a StandardV2 NAT gateway that has IPv6 addresses to all allow lists. Then attach this gateway to the subnets of the cluster, which moves the traffic of these subnets immediately.',
  source: documented('azure-cni-overlay', 'nat-sku'),
})

export const UANAT_SINGLE_ZONE = rule<{ gateways: string[]; pools: MismatchFacts[] }>('UANAT_SINGLE_ZONE', {
  severity: 'warning',
  message: (f) =>
    `Nodes in all zones lose egress if the zone of their Standard NAT gateway fails: ${listed(mismatchLabels(f.pools))}.`,
  remedy:
    'Use a StandardV2 NAT gateway, which is zone-redundant, or give each zone its own node pool, subnet and NAT gateway.',
  source: documented('nat-gateway', 'nat-sku', 'nat-availability-zones'),
})

/** The facts of a rule are JSON, which an interface is not. */
type MismatchFacts = { [Key in keyof ZoneMismatch]: ZoneMismatch[Key] }

function gatewayRules({ snapshot }: PlanningContext): Finding[] {
  const { cluster, natGateways } = snapshot
  const ids = distinctIds(snapshot.subnets.flatMap((subnet) => natGatewayIdOf(subnet, snapshot) ?? []))
  const unread = ids.filter((id) => natGateways[idKey(id)] === undefined).map(lastSegment)
  const gateways = gatewaysOn(snapshot.subnets, snapshot)
  const standard = namesOf(gateways.filter(({ sku }) => equalsArm(sku, 'Standard')))
  const pools: MismatchFacts[] = zoneMismatches(snapshot.subnets, snapshot)
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
    ...UANAT_SINGLE_ZONE.ifAny({ gateways: [...new Set(pools.map(({ gateway }) => gateway))], pools }),
  ]
}

export const UANAT_SHADOWED_BY_ROUTE = rule<{ subnets: string[] }>('UANAT_SHADOWED_BY_ROUTE', {
  severity: 'warning',
  message: (f) =>
    `Routes to the internet on ${named('subnet', f.subnets)} override the NAT gateway, so egress still uses the next hops of these routes.`,
  remedy: (f) =>
    `If the traffic of ${these('subnet', f.subnets)} must use the NAT gateway, add the addresses of the gateway to all allow lists. Then remove these routes from the route table, which moves the traffic immediately.`,
  source: documented('nat-overview', STANDARD_V2_BLOG),
})

/** The paths of routes that send all packets elsewhere. */
const OVERRIDING: EffectivePath[] = ['virtualAppliance', 'virtualNetworkGateway', 'none']

function routeOverrides({ snapshot }: PlanningContext): Finding[] {
  const overridden = snapshot.subnets.filter((subnet) =>
    OVERRIDING.includes(effectivePathOf(subnet, snapshot, 'userAssignedNATGateway')),
  )
  return UANAT_SHADOWED_BY_ROUTE.ifAny({ subnets: namesOf(overridden) })
}

/** The subnets of customer-managed NAT gateways, and the effect of attaching a gateway. */
export const checkUserNatGatewayAttachment: Check = (context) => {
  if (context.to !== 'userAssignedNATGateway' || context.vnet.kind !== 'byo' || context.isNoChange) return []
  return [
    ...otherNetworks(context),
    ...gatewaySubnets(context),
    ...standardV2Subnets(context),
    ...cutover(context),
    ...plugin(context),
  ]
}

export const UANAT_GATEWAY_VNET = rule<{ gateways: string[] }>('UANAT_GATEWAY_VNET', {
  severity: 'blocker',
  message: (f) =>
    `The change cannot use ${named('NAT gateway', f.gateways)}, because a NAT gateway serves one virtual network, and ${agree(f.gateways, 'this gateway is', 'these gateways are')} attached to subnets outside the virtual network of the cluster.`,
  remedy:
    'Add the addresses of a separate NAT gateway to all allow lists and to the authorized IP ranges. Then attach this gateway to the subnets of the cluster, which moves the traffic of these subnets immediately.',
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
  message: (f) =>
    `A NAT gateway cannot serve ${named('subnet', f.subnets)}, which ${agree(f.subnets, 'is', 'are')} reserved for virtual network gateways.`,
  remedy: 'Replace the node pools with node pools in another subnet.',
  source: documented('nat-gateway-resource'),
})

function gatewaySubnets({ snapshot }: PlanningContext): Finding[] {
  const subnets = snapshot.subnets.filter((subnet) => equalsArm(lastSegment(subnet.id), 'GatewaySubnet'))
  return UANAT_GATEWAY_SUBNET.ifAny({ subnets: namesOf(subnets) })
}

export const UANAT_V2_EMPTY_SUBNET = rule<{ subnets: string[] }>('UANAT_V2_EMPTY_SUBNET', {
  severity: 'warning',
  message: (f) =>
    `Attaching a StandardV2 NAT gateway to ${named('empty subnet', f.subnets)} puts the gateway or the virtual network into a failed state if ${agree(f.subnets, 'the subnet', 'one of the subnets')} was created before April 2025.`,
  remedy: (f) =>
    `Add at least one node to ${eachOf('subnet', f.subnets)} first, unless you know that ${agree(f.subnets, 'the subnet was', 'the subnets were')} created in April 2025 or later: Azure Resource Manager does not show this date.`,
  source: documented('troubleshoot-nat'),
})

export const UANAT_V2_DELEGATED_SUBNET = rule<{ subnets: { subnet: string; services: string[] }[] }>(
  'UANAT_V2_DELEGATED_SUBNET',
  {
    severity: 'warning',
    message: (f) =>
      `Editions of Microsoft's page on the migration to StandardV2 disagree on whether a StandardV2 NAT gateway carries the traffic of ${listed(f.subnets.map(({ subnet, services }) => `the subnet \`${subnet}\` (delegated to ${listedCode(services)})`))}.`,
    remedy: (f) =>
      `Test the egress of a pod in a delegated subnet of a test cluster with a StandardV2 NAT gateway before you execute the plan. Alternatively, use a Standard NAT gateway for ${these('subnet', f.subnets)}.`,
    source: documented('nat-gateway-v2-migrate'),
  },
)

function standardV2Subnets({ snapshot, preparation }: PlanningContext): Finding[] {
  const onV2 = snapshot.subnets.filter((subnet) => gatewaysOn([subnet], snapshot).some(isStandardV2))
  const { attachments } = preparation.planned
  const isAttachedNow = ({ id }: SubnetFacts) => attachments[idKey(id)]?.natGatewayId !== undefined
  const empty = onV2.filter((subnet) => isAttachedNow(subnet) && isEmptySubnet(subnet, snapshot))
  const delegated = onV2.filter(({ delegations }) => delegations.length > 0)
  return [
    ...UANAT_V2_EMPTY_SUBNET.ifAny({ subnets: namesOf(empty) }),
    ...UANAT_V2_DELEGATED_SUBNET.ifAny({
      subnets: delegated.map(({ id, delegations }) => ({ subnet: lastSegment(id), services: delegations })),
    }),
  ]
}

export const UANAT_ATTACH_IS_THE_CUTOVER = rule<{ subnets: string[] }>('UANAT_ATTACH_IS_THE_CUTOVER', {
  severity: 'warning',
  message: (f) =>
    `New connections from ${named('subnet', f.subnets)} use the NAT gateway as soon as it is attached, before the cluster changes.`,
  remedy:
    'Add the gateway addresses to the authorized IP ranges and to external allow lists before you attach the gateway. Until the outbound type changes, detaching the gateway moves the traffic back.',
  source: inferred('nat-overview', 'nat-gateway-design'),
})

function cutover({ snapshot, from, target }: PlanningContext): Finding[] {
  const bare = snapshot.subnets.filter((subnet) => hasPendingAttachment(subnet, snapshot, target))
  if (bare.length === 0 || (from !== 'loadBalancer' && from !== 'none')) return []
  return [UANAT_ATTACH_IS_THE_CUTOVER.finding({ subnets: namesOf(bare) })]
}

export const UANAT_PLUGIN = rule('UANAT_PLUGIN', {
  severity: 'warning',
  message:
    'It is unclear whether AKS supports the outbound type `userAssignedNATGateway` for this cluster, which uses kubenet: one documentation page requires Azure CNI, but another page does not exclude kubenet.',
  remedy:
    'Test the change on another cluster with kubenet first, or migrate this cluster to Azure CNI Overlay.',
  source: documented('nat-gateway', { text: `not mentioned in "${pageTitle('egress-outboundtype')}"` }),
})

function plugin({ snapshot: { cluster }, from, to }: PlanningContext): Finding[] {
  return from !== to && isKubenet(cluster) ? [UANAT_PLUGIN.finding({})] : []
}
