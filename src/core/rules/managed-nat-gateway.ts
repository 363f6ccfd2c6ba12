import type { Finding } from '../../contract/finding.ts'
import type { NatGatewayTarget } from '../../contract/target.ts'
import { STANDARD_NAT_API_VERSION } from '../arm/api-versions.ts'
import { REGIONS_WITHOUT_STANDARD_V2, regionKey } from '../arm/regions.ts'
import { addressFacts, customerAddressIds } from '../context/customer-addresses.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { listed } from '../lib/text.ts'
import { zonesOf } from '../snapshot/agent-pools.ts'
import { type Check, rule } from './rule.ts'

/** Entering a managed NAT gateway of either SKU. */
export const checkManagedNatGateway: Check = (context) => {
  const { target, from, to } = context
  if (target.outboundType !== 'managedNATGateway') return []
  const isStandard = target.natGateway.sku === 'Standard'
  const misfits = isStandard ? onlyForV2(target.natGateway) : []
  const common = isStandard ? misfits : [...misfits, ...everyV2(context, target.natGateway)]
  if (from === to) return common
  return [...common, ...(isStandard ? standard(context) : standardV2(context, target.natGateway))]
}

export const NATV2_IP_MODEL_SWITCH = rule<{ toOwn: boolean }>('NATV2_IP_MODEL_SWITCH', {
  severity: 'blocker',
  message: (f) =>
    `The StandardV2 gateway has ${f.toOwn ? 'managed' : 'own'} addresses, and the target asks for ${f.toOwn ? 'own' : 'managed'} ones: that choice is fixed once the gateway exists.`,
  remedy: (f) =>
    f.toOwn
      ? 'Change the number of managed addresses instead; own ones need a new cluster.'
      : 'Name other own addresses instead; managed ones need a new cluster.',
  confidence: 'documented',
  source: 'NG; BLOG',
})

export const NATV2_IPV6_LB_RULES = rule('NATV2_IPV6_LB_RULES', {
  severity: 'blocker',
  message: () =>
    'The cluster is dual-stack, and the target gives the StandardV2 gateway no IPv6 address: one outbound type carries both families, so IPv6 egress would be lost.',
  remedy: () => 'Ask for managedOutboundIpv6Count 1 or more, or name a StandardV2 address or prefix of IPv6.',
  confidence: 'documented',
  source: 'nat-sku (NSKU), known issues; BLOG',
})

/** What holds for StandardV2 whether it is entered or only changed. */
function everyV2(context: PlanningContext, wanted: NatGatewayTarget): Finding[] {
  const findings: Finding[] = []
  if (context.from === context.to && switchesModel(context, wanted))
    findings.push(NATV2_IP_MODEL_SWITCH.finding({ toOwn: isOwn(wanted) }))
  const isDualStack = context.snapshot.cluster.ipFamilies.includes('IPv6')
  if (isDualStack && !hasIpv6(context, wanted)) findings.push(NATV2_IPV6_LB_RULES.finding({}))
  return findings
}

function switchesModel({ snapshot: { cluster } }: PlanningContext, wanted: NatGatewayTarget): boolean {
  const present = cluster.natGatewayProfile
  if (present === null) return false
  const hasOwn = present.outboundIpIds.length + present.outboundIpPrefixIds.length > 0
  return hasOwn !== isOwn(wanted)
}

function isOwn(wanted: NatGatewayTarget): boolean {
  return wanted.outboundIpIds.length + wanted.outboundIpPrefixIds.length > 0
}

/** An own address that could not be read may be one of IPv6; LB_IP_UNREADABLE says that it was not read. */
function hasIpv6(context: PlanningContext, wanted: NatGatewayTarget): boolean {
  if (!isOwn(wanted)) return (wanted.managedOutboundIpv6Count ?? 0) > 0
  return customerAddressIds(context).some(
    (id) => (addressFacts(id, context.snapshot)?.version ?? 'IPv6') === 'IPv6',
  )
}

export const NATV1_NO_OWN_IPS = rule<{ parameters: string[] }>('NATV1_NO_OWN_IPS', {
  severity: 'blocker',
  message: (f) =>
    `A managed NAT gateway of SKU Standard has IPv4 addresses made by AKS only; it does not take ${listed(f.parameters)}.`,
  remedy: () => 'Leave these parameters out, or ask for the SKU StandardV2.',
  confidence: 'documented',
  source: 'NG; SDK',
})

/** The API version on which Standard is written has no such fields, so they must not get lost in silence. */
function onlyForV2(wanted: NatGatewayTarget): Finding[] {
  const parameters = [
    ...(wanted.outboundIpIds.length > 0 ? ['outboundIpIds'] : []),
    ...(wanted.outboundIpPrefixIds.length > 0 ? ['outboundIpPrefixIds'] : []),
    ...(wanted.managedOutboundIpv6Count === null ? [] : ['managedOutboundIpv6Count']),
  ]
  return parameters.length === 0 ? [] : [NATV1_NO_OWN_IPS.finding({ parameters })]
}

export const NATV1_STANDARD_CHOSEN = rule<{ apiVersion: string }>('NATV1_STANDARD_CHOSEN', {
  severity: 'info',
  message: (f) =>
    `The target is a NAT gateway of SKU Standard, written on API version ${f.apiVersion}, which has no SKU field. StandardV2 would be zone-redundant and can carry own addresses and IPv6, but has no way back at all.`,
  remedy: () =>
    'Ask for natGateway.sku StandardV2 if that is wanted. By hand or in code stay below API version 2026-06-01 and Azure CLI 2.91.0: from these on a gateway without a SKU may become StandardV2, and Standard may be refused.',
  confidence: 'observed',
  source: 'BLOG; SPEC1; CLI3',
})

export const NATV1_NO_IPV6 = rule('NATV1_NO_IPV6', {
  severity: 'blocker',
  message: () => 'The cluster is dual-stack, and a Standard NAT gateway carries IPv4 only.',
  remedy: () => 'Choose the SKU StandardV2 with IPv6 addresses, or stay with the load balancer.',
  confidence: 'documented',
  source: 'azure-cni-overlay (OV); BLOG',
})

export const NATV1_SINGLE_ZONE = rule<{ zones: string[] }>('NATV1_SINGLE_ZONE', {
  severity: 'warning',
  message: (f) =>
    `Agent pools span the zones ${listed(f.zones)}, but a Standard NAT gateway lives in one: losing it takes all egress.`,
  remedy: () => 'Choose StandardV2, which is zone-redundant, where the region has it.',
  confidence: 'documented',
  source: 'nat-gateway (NG); reliability-zone-resiliency-recommendations (ZR)',
})

function standard({ snapshot: { cluster } }: PlanningContext): Finding[] {
  const findings = [NATV1_STANDARD_CHOSEN.finding({ apiVersion: STANDARD_NAT_API_VERSION })]
  if (cluster.ipFamilies.includes('IPv6')) findings.push(NATV1_NO_IPV6.finding({}))
  const zones = zonesOf(cluster)
  if (zones.length > 1) findings.push(NATV1_SINGLE_ZONE.finding({ zones }))
  return findings
}

export const NATV2_IP_MODEL_FROZEN = rule<{ isOwn: boolean }>('NATV2_IP_MODEL_FROZEN', {
  severity: 'warning',
  message: (f) => `On StandardV2 the choice of ${f.isOwn ? 'own' : 'managed'} addresses is fixed once made.`,
  remedy: () => 'Decide now between managed and own addresses.',
  confidence: 'documented',
  source: 'NG; BLOG',
})

export const NATV2_FROM_V1_REPLACES = rule('NATV2_FROM_V1_REPLACES', {
  severity: 'warning',
  message: () =>
    'AKS deletes the Standard gateway and makes a StandardV2 one under the same name: all egress addresses change and live connections are reset.',
  remedy: () => 'Treat it as a change of the outbound type, not as an upgrade of a SKU.',
  confidence: 'documented',
  source: 'BLOG',
})

export const NATV2_REGION = rule<{ location: string }>('NATV2_REGION', {
  severity: 'blocker',
  message: (f) => `The region ${f.location} has no StandardV2 NAT gateway.`,
  remedy: () => 'Choose the SKU Standard or another target. The list of regions is of 2026-07-27.',
  confidence: 'documented',
  source: 'nat-sku (NSKU)',
})

function standardV2({ snapshot: { cluster }, from }: PlanningContext, wanted: NatGatewayTarget): Finding[] {
  const findings: Finding[] = [NATV2_IP_MODEL_FROZEN.finding({ isOwn: isOwn(wanted) })]
  if (from === 'managedNATGateway') findings.push(NATV2_FROM_V1_REPLACES.finding({}))
  const location = regionKey(cluster.location)
  if (REGIONS_WITHOUT_STANDARD_V2.includes(location)) findings.push(NATV2_REGION.finding({ location }))
  return findings
}
