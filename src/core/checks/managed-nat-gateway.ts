import { STANDARD_NAT_API_VERSION } from '../api-version.ts'
import { finding } from '../findings/catalogue.ts'
import { addressFacts, ownAddressIds } from '../own-addresses.ts'
import type { Finding } from '../plan.ts'
import type { PlanningContext } from '../planning-context.ts'
import { REGIONS_WITHOUT_STANDARD_V2, regionKey } from '../regions.ts'
import type { NatGatewayTarget } from '../target.ts'
import { zonesOf } from '../zones.ts'
import type { Check } from './check.ts'

/** Entering a managed NAT gateway of either SKU (rulebook 3.2, 3.3). */
export const managedNatGateway: Check = (context) => {
  const { target, from, to } = context
  if (target.outboundType !== 'managedNATGateway') return []
  const isStandard = target.natGateway.sku === 'Standard'
  const misfits = isStandard ? onlyForV2(target.natGateway) : []
  const common = isStandard ? misfits : [...misfits, ...everyV2(context, target.natGateway)]
  if (from === to) return common
  return [...common, ...(isStandard ? standard(context) : standardV2(context, target.natGateway))]
}

/** What holds for StandardV2 whether it is entered or only changed. */
function everyV2(context: PlanningContext, wanted: NatGatewayTarget): Finding[] {
  const findings: Finding[] = []
  if (context.from === context.to && switchesModel(context, wanted))
    findings.push(finding('NATV2_IP_MODEL_SWITCH', { toOwn: isOwn(wanted) }))
  const isDualStack = context.snapshot.cluster.ipFamilies.includes('IPv6')
  if (isDualStack && !hasIpv6(context, wanted)) findings.push(finding('NATV2_IPV6_LB_RULES', {}))
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
  return ownAddressIds(context).some(
    (id) => (addressFacts(id, context.snapshot)?.version ?? 'IPv6') === 'IPv6',
  )
}

/** The API version on which Standard is written has no such fields, so they must not get lost in silence. */
function onlyForV2(wanted: NatGatewayTarget): Finding[] {
  const parameters = [
    ...(wanted.outboundIpIds.length > 0 ? ['outboundIpIds'] : []),
    ...(wanted.outboundIpPrefixIds.length > 0 ? ['outboundIpPrefixIds'] : []),
    ...(wanted.managedOutboundIpv6Count === null ? [] : ['managedOutboundIpv6Count']),
  ]
  return parameters.length === 0 ? [] : [finding('NATV1_NO_OWN_IPS', { parameters })]
}

function standard({ snapshot: { cluster } }: PlanningContext): Finding[] {
  const findings = [finding('NATV1_STANDARD_CHOSEN', { apiVersion: STANDARD_NAT_API_VERSION })]
  if (cluster.ipFamilies.includes('IPv6')) findings.push(finding('NATV1_NO_IPV6', {}))
  const zones = zonesOf(cluster)
  if (zones.length > 1) findings.push(finding('NATV1_SINGLE_ZONE', { zones }))
  return findings
}

function standardV2({ snapshot: { cluster }, from }: PlanningContext, wanted: NatGatewayTarget): Finding[] {
  const findings: Finding[] = [finding('NATV2_IP_MODEL_FROZEN', { isOwn: isOwn(wanted) })]
  if (from === 'managedNATGateway') findings.push(finding('NATV2_FROM_V1_REPLACES', {}))
  const location = regionKey(cluster.location)
  if (REGIONS_WITHOUT_STANDARD_V2.includes(location)) findings.push(finding('NATV2_REGION', { location }))
  return findings
}
