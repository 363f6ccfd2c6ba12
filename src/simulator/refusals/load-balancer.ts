import { nodeCount } from '../cluster/cluster-facts.ts'
import { ownAddresses, withDefaultAddresses } from '../egress/load-balancer-egress.ts'
import { type ArmRefusal, aksError } from '../http/arm-error.ts'
import { idsAt, type JsonObject, numberAt, objectAt, textAt } from '../json.ts'
import { anyPool, lower, type Refusal, type WantedChange } from './refusal.ts'

const TARGET = 'networkProfile.loadBalancerProfile'

/** Numbers of the profile that are out of range (rulebook 3.1). */
export const loadBalancerNumbers: Refusal = (change) => {
  const profile = wantedProfile(change)
  if (profile === undefined) return undefined
  return (
    outside(profile, ['managedOutboundIPs', 'count'], 1, 100) ??
    outside(profile, ['managedOutboundIPs', 'countIPv6'], 0, 100) ??
    outside(profile, ['idleTimeoutInMinutes'], 4, 120) ??
    portsRefused(change, profile)
  )
}

/** Own addresses that cannot serve a load balancer (rulebook 3.1; codes after the names in the rulebook's RPERR). */
export const loadBalancerAddresses: Refusal = (change) => {
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
  for (const id of ownAddresses(profile)) {
    const refusal = addressRefused(change, id, already)
    if (refusal !== undefined) return refusal
  }
  return undefined
}

/** Windows pools without OutboundNAT have no egress behind a load balancer (rulebook 3.1); code inferred. */
export const windowsWithoutOutboundNat: Refusal = (change) => {
  if (change.to !== 'loadBalancer') return undefined
  const disabled = anyPool(change, (pool) => objectAt(pool, 'windowsProfile')?.disableOutboundNat === true)
  if (!disabled) return undefined
  return aksError(
    400,
    'InvalidOutboundTypeForDisabledWindowsOutboundNAT',
    'Windows OutboundNAT can not be disabled with outbound type loadBalancer.',
    'networkProfile.outboundType',
  )
}

function addressRefused(change: WantedChange, id: string, already: Set<string>): ArmRefusal | undefined {
  const body = change.world.get(id)
  const refuse = (code: string, why: string) => aksError(400, code, `${why}: ${id}`, TARGET)
  if (body === undefined)
    return refuse('LoadBalancerProfileOutboundIPNotExist', 'The outbound IP does not exist')
  if (lower(body, 'sku', 'name') !== 'standard')
    return refuse('LoadBalancerProfileOutboundIPNotStandardSKU', 'The outbound IP is not of SKU Standard')
  if (lower(body, 'location') !== lower(change.current, 'location'))
    return refuse('LoadBalancerProfileOutboundIPNotInTheSameRegion', 'The outbound IP is in another region')
  if (textAt(body, 'tags', 'aks-managed-cluster-name') !== undefined)
    return refuse('LoadBalancerProfileOutboundIPHasManagedOutboundIPTag', 'The outbound IP is managed by AKS')
  const attached =
    textAt(body, 'properties', 'ipConfiguration', 'id') ??
    textAt(body, 'properties', 'loadBalancerFrontendIpConfiguration', 'id') ??
    textAt(body, 'properties', 'natGateway', 'id')
  if (attached !== undefined && !already.has(id.toLowerCase()))
    return refuse(
      'LoadBalancerProfileOutboundIPAttachedToAnotherIPConfiguration',
      `The outbound IP is attached to ${attached}`,
    )
  return undefined
}

function portsRefused(change: WantedChange, profile: JsonObject): ArmRefusal | undefined {
  const ports = numberAt(profile, 'allocatedOutboundPorts') ?? 0
  const refuse = (why: string) =>
    aksError(400, 'InvalidLoadBalancerProfileAllocatedOutboundPorts', why, TARGET)
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

function outboundAddressCount(change: WantedChange, profile: JsonObject): number {
  const own = ownAddresses(profile).reduce((sum, id) => sum + addressesOf(change.world.get(id)), 0)
  if (own > 0) return own
  return numberAt(withDefaultAddresses(change.wanted, profile), 'managedOutboundIPs', 'count') ?? 1
}

function addressesOf(body: JsonObject | undefined): number {
  const length = numberAt(body, 'properties', 'prefixLength')
  return length === undefined ? 1 : 2 ** (32 - length)
}

function outside(profile: JsonObject, path: string[], least: number, most: number): ArmRefusal | undefined {
  const value = numberAt(profile, ...path)
  if (value === undefined || (value >= least && value <= most)) return undefined
  const target = `${TARGET}.${path.join('.')}`
  return aksError(
    400,
    'InvalidLoadBalancerProfile',
    `The value of parameter ${target} is invalid: ${value} is not in the range ${least} to ${most}.`,
    target,
  )
}

function wantedProfile(change: WantedChange): JsonObject | undefined {
  return change.to === 'loadBalancer'
    ? objectAt(change.wanted, 'properties', 'networkProfile', 'loadBalancerProfile')
    : undefined
}
