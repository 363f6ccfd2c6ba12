import { STANDARD_NAT_API_VERSION } from '../api-version.ts'
import { finding } from '../findings/catalogue.ts'
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
  if (from === to) return misfits
  return [...misfits, ...(isStandard ? standard(context) : standardV2(context, target.natGateway))]
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

function standardV2({ snapshot: { cluster } }: PlanningContext, wanted: NatGatewayTarget): Finding[] {
  const isOwn = wanted.managedOutboundIpCount === null
  const findings = [finding('NATV2_IP_MODEL_FROZEN', { isOwn })]
  const location = regionKey(cluster.location)
  if (REGIONS_WITHOUT_STANDARD_V2.includes(location)) findings.push(finding('NATV2_REGION', { location }))
  return findings
}
