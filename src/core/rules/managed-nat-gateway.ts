import type { Finding } from '../../contract/finding.ts'
import type { NatGatewayTarget } from '../../contract/target.ts'
import { STANDARD_NAT_API_VERSION } from '../arm/outbound-type.ts'
import { hasStandardV2NatGateways, regionKey } from '../arm/regions.ts'
import { addressFacts, customerAddressIds } from '../context/customer-addresses.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { listed, named, these } from '../lib/text.ts'
import { AKS_SDK, documented, observed, STANDARD_V2_BLOG } from '../references/references.ts'
import { zonesOf } from '../snapshot/agent-pools.ts'
import { type Check, rule } from './rule.ts'

/** A change to a managed NAT gateway of either SKU, or of its parameters. */
export const checkManagedNatGateway: Check = (context) => {
  const { target, from, to } = context
  if (target.outboundType !== 'managedNATGateway') return []
  const { natGateway } = target
  const isEntered = from !== to
  return natGateway.sku === 'Standard'
    ? [...onlyForV2(natGateway), ...(isEntered ? standard(context) : [])]
    : [...everyV2(context, natGateway), ...(isEntered ? standardV2(context, natGateway) : [])]
}

export const NATV2_IP_MODEL_SWITCH = rule<{ toOwn: boolean }>('NATV2_IP_MODEL_SWITCH', {
  severity: 'blocker',
  message: (f) =>
    `The target requests ${addressKind(f.toOwn)} addresses, but the existing AKS-managed StandardV2 NAT gateway uses ${addressKind(!f.toOwn)} addresses, and this choice is permanent.`,
  remedy: (f) =>
    f.toOwn
      ? 'Keep AKS-managed addresses, and set their number in `natGateway.managedOutboundIpCount`. To use customer-provided addresses, create a new cluster.'
      : 'Specify customer-provided addresses in `natGateway.outboundIpIds` or `natGateway.outboundIpPrefixIds`, or create a new cluster with AKS-managed addresses.',
  source: documented('nat-gateway', STANDARD_V2_BLOG),
})

export const NATV2_IPV6_LB_RULES = rule('NATV2_IPV6_LB_RULES', {
  severity: 'blocker',
  message:
    'The dual-stack cluster would have no IPv6 egress, because the target requests no IPv6 address for the NAT gateway, and AKS does not use a load balancer for IPv6 instead.',
  remedy:
    'Set `natGateway.managedOutboundIpv6Count` to 1 or more. With customer-provided addresses, add a StandardV2 IPv6 address to `natGateway.outboundIpIds` or an IPv6 prefix to `natGateway.outboundIpPrefixIds` instead.',
  source: documented('nat-sku, known issues', STANDARD_V2_BLOG),
})

/** Rules for StandardV2 that apply to a change of the type and to a change of its parameters. */
function everyV2(context: PlanningContext, target: NatGatewayTarget): Finding[] {
  const isDualStack = context.snapshot.cluster.ipFamilies.includes('IPv6')
  return [
    ...NATV2_IP_MODEL_SWITCH.when(context.from === context.to && switchesModel(context, target), {
      toOwn: hasCustomerAddresses(target),
    }),
    ...NATV2_IPV6_LB_RULES.when(isDualStack && !hasIpv6(context, target), {}),
  ]
}

function switchesModel({ snapshot: { cluster } }: PlanningContext, target: NatGatewayTarget): boolean {
  const profile = cluster.natGatewayProfile
  return profile !== null && hasCustomerAddresses(profile) !== hasCustomerAddresses(target)
}

function hasCustomerAddresses(
  profile: Pick<NatGatewayTarget, 'outboundIpIds' | 'outboundIpPrefixIds'>,
): boolean {
  return profile.outboundIpIds.length + profile.outboundIpPrefixIds.length > 0
}

/** A customer-provided address that could not be read may be an IPv6 address; LB_IP_UNREADABLE reports it. */
function hasIpv6(context: PlanningContext, target: NatGatewayTarget): boolean {
  if (!hasCustomerAddresses(target)) return (target.managedOutboundIpv6Count ?? 0) > 0
  return customerAddressIds(context).some(
    (id) => (addressFacts(id, context.snapshot)?.version ?? 'IPv6') === 'IPv6',
  )
}

export const NATV1_NO_OWN_IPS = rule<{ parameters: string[] }>('NATV1_NO_OWN_IPS', {
  severity: 'blocker',
  message: (f) =>
    `An AKS-managed Standard NAT gateway uses only IPv4 addresses that AKS creates, so it does not support ${named('parameter', f.parameters)}.`,
  remedy: (f) =>
    `Remove ${these('parameter', f.parameters)} from \`natGateway\`, or set \`natGateway.sku\` to \`StandardV2\`. AKS supports no rollback from StandardV2.`,
  source: documented('nat-gateway', AKS_SDK),
})

/** The API version that writes a Standard gateway lacks these fields and would ignore them. */
function onlyForV2(target: NatGatewayTarget): Finding[] {
  const parameters = [
    ...(target.outboundIpIds.length > 0 ? ['outboundIpIds'] : []),
    ...(target.outboundIpPrefixIds.length > 0 ? ['outboundIpPrefixIds'] : []),
    ...(target.managedOutboundIpv6Count === null ? [] : ['managedOutboundIpv6Count']),
  ]
  return NATV1_NO_OWN_IPS.ifAny({ parameters })
}

export const NATV1_STANDARD_CHOSEN = rule<{ apiVersion: string }>('NATV1_STANDARD_CHOSEN', {
  severity: 'info',
  message: (f) =>
    `The AKS-managed NAT gateway gets the SKU \`Standard\`, because the request sets no SKU, and the job updates the cluster with API version ${f.apiVersion}, which has no SKU field.`,
  remedy:
    'Use an API version before 2026-06-01 or an Azure CLI version before 2.91.0 for every future update of the cluster, so that the SKU stays `Standard`. With newer versions, an update without a SKU may change the gateway to StandardV2, and AKS may reject an update with the SKU `Standard`. If you want zone redundancy, customer-provided addresses, or IPv6, create another plan with `natGateway.sku` set to `StandardV2`. AKS supports no rollback from StandardV2.',
  source: observed(
    STANDARD_V2_BLOG,
    'azure-rest-api-specs pull request 45002',
    'azure-cli pull request 34017',
  ),
})

export const NATV1_NO_IPV6 = rule('NATV1_NO_IPV6', {
  severity: 'blocker',
  message:
    'The dual-stack cluster would have no IPv6 egress, because a Standard NAT gateway supports IPv4 only.',
  remedy:
    'Keep the current outbound type, or set `natGateway.sku` to `StandardV2` and `natGateway.managedOutboundIpv6Count` to 1 or more. AKS supports no rollback from StandardV2.',
  source: documented('azure-cni-overlay', STANDARD_V2_BLOG),
})

export const NATV1_SINGLE_ZONE = rule<{ zones: string[] }>('NATV1_SINGLE_ZONE', {
  severity: 'warning',
  message: (f) =>
    `Node pools span zones ${listed(f.zones)}, but a Standard NAT gateway is in one zone: if that zone fails, all egress fails.`,
  remedy:
    'If the region supports StandardV2 NAT gateways, set `natGateway.sku` to `StandardV2`, which is zone-redundant. AKS supports no rollback from StandardV2.',
  source: documented('nat-gateway', 'reliability-zone-resiliency-recommendations'),
})

function standard({ snapshot: { cluster }, request }: PlanningContext): Finding[] {
  const zones = zonesOf(cluster)
  return [
    // A caller that requested this SKU does not need the finding.
    ...NATV1_STANDARD_CHOSEN.when(request.target.natGateway?.sku === undefined, {
      apiVersion: STANDARD_NAT_API_VERSION,
    }),
    ...NATV1_NO_IPV6.when(cluster.ipFamilies.includes('IPv6'), {}),
    ...NATV1_SINGLE_ZONE.when(zones.length > 1, { zones }),
  ]
}

export const NATV2_IP_MODEL_FROZEN = rule<{ isOwn: boolean }>('NATV2_IP_MODEL_FROZEN', {
  severity: 'warning',
  message: (f) =>
    `The AKS-managed StandardV2 NAT gateway uses ${addressKind(f.isOwn)} addresses permanently: AKS allows no later change to ${addressKind(!f.isOwn)} addresses.`,
  remedy:
    'Decide between AKS-managed addresses (`natGateway.managedOutboundIpCount`) and customer-provided addresses (`natGateway.outboundIpIds`) before you execute the plan.',
  source: documented('nat-gateway', STANDARD_V2_BLOG),
})

export const NATV2_FROM_V1_REPLACES = rule('NATV2_FROM_V1_REPLACES', {
  severity: 'warning',
  message:
    'AKS replaces the Standard NAT gateway with a StandardV2 NAT gateway of the same name: all egress IPs change, and open connections are reset.',
  remedy:
    'Execute the plan in a maintenance window, and update all allow lists. Azure has no in-place upgrade from Standard to StandardV2.',
  source: documented(STANDARD_V2_BLOG, 'nat-sku'),
})

export const NATV2_REGION = rule<{ location: string }>('NATV2_REGION', {
  severity: 'blocker',
  message: (f) => `The region ${f.location} does not support StandardV2 NAT gateways.`,
  remedy:
    'Set `natGateway.sku` to `Standard`, or choose another target. The list of supported regions in this service is from 2026-07-27.',
  source: documented('nat-sku'),
})

function standardV2({ snapshot: { cluster }, from }: PlanningContext, target: NatGatewayTarget): Finding[] {
  const location = regionKey(cluster.location)
  return [
    NATV2_IP_MODEL_FROZEN.finding({ isOwn: hasCustomerAddresses(target) }),
    ...NATV2_FROM_V1_REPLACES.when(from === 'managedNATGateway', {}),
    ...NATV2_REGION.when(!hasStandardV2NatGateways(location), { location }),
  ]
}

function addressKind(isCustomerProvided: boolean): string {
  return isCustomerProvided ? 'customer-provided' : 'AKS-managed'
}
