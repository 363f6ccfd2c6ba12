import { knowsBlock, knowsManagedNatGatewayV2, knowsNatGatewaySku } from '../cluster/api-version.ts'
import { isManagedNat, vnetKind } from '../cluster/cluster-facts.ts'
import { aksError } from '../http/arm-error.ts'
import { at, textAt } from '../json.ts'
import { isTypeChange, type Refusal } from './refusal.ts'

const KNOWN = [
  'loadBalancer',
  'managedNATGateway',
  'managedNATGatewayV2',
  'userAssignedNATGateway',
  'userDefinedRouting',
  'none',
  'block',
]

/** Regions without StandardV2 (rulebook 3.3, NATV2_REGION, list of 2026-07-27). */
const WITHOUT_STANDARD_V2 = [
  'canadaeast',
  'indonesiacentral',
  'israelnorthwest',
  'qatarcentral',
  'swedensouth',
  'westindia',
]

/** True when NAT gateways of SKU StandardV2 exist in the region. */
export function hasStandardV2(location: string): boolean {
  return !WITHOUT_STANDARD_V2.includes(location.toLowerCase().replaceAll(' ', ''))
}

/** Outbound types that the request's api-version does not have. 400 is known; code and words are inferred. */
export const outboundTypeUnknown: Refusal = (change) => {
  const sent = textAt(change.sent, 'outboundType')
  if (sent === undefined) return undefined
  const known =
    KNOWN.includes(sent) &&
    (sent !== 'managedNATGatewayV2' || knowsManagedNatGatewayV2(change.apiVersion)) &&
    (sent !== 'block' || knowsBlock(change.apiVersion))
  if (known) return undefined
  return aksError(
    400,
    'InvalidParameter',
    `The value of parameter networkProfile.outboundType is invalid: '${sent}' is not supported by api-version ${change.apiVersion}. Please see https://aka.ms/aks/outboundtype for more details`,
    'networkProfile.outboundType',
  )
}

/** SKU rules of the managed NAT gateway (rulebook 1.3, 3.2, 3.3). */
export const natGatewaySkuRefused: Refusal = (change) => {
  const sku = at(change.sent, 'natGatewayProfile', 'sku')
  if (sku === undefined || sku === null || !knowsNatGatewaySku(change.apiVersion)) return undefined
  const target = 'networkProfile.natGatewayProfile.sku'
  if (sku !== 'Standard' && sku !== 'StandardV2')
    return aksError(400, 'InvalidParameter', `The value of parameter ${target} is invalid.`, target)
  if (!isManagedNat(change.to)) return undefined
  const location = textAt(change.current, 'location') ?? ''
  if (sku === 'StandardV2' && !hasStandardV2(location))
    return aksError(
      400,
      'UnsupportedOutboundType',
      `NAT gateway SKU StandardV2 is not available in ${location}.`,
      target,
    )
  // A Standard gateway shows its SKU; sending back what was read must not be refused.
  if (sku === 'Standard' && !isManagedNat(change.from) && hasStandardV2(location))
    return aksError(
      400,
      'UnsupportedOutboundType',
      `NAT gateway SKU Standard can not be chosen in ${location} with api-version ${change.apiVersion}; use StandardV2, or an earlier api-version.`,
      target,
    )
  return undefined
}

/** Types that belong to the other kind of virtual network; both codes are names the service is known to use, the words are inferred. */
export const outboundTypeOfOtherNetwork: Refusal = (change) => {
  if (!isTypeChange(change)) return undefined
  const kind = vnetKind(change.current)
  if (kind === 'byo' && isManagedNat(change.to))
    return aksError(
      400,
      'ManagedNATGatewayWithCustomVNetNotAllowed',
      'Managed NAT Gateway is not allowed with a custom virtual network. Please see https://aka.ms/aks/outboundtype for more details',
      'networkProfile.outboundType',
    )
  if (kind === 'managed' && change.to === 'userAssignedNATGateway')
    return aksError(
      400,
      'UserAssignedNATGatewayWithManagedVNetNotAllowed',
      'User assigned NAT Gateway is not allowed with a managed virtual network. Please see https://aka.ms/aks/outboundtype for more details',
      'networkProfile.outboundType',
    )
  return undefined
}
