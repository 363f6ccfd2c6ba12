import { type ArmError, aksError } from '../arm/arm-error.ts'
import { isDualStack, isManagedNatGateway, networkProfileOf, nodeCount } from '../arm/managed-cluster.ts'
import { customerAddresses, withDefaultAddresses } from '../egress/load-balancer.ts'
import { customerNatAddresses } from '../egress/nat-gateway.ts'
import { idsAt, type JsonObject, lowerCaseAt, numberAt, objectAt, textAt } from '../lib/json.ts'
import { holderOf } from '../network/in-use.ts'
import { type ChangeRule, hasPool, isTypeChange, type RequestedChange } from './change-rule.ts'

const LOAD_BALANCER_TARGET = 'networkProfile.loadBalancerProfile'

/** Numbers of the profile that are out of range (configure-load-balancer-standard). */
export const loadBalancerNumbers: ChangeRule = (change) => {
  const profile = wantedProfile(change)
  if (profile === undefined) return undefined
  return (
    checkLoadBalancerRange(profile, ['managedOutboundIPs', 'count'], 1, 100) ??
    checkLoadBalancerRange(profile, ['managedOutboundIPs', 'countIPv6'], 0, 100) ??
    checkLoadBalancerRange(profile, ['idleTimeoutInMinutes'], 4, 120) ??
    checkPorts(change, profile)
  )
}

/**
 * Customer-provided addresses that a load balancer cannot use (configure-load-balancer-standard; codes from the pages
 * of AKS error codes).
 */
export const loadBalancerAddresses: ChangeRule = (change) => {
  const profile = wantedProfile(change)
  if (profile === undefined) return undefined
  const present = idsAt(
    change.current,
    'properties',
    'networkProfile',
    'loadBalancerProfile',
    'effectiveOutboundIPs',
  )
  const already = new Set(present.map((id) => id.toLowerCase()))
  for (const id of customerAddresses(profile)) {
    const refusal = checkAddress(change, id, already)
    if (refusal !== undefined) return refusal
  }
  return undefined
}

/** Windows pools without OutboundNAT have no egress behind a load balancer (windows-faq); code inferred. */
export const windowsWithoutOutboundNat: ChangeRule = (change) => {
  if (change.to !== 'loadBalancer') return undefined
  const disabled = hasPool(change, (pool) => objectAt(pool, 'windowsProfile')?.disableOutboundNat === true)
  if (!disabled) return undefined
  return aksError(
    400,
    'InvalidOutboundTypeForDisabledWindowsOutboundNAT',
    'Windows OutboundNAT can not be disabled with outbound type loadBalancer.',
    'networkProfile.outboundType',
  )
}

function checkAddress(change: RequestedChange, id: string, already: Set<string>): ArmError | undefined {
  const body = change.world.get(id)
  const refuse = (code: string, why: string) => aksError(400, code, `${why}: ${id}`, LOAD_BALANCER_TARGET)
  if (body === undefined)
    return refuse('LoadBalancerProfileOutboundIPNotExist', 'The outbound IP does not exist')
  if (lowerCaseAt(body, 'sku', 'name') !== 'standard')
    return refuse('LoadBalancerProfileOutboundIPNotStandardSKU', 'The outbound IP is not of SKU Standard')
  if (lowerCaseAt(body, 'location') !== lowerCaseAt(change.current, 'location'))
    return refuse('LoadBalancerProfileOutboundIPNotInTheSameRegion', 'The outbound IP is in another region')
  if (textAt(body, 'tags', 'aks-managed-cluster-name') !== undefined)
    return refuse('LoadBalancerProfileOutboundIPHasManagedOutboundIPTag', 'The outbound IP is managed by AKS')
  const attached = holderOf(body)
  if (attached !== undefined && !already.has(id.toLowerCase()))
    return refuse(
      'LoadBalancerProfileOutboundIPAttachedToAnotherIPConfiguration',
      `The outbound IP is attached to ${attached}`,
    )
  return undefined
}

function checkPorts(change: RequestedChange, profile: JsonObject): ArmError | undefined {
  const ports = numberAt(profile, 'allocatedOutboundPorts') ?? 0
  const refuse = (why: string) =>
    aksError(400, 'InvalidLoadBalancerProfileAllocatedOutboundPorts', why, LOAD_BALANCER_TARGET)
  if (ports < 0 || ports > 64_000 || ports % 8 !== 0)
    return refuse(
      `Load balancer profile allocated ports ${ports} is not in an allowable range: a multiple of 8 from 0 to 64000.`,
    )
  const addresses = outboundAddressCount(change, profile)
  const nodes = nodeCount(change.wanted)
  const most = Math.floor((64_000 * addresses) / Math.max(1, nodes))
  if (ports <= most) return undefined
  return refuse(
    `Load balancer profile allocated ports ${ports} is not in an allowable range given the number of nodes and IPs provisioned. Total node count ${nodes}, total IPs ${addresses}, highest allowed ports ${most}.`,
  )
}

function outboundAddressCount(change: RequestedChange, profile: JsonObject): number {
  const own = customerAddresses(profile).reduce((sum, id) => sum + addressesOf(change.world.get(id)), 0)
  if (own > 0) return own
  return numberAt(withDefaultAddresses(change.wanted, profile), 'managedOutboundIPs', 'count') ?? 1
}

function addressesOf(body: JsonObject | undefined): number {
  const length = numberAt(body, 'properties', 'prefixLength')
  return length === undefined ? 1 : 2 ** (32 - length)
}

function checkLoadBalancerRange(
  profile: JsonObject,
  path: string[],
  least: number,
  most: number,
): ArmError | undefined {
  const value = numberAt(profile, ...path)
  if (value === undefined || (value >= least && value <= most)) return undefined
  const target = `${LOAD_BALANCER_TARGET}.${path.join('.')}`
  return aksError(
    400,
    'InvalidLoadBalancerProfile',
    `The value of parameter ${target} is invalid: ${value} is not in the range ${least} to ${most}.`,
    target,
  )
}

function wantedProfile(change: RequestedChange): JsonObject | undefined {
  return change.to === 'loadBalancer'
    ? objectAt(change.wanted, 'properties', 'networkProfile', 'loadBalancerProfile')
    : undefined
}

const NAT_GATEWAY_TARGET = 'networkProfile.natGatewayProfile'

/** Invalid profiles of a managed NAT gateway (nat-gateway); the code InvalidNATGatewayProfile is inferred. */
export const natGatewayProfileInvalid: ChangeRule = (change) => {
  if (!isManagedNatGateway(change.to)) return undefined
  const profile = objectAt(change.sent, 'natGatewayProfile') ?? {}
  const isV2 = change.to === 'managedNATGatewayV2'
  const outside =
    checkNatGatewayRange(profile, ['managedOutboundIPProfile', 'count'], 1, 16) ??
    checkNatGatewayRange(profile, ['managedOutboundIPProfile', 'countIPv6'], isV2 ? 1 : 0, isV2 ? 16 : 0) ??
    checkNatGatewayRange(profile, ['idleTimeoutInMinutes'], 4, 120)
  if (outside !== undefined) return outside
  if (isTypeChange(change) && !isV2 && isDualStack(networkProfileOf(change.current)))
    return invalidNatGatewayProfile(
      'A NAT gateway of SKU Standard has no IPv6 and can not serve a dual-stack cluster.',
    )
  const own = customerNatAddresses(profile)
  if (own.length === 0) return undefined
  if (!isV2)
    return invalidNatGatewayProfile('Own outbound IPs are only supported by a NAT gateway of SKU StandardV2.')
  if (objectAt(profile, 'managedOutboundIPProfile') !== undefined)
    return invalidNatGatewayProfile('Managed outbound IPs and own outbound IPs are mutually exclusive.')
  const unfit = own.find((id) => lowerCaseAt(change.world.get(id), 'sku', 'name') !== 'standardv2')
  return unfit === undefined
    ? undefined
    : invalidNatGatewayProfile(`The outbound IP does not exist or is not of SKU StandardV2: ${unfit}`)
}

function checkNatGatewayRange(
  profile: JsonObject,
  path: string[],
  least: number,
  most: number,
): ArmError | undefined {
  const value = numberAt(profile, ...path)
  if (value === undefined || (value >= least && value <= most)) return undefined
  return invalidNatGatewayProfile(
    `${NAT_GATEWAY_TARGET}.${path.join('.')}: ${value} is not in the range ${least} to ${most}.`,
  )
}

function invalidNatGatewayProfile(message: string): ArmError {
  return aksError(400, 'InvalidNATGatewayProfile', message, NAT_GATEWAY_TARGET)
}
