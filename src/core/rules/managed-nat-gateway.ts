import type { Finding } from '../../contract/finding.ts'
import type { NatGatewayTarget } from '../../contract/target.ts'
import { STANDARD_NAT_API_VERSION } from '../arm/api-versions.ts'
import { REGIONS_WITHOUT_STANDARD_V2, regionKey } from '../arm/regions.ts'
import { addressFacts, customerAddressIds } from '../context/customer-addresses.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { listed } from '../lib/text.ts'
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
    `The StandardV2 gateway has ${f.toOwn ? 'managed' : 'own'} addresses, and the target asks for ${f.toOwn ? 'own' : 'managed'} ones: that choice is fixed once the gateway exists.`,
  remedy: (f) =>
    f.toOwn
      ? 'Change the number of managed addresses instead; own ones need a new cluster.'
      : 'Name other own addresses instead; managed ones need a new cluster.',
  source: documented('nat-gateway', STANDARD_V2_BLOG),
})

export const NATV2_IPV6_LB_RULES = rule('NATV2_IPV6_LB_RULES', {
  severity: 'blocker',
  message:
    'The cluster is dual-stack, and the target gives the StandardV2 gateway no IPv6 address: one outbound type carries both families, so IPv6 egress would be lost.',
  remedy: 'Ask for managedOutboundIpv6Count 1 or more, or name a StandardV2 address or prefix of IPv6.',
  source: documented('nat-sku, known issues', STANDARD_V2_BLOG),
})

/** Rules for StandardV2, whether the type or only its parameters change. */
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

/** A customer address that could not be read may be an IPv6 address; LB_IP_UNREADABLE reports it. */
function hasIpv6(context: PlanningContext, target: NatGatewayTarget): boolean {
  if (!hasCustomerAddresses(target)) return (target.managedOutboundIpv6Count ?? 0) > 0
  return customerAddressIds(context).some(
    (id) => (addressFacts(id, context.snapshot)?.version ?? 'IPv6') === 'IPv6',
  )
}

export const NATV1_NO_OWN_IPS = rule<{ parameters: string[] }>('NATV1_NO_OWN_IPS', {
  severity: 'blocker',
  message: (f) =>
    `A managed NAT gateway of SKU Standard has IPv4 addresses made by AKS only; it does not take ${listed(f.parameters)}.`,
  remedy: 'Leave these parameters out, or ask for the SKU StandardV2.',
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
    `The target is a NAT gateway of SKU Standard, written on API version ${f.apiVersion}, which has no SKU field. StandardV2 would be zone-redundant and can carry own addresses and IPv6, but has no way back at all.`,
  remedy:
    'Ask for natGateway.sku StandardV2 if that is wanted. By hand or in code stay below API version 2026-06-01 and Azure CLI 2.91.0: from these on a gateway without a SKU may become StandardV2, and Standard may be refused.',
  source: observed(
    STANDARD_V2_BLOG,
    'azure-rest-api-specs pull request 45002',
    'azure-cli pull request 34017',
  ),
})

export const NATV1_NO_IPV6 = rule('NATV1_NO_IPV6', {
  severity: 'blocker',
  message: 'The cluster is dual-stack, and a Standard NAT gateway carries IPv4 only.',
  remedy: 'Choose the SKU StandardV2 with IPv6 addresses, or stay with the load balancer.',
  source: documented('azure-cni-overlay', STANDARD_V2_BLOG),
})

export const NATV1_SINGLE_ZONE = rule<{ zones: string[] }>('NATV1_SINGLE_ZONE', {
  severity: 'warning',
  message: (f) =>
    `Agent pools span the zones ${listed(f.zones)}, but a Standard NAT gateway lives in one: losing it takes all egress.`,
  remedy: 'Choose StandardV2, which is zone-redundant, where the region has it.',
  source: documented('nat-gateway', 'reliability-zone-resiliency-recommendations'),
})

function standard({ snapshot: { cluster } }: PlanningContext): Finding[] {
  const zones = zonesOf(cluster)
  return [
    NATV1_STANDARD_CHOSEN.finding({ apiVersion: STANDARD_NAT_API_VERSION }),
    ...NATV1_NO_IPV6.when(cluster.ipFamilies.includes('IPv6'), {}),
    ...NATV1_SINGLE_ZONE.when(zones.length > 1, { zones }),
  ]
}

export const NATV2_IP_MODEL_FROZEN = rule<{ isOwn: boolean }>('NATV2_IP_MODEL_FROZEN', {
  severity: 'warning',
  message: (f) => `On StandardV2 the choice of ${f.isOwn ? 'own' : 'managed'} addresses is fixed once made.`,
  remedy: 'Decide now between managed and own addresses.',
  source: documented('nat-gateway', STANDARD_V2_BLOG),
})

export const NATV2_FROM_V1_REPLACES = rule('NATV2_FROM_V1_REPLACES', {
  severity: 'warning',
  message:
    'AKS deletes the Standard gateway and makes a StandardV2 one under the same name: all egress addresses change and live connections are reset.',
  remedy: 'Treat it as a change of the outbound type, not as an upgrade of a SKU.',
  source: documented(STANDARD_V2_BLOG),
})

export const NATV2_REGION = rule<{ location: string }>('NATV2_REGION', {
  severity: 'blocker',
  message: (f) => `The region ${f.location} has no StandardV2 NAT gateway.`,
  remedy: 'Choose the SKU Standard or another target. The list of regions is of 2026-07-27.',
  source: documented('nat-sku'),
})

function standardV2({ snapshot: { cluster }, from }: PlanningContext, target: NatGatewayTarget): Finding[] {
  const location = regionKey(cluster.location)
  return [
    NATV2_IP_MODEL_FROZEN.finding({ isOwn: hasCustomerAddresses(target) }),
    ...NATV2_FROM_V1_REPLACES.when(from === 'managedNATGateway', {}),
    ...NATV2_REGION.when(REGIONS_WITHOUT_STANDARD_V2.includes(location), { location }),
  ]
}
