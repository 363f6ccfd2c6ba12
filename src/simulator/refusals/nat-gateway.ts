import { isDualStack, isManagedNat, networkProfileOf } from '../cluster/cluster-facts.ts'
import { ownNatAddresses } from '../egress/nat-gateway-egress.ts'
import { type ArmRefusal, aksError } from '../http/arm-error.ts'
import { type JsonObject, numberAt, objectAt } from '../json.ts'
import { isTypeChange, lower, type Refusal } from './refusal.ts'

const TARGET = 'networkProfile.natGatewayProfile'

/** What a managed NAT gateway's profile may not say (rulebook 3.2 and 3.3); the code InvalidNATGatewayProfile is inferred. */
export const natGatewayProfileRefused: Refusal = (change) => {
  if (!isManagedNat(change.to)) return undefined
  const profile = objectAt(change.sent, 'natGatewayProfile') ?? {}
  const isV2 = change.to === 'managedNATGatewayV2'
  const outside =
    range(profile, ['managedOutboundIPProfile', 'count'], 1, 16) ??
    range(profile, ['managedOutboundIPProfile', 'countIPv6'], isV2 ? 1 : 0, isV2 ? 16 : 0) ??
    range(profile, ['idleTimeoutInMinutes'], 4, 120)
  if (outside !== undefined) return outside
  if (isTypeChange(change) && !isV2 && isDualStack(networkProfileOf(change.current)))
    return invalid('A NAT gateway of SKU Standard has no IPv6 and can not serve a dual-stack cluster.')
  const own = ownNatAddresses(profile)
  if (own.length === 0) return undefined
  if (!isV2) return invalid('Own outbound IPs are only supported by a NAT gateway of SKU StandardV2.')
  if (objectAt(profile, 'managedOutboundIPProfile') !== undefined)
    return invalid('Managed outbound IPs and own outbound IPs are mutually exclusive.')
  const unfit = own.find((id) => lower(change.world.get(id), 'sku', 'name') !== 'standardv2')
  return unfit === undefined
    ? undefined
    : invalid(`The outbound IP does not exist or is not of SKU StandardV2: ${unfit}`)
}

function range(profile: JsonObject, path: string[], least: number, most: number): ArmRefusal | undefined {
  const value = numberAt(profile, ...path)
  if (value === undefined || (value >= least && value <= most)) return undefined
  return invalid(`${TARGET}.${path.join('.')}: ${value} is not in the range ${least} to ${most}.`)
}

function invalid(message: string): ArmRefusal {
  return aksError(400, 'InvalidNATGatewayProfile', message, TARGET)
}
