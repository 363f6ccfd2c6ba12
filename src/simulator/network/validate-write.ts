import { isIP } from 'node:net'
import { gatewayError, networkError } from '../arm/arm-error.ts'
import { contains, overlaps, parseCidr } from '../lib/cidr.ts'
import { idsAt, type JsonObject, listAt, lowerCaseAt, numberAt, objectsAt, textAt } from '../lib/json.ts'
import { type BackReference, backReferencesOf } from '../world/back-references.ts'
import type { World } from '../world/world.ts'
import { assertSubnetUnused, holderOf } from './in-use.ts'
import { networkIdOf } from './network-body.ts'

/**
 * Rejects a body that Microsoft.Network does not accept. Codes and messages are from public error reports, unless a
 * comment marks them as inferred.
 * @throws ArmError 400 or 409 with the first reason found
 */
export function assertWritable(world: World, current: JsonObject | undefined, body: JsonObject): void {
  const type = lowerCaseAt(body, 'type')
  if (current !== undefined) assertSameLocation(current, body)
  assertReferences(world, type, body)
  switch (type) {
    case 'microsoft.network/publicipaddresses':
      assertIdleTimeout('Public IP address', body, 30)
      if (lowerCaseAt(body, 'sku', 'name') !== 'basic' && isDynamic(body))
        throw networkError(
          400,
          'StandardSkuPublicIPAddressesMustBeStatic',
          `Standard sku publicIp ${body.id} must have AllocationMethod set to Static.`,
        )
      return
    case 'microsoft.network/publicipprefixes':
      assertPrefixLength(body)
      return
    case 'microsoft.network/natgateways':
      assertIdleTimeout('NAT gateway', body, 120)
      assertGatewayAddresses(world, body)
      return
    case 'microsoft.network/loadbalancers':
      assertFrontendSkus(world, body)
      return
    case 'microsoft.network/routetables':
      objectsAt(body, 'properties', 'routes').forEach(assertRoute)
      return
    case 'microsoft.network/virtualnetworks':
      assertNetwork(world, current, body)
  }
}

function isDynamic(body: JsonObject): boolean {
  return lowerCaseAt(body, 'properties', 'publicIPAllocationMethod') === 'dynamic'
}

/** The error is the same as for any resource of Resource Manager. */
function assertSameLocation(current: JsonObject, body: JsonObject): void {
  const [is, wanted] = [current, body].map((each) => lowerCaseAt(each, 'location').replaceAll(' ', ''))
  if (is === wanted) return
  throw gatewayError(
    409,
    'InvalidResourceLocation',
    `The resource '${body.name}' already exists in location '${is}'. A resource with the same name cannot be created in location '${wanted}'. Please select a new resource name.`,
  )
}

/** The message is recorded for scale sets; that the code is the same for every resource is inferred. */
function assertIdleTimeout(what: string, body: JsonObject, max: number): void {
  const minutes = numberAt(body, 'properties', 'idleTimeoutInMinutes') ?? Number.NaN
  if (minutes >= 4 && minutes <= max) return
  const message = `${what} ${body.id} has invalid Idle Timeout. The value must be between 4 and ${max}.`
  throw networkError(400, 'InvalidIdleTimeout', message)
}

/** Sizes as in public-ip-address-prefix; a custom prefix may be larger (custom-ip-address-prefix). Code and message are inferred. */
function assertPrefixLength(body: JsonObject): void {
  const length = numberAt(body, 'properties', 'prefixLength') ?? Number.NaN
  const isCustom = textAt(body, 'properties', 'customIPPrefix', 'id') !== undefined
  const [min, max] =
    textAt(body, 'properties', 'publicIPAddressVersion') === 'IPv6'
      ? [isCustom ? 64 : 124, 127]
      : [isCustom ? 21 : 28, 31]
  if (Number.isInteger(length) && length >= min && length <= max) return
  throw networkError(
    400,
    'InvalidPublicIpPrefixLength',
    `Public IP prefix ${body.id} has invalid prefix length ${length}. The value must be between ${min} and ${max}.`,
  )
}

/** Every referenced resource must exist in the region. Only firewall policies can be in another region. */
function assertReferences(world: World, type: string, body: JsonObject): void {
  for (const link of backReferencesOf(type, body)) {
    const target = world.get(link.targetId)
    const isElsewhere =
      !/\/firewallPolicies\//i.test(link.targetId) &&
      lowerCaseAt(target, 'location') !== lowerCaseAt(body, 'location')
    if (target === undefined || isElsewhere)
      throw networkError(
        400,
        'InvalidResourceReference',
        `Resource ${link.targetId} referenced by resource ${link.shows} was not found. Please make sure that the referenced resource exists, and that both resources are in the same region.`,
      )
    if (link.shape === 'one') assertFree(body, target, link)
    else if (type === 'microsoft.network/virtualnetworks') assertOneNetwork(target, link)
  }
}

/** A public IP or prefix serves one resource. Public reports show this for NAT gateways; the rest is inferred. */
function assertFree(body: JsonObject, target: JsonObject, link: BackReference): void {
  const holder = holderOf(target)
  if (holder === undefined || `${holder}/`.toLowerCase().startsWith(`${body.id}/`.toLowerCase())) return
  const isPrefix = /\/publicIPPrefixes\//i.test(link.targetId)
  throw networkError(
    400,
    isPrefix ? 'PublicIPPrefixInUse' : 'PublicIPAddressInUse',
    `Resource ${link.shows} is referencing public IP ${isPrefix ? 'prefix' : 'address'} ${target.id} that is already allocated to resource ${holder}.`,
  )
}

/** A NAT gateway serves the subnets of one virtual network. */
function assertOneNetwork(target: JsonObject, link: BackReference): void {
  const network = networkIdOf(link.shows)
  if (!/\/natGateways\//i.test(link.targetId)) return
  const other = idsAt(target, 'properties', 'subnets')
    .map(networkIdOf)
    .find((id) => id.toLowerCase() !== network.toLowerCase())
  if (other === undefined) return
  throw networkError(
    400,
    'NatGatewayCannotBeUsedBySubnetsBelongingToDifferentVirtualNetworks',
    `NAT Gateway cannot be configured on multiple virtual networks. NAT Gateway ${target.id} is currently used on virtual network ${other} and cannot be added to virtual network ${network}.`,
  )
}

/**
 * Addresses of a NAT gateway have its SKU, and a Standard one has no IPv6 (nat-sku); codes and messages are inferred,
 * also below.
 */
function assertGatewayAddresses(world: World, body: JsonObject): void {
  const sku = textAt(body, 'sku', 'name') ?? 'Standard'
  const links = backReferencesOf('microsoft.network/natgateways', body)
  for (const { targetId } of links.filter(({ place }) => place === 'natGateway')) {
    const other = textAt(world.get(targetId), 'sku', 'name') ?? 'Basic'
    if (other.toLowerCase() !== sku.toLowerCase())
      throw networkError(
        400,
        'NatGatewayAndPublicIpSkuDoNotMatch',
        `NAT gateway ${body.id} with sku ${sku} cannot reference ${targetId} with sku ${other}.`,
      )
  }
  // A NAT gateway does not support addresses with DDoS IP protection (troubleshoot-nat, 2025-11-04).
  const isProtected = idsAt(body, 'properties', 'publicIpAddresses').find(
    (id) => lowerCaseAt(world.get(id), 'properties', 'ddosSettings', 'protectionMode') === 'enabled',
  )
  if (isProtected !== undefined)
    throw networkError(
      400,
      'NatGatewayDoesNotSupportDdosProtectedPublicIp',
      `NAT gateway ${body.id} cannot reference ${isProtected}, which has DDoS protection enabled.`,
    )
  const isV6 = ['publicIpAddressesV6', 'publicIpPrefixesV6'].some(
    (list) => listAt(body, 'properties', list).length > 0,
  )
  if (isV6 && sku.toLowerCase() === 'standard')
    throw networkError(
      400,
      'NatGatewayStandardSkuDoesNotSupportIPv6',
      `NAT gateway ${body.id} with sku Standard cannot reference IPv6 addresses.`,
    )
}

function assertFrontendSkus(world: World, body: JsonObject): void {
  const sku = textAt(body, 'sku', 'name') ?? 'Basic'
  for (const { targetId } of backReferencesOf('microsoft.network/loadbalancers', body)) {
    const other = textAt(world.get(targetId), 'sku', 'name') ?? 'Basic'
    if (other.toLowerCase() !== sku.toLowerCase())
      throw networkError(
        400,
        'PublicIPAndLBSkuDoNotMatch',
        `${sku} sku load balancer ${body.id} cannot reference ${other} sku publicIP ${targetId}.`,
      )
  }
}

const NEXT_HOPS = [
  'VirtualNetworkGateway',
  'VnetLocal',
  'Internet',
  'VirtualAppliance',
  'VirtualApplianceEcmp',
  'None',
]

/** A service tag, optionally of one region. The simulator does not check whether the tag exists. */
const SERVICE_TAG = /^[A-Z][A-Za-z0-9]{2,}(\.[A-Za-z0-9]+){0,2}$/

/** Rejects a route that Azure does not accept; an unknown next hop type causes a parse error of the body (recorded). */
export function assertRoute(route: JsonObject): void {
  const hop = NEXT_HOPS.find((type) => type.toLowerCase() === lowerCaseAt(route, 'properties', 'nextHopType'))
  if (hop === undefined) throw networkError(400, 'InvalidRequestFormat', 'Cannot parse the request.')
  const prefix = textAt(route, 'properties', 'addressPrefix') ?? ''
  if (!SERVICE_TAG.test(prefix)) assertCidr(prefix, String(route.id))
  const address = textAt(route, 'properties', 'nextHopIpAddress') ?? ''
  const several = listAt(route, 'properties', 'nextHop', 'nextHopIpAddresses').map(String)
  if (hop === 'VirtualAppliance' && address === '')
    throw networkError(
      400,
      'MissingNextHopIpAddress',
      `NextHopIpAddress cannot be Null or Empty in route ${route.name} when NextHopType is VirtualAppliance.`,
    )
  // The rest is inferred from the models of @azure/arm-network 39.0.0 and of the Azure CLI.
  const isWrong =
    hop === 'VirtualApplianceEcmp'
      ? several.length < 2 || several.length > 64 || address !== ''
      : several.length > 0 || (hop !== 'VirtualAppliance' && address !== '')
  if (isWrong || [...several, ...(address === '' ? [] : [address])].some((text) => isIP(text) === 0))
    throw networkError(
      400,
      'InvalidNextHopIpAddress',
      `The next hop IP addresses of route ${route.name} are not valid when NextHopType is ${hop}.`,
    )
}

/** Rejects an address prefix that is missing, is no CIDR, or does not start with its network address. */
function assertCidr(prefix: string, id: string): void {
  if (prefix === '')
    throw networkError(
      400,
      'AddressPrefixStringCannotBeNullOrEmpty',
      `Address prefix string for resource ${id} cannot be null or empty.`,
    )
  const block = parseCidr(prefix)
  if (block === undefined)
    throw networkError(
      400,
      'InvalidAddressPrefixFormat',
      `Address prefix ${prefix} of resource ${id} is not formatted correctly. It should follow CIDR notation, for example 10.0.0.0/24.`,
    )
  if (!block.isAligned)
    throw networkError(
      400,
      'InvalidCIDRNotation',
      `The address prefix ${prefix} in resource ${id} has an invalid CIDR notation.`,
    )
}

/**
 * The blocks of a virtual network must contain the blocks of its subnets. These must not overlap, and must not change
 * while they are in use.
 */
function assertNetwork(world: World, current: JsonObject | undefined, body: JsonObject): void {
  const space = listAt(body, 'properties', 'addressSpace', 'addressPrefixes').map(String)
  if (space.length === 0) assertCidr('', String(body.id))
  for (const prefix of space) assertCidr(prefix, String(body.id))
  const blocks = space.flatMap((prefix) => parseCidr(prefix) ?? [])
  const subnets = objectsAt(body, 'properties', 'subnets')
  const taken: { name: string; prefix: string }[] = []
  for (const subnet of subnets) {
    const name = String(subnet.name)
    const prefixes = prefixesOf(subnet)
    if (prefixes.length === 0) assertCidr('', String(subnet.id))
    for (const prefix of prefixes) {
      assertCidr(prefix, String(subnet.id))
      const block = parseCidr(prefix)
      if (block === undefined) continue
      const invalid = (code: string, why: string) =>
        networkError(
          400,
          code,
          `Subnet '${name}' is not valid because its IP address range ${why} '${body.name}'.`,
        )
      if (!blocks.some((outer) => contains(outer, block)))
        throw invalid('NetcfgSubnetRangeOutsideVnet', 'is outside the IP address range of virtual network')
      const other = taken.find((each) => overlaps(parseCidr(each.prefix) ?? block, block))
      if (other !== undefined)
        throw invalid(
          'NetcfgSubnetRangesOverlap',
          'overlaps with that of an existing subnet in virtual network',
        )
      taken.push({ name, prefix })
    }
  }
  for (const before of objectsAt(current, 'properties', 'subnets')) {
    const after = subnets.find((subnet) => lowerCaseAt(subnet, 'name') === lowerCaseAt(before, 'name'))
    if (after === undefined) assertSubnetUnused(world, before)
    else if (String(prefixesOf(after)) !== String(prefixesOf(before))) assertPrefixesUnused(world, before)
  }
}

function assertPrefixesUnused(world: World, subnet: JsonObject): void {
  assertSubnetUnused(world, subnet, {
    code: 'InUsePrefixCannotBeDeleted',
    message: `IpPrefix ${prefixesOf(subnet)} on Subnet ${subnet.name} has active allocations and cannot be deleted.`,
  })
}

function prefixesOf(subnet: JsonObject): string[] {
  const single = textAt(subnet, 'properties', 'addressPrefix')
  return single === undefined || single === ''
    ? listAt(subnet, 'properties', 'addressPrefixes').map(String)
    : [single]
}
