import { TYPE_KEYS } from '../../contract/outbound-type.ts'
import { idKey } from '../../core/arm/resource-id.ts'
import { isCidr } from '../../core/lib/cidr.ts'
import { listed } from '../../core/lib/text.ts'
import { clusterIdExpected, isResourceIdOfType, parseClusterId } from './resource-ids.ts'
import { isObject, type RawFields, type Rule, rulesOf } from './rules.ts'

type TypeKey = (typeof TYPE_KEYS)[number]

const misplaced = rulesOf('PARAMETER_NOT_FOR_TARGET')
const excluded = rulesOf('PARAMETERS_EXCLUDE_EACH_OTHER')
const missing = rulesOf('FIELD_MISSING')
const notUnique = rulesOf('NOT_UNIQUE')
const invalidId = rulesOf('RESOURCE_ID_INVALID')

const LOAD_BALANCER = '/target/loadBalancer'
const NAT_GATEWAY = '/target/natGateway'
const PREPARED_GATEWAY = '/prepare/natGateway'
const NEXT_HOP = '/prepare/defaultRoute/nextHop'

const MANAGED_COUNTS = ['managedOutboundIpCount', 'managedOutboundIpv6Count']
const CUSTOMER_ADDRESSES = ['outboundIpIds', 'outboundIpPrefixIds']
const PREPARED_ADDRESSES = ['publicIps', 'publicIpPrefix']

/** The requested outbound type; undefined if the schema rejects it. */
function typeOf(request: RawFields): TypeKey | undefined {
  return TYPE_KEYS.find((key) => key === request.get('/target/outboundType'))
}

function isForOther(owners: readonly TypeKey[], request: RawFields): boolean {
  const type = typeOf(request)
  return type !== undefined && !owners.includes(type)
}

/** An empty list requests nothing. */
function isRequested(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined
}

/**
 * Rules for the addresses of a block of the target: AKS-managed or customer-provided, of the correct type, without
 * duplicates.
 */
function addressRules(block: string): Rule[] {
  const customerAddress = (request: RawFields) =>
    CUSTOMER_ADDRESSES.find((name) => isRequested(request.get(`${block}/${name}`)))
  return [
    ...MANAGED_COUNTS.map((name) =>
      excluded(
        `${block}/${name}`,
        (request) =>
          `${name} requests AKS-managed addresses, but ${customerAddress(request)} requests customer-provided addresses; specify only one kind.`,
        // A count of zero requests nothing.
        (count, request) =>
          typeof count === 'number' && count !== 0 && customerAddress(request) !== undefined,
      ),
    ),
    ...idListRules(block, 'outboundIpIds', 'Microsoft.Network/publicIPAddresses'),
    ...idListRules(block, 'outboundIpPrefixIds', 'Microsoft.Network/publicIPPrefixes'),
  ]
}

function idListRules(block: string, name: string, type: string): Rule[] {
  const list = `${block}/${name}`
  return [
    invalidId(
      `${list}/[]`,
      (_request, [index]) => `Entry ${index} of ${name} must be an ARM id of type ${type}.`,
      (id) => typeof id === 'string' && !isResourceIdOfType(type, id),
    ),
    notUnique(list, `${name} contains the same entry twice.`, (_ids, request) => {
      const ids = request.list(list).filter((id) => typeof id === 'string')
      return new Set(ids.map(idKey)).size < ids.length
    }),
  ]
}

/** Rules between the fields of `cluster` and `target`. */
export const TARGET_RULES: readonly Rule[] = [
  invalidId(
    '/cluster/id',
    clusterIdExpected('id'),
    (id) => typeof id === 'string' && parseClusterId(id) === null,
  ),
  misplaced(
    LOAD_BALANCER,
    (request) => `loadBalancer applies only to the outbound type loadBalancer, not to ${typeOf(request)}.`,
    (block, request) => isObject(block) && isForOther(['loadBalancer'], request),
  ),
  ...addressRules(LOAD_BALANCER),
  misplaced(
    NAT_GATEWAY,
    (request) =>
      `natGateway applies only to the outbound types managedNATGateway and managedNATGatewayV2, not to ${typeOf(request)}.`,
    (block, request) => isObject(block) && isForOther(['managedNATGateway', 'managedNATGatewayV2'], request),
  ),
  excluded(
    `${NAT_GATEWAY}/sku`,
    'managedNATGatewayV2 requires the SKU StandardV2, not Standard.',
    (sku, request) => typeOf(request) === 'managedNATGatewayV2' && sku === 'Standard',
  ),
  // A managed NAT gateway of the SKU Standard supports neither customer-provided addresses nor IPv6.
  ...['managedOutboundIpv6Count', ...CUSTOMER_ADDRESSES].map((name) =>
    misplaced(
      `${NAT_GATEWAY}/${name}`,
      `${name} requires the SKU StandardV2, not Standard.`,
      (value, request) =>
        typeOf(request) === 'managedNATGateway' &&
        (request.get(`${NAT_GATEWAY}/sku`) ?? 'Standard') === 'Standard' &&
        isRequested(value),
    ),
  ),
  ...addressRules(NAT_GATEWAY),
]

const WITH_ADDRESSES: readonly TypeKey[] = [
  'loadBalancer',
  'managedNATGateway',
  'managedNATGatewayV2',
  'userAssignedNATGateway',
]
const PREPARATION_PARTS: Readonly<Record<string, readonly TypeKey[]>> = {
  publicIps: WITH_ADDRESSES,
  publicIpPrefix: WITH_ADDRESSES,
  natGateway: ['userAssignedNATGateway'],
  defaultRoute: ['userDefinedRouting'],
}

/**
 * Rules for the parts of `prepare` that each target supports. If a part does not apply, the other rules of `prepare`
 * are skipped.
 */
export const PREPARATION_PART_RULES: readonly Rule[] = Object.entries(PREPARATION_PARTS).map(
  ([name, owners]) =>
    misplaced(
      `/prepare/${name}`,
      (request) =>
        `prepare.${name} applies only to the outbound ${owners.length === 1 ? 'type' : 'types'} ${listed([...owners])}, not to ${typeOf(request)}.`,
      (part, request) => part !== undefined && isForOther(owners, request),
    ),
)

const isPrepared = (request: RawFields) => (name: string) => request.has(`/prepare/${name}`)

/** If the request prepares two kinds of addresses, only the first is compared with the target. */
const isFirstPrepared = (name: string, request: RawFields) =>
  PREPARED_ADDRESSES.find(isPrepared(request)) === name

const isUserAssigned = (request: RawFields) => typeOf(request) === 'userAssignedNATGateway'

const attachesExisting = (request: RawFields) =>
  isUserAssigned(request) && typeof request.get(`${PREPARED_GATEWAY}/id`) === 'string'

/** The zones of a new gateway of the SKU Standard, which is in one zone or in none. */
function zonesOfStandard(request: RawFields): unknown[] {
  const isStandard = request.get(`${PREPARED_GATEWAY}/sku`) !== 'StandardV2'
  const isNew = isUserAssigned(request) && !attachesExisting(request)
  return isNew && isStandard ? request.list(`${PREPARED_GATEWAY}/zones`) : []
}

const ATTACHED_AS_IS = 'An existing natGateway is attached unchanged; specify only its id, and no addresses.'

/** Rules between the fields of `prepare`. */
export const PREPARATION_RULES: readonly Rule[] = [
  missing(
    '/prepare',
    'prepare is empty; specify publicIps, publicIpPrefix, natGateway or defaultRoute.',
    (_prepare, request) => !Object.keys(PREPARATION_PARTS).some(isPrepared(request)),
  ),
  excluded(
    '/prepare/publicIpPrefix',
    'publicIps and publicIpPrefix are mutually exclusive; specify only one of them.',
    (_prefix, request) => PREPARED_ADDRESSES.every(isPrepared(request)),
  ),
  ...PREPARED_ADDRESSES.map((name) =>
    misplaced(
      `/prepare/${name}`,
      `prepare.${name} requires the SKU StandardV2.`,
      (_addresses, request) =>
        isFirstPrepared(name, request) &&
        typeOf(request) === 'managedNATGateway' &&
        request.get(`${NAT_GATEWAY}/sku`) !== 'StandardV2',
    ),
  ),
  ...PREPARED_ADDRESSES.flatMap((name) =>
    [...MANAGED_COUNTS, ...CUSTOMER_ADDRESSES].map((field) =>
      excluded(
        `/prepare/${name}`,
        `prepare.${name} creates addresses and cannot be combined with ${field} in target.`,
        (_addresses, request) => {
          const block = typeOf(request) === 'loadBalancer' ? LOAD_BALANCER : NAT_GATEWAY
          return isFirstPrepared(name, request) && request.has(`${block}/${field}`)
        },
      ),
    ),
  ),
  missing(
    PREPARED_GATEWAY,
    'New addresses for userAssignedNATGateway require a new natGateway; specify prepare.natGateway too.',
    (gateway, request) =>
      isUserAssigned(request) && !isObject(gateway) && PREPARED_ADDRESSES.some(isPrepared(request)),
  ),
  invalidId(
    `${PREPARED_GATEWAY}/id`,
    'id must be an ARM id of type Microsoft.Network/natGateways.',
    (id, request) =>
      attachesExisting(request) && !isResourceIdOfType('Microsoft.Network/natGateways', String(id)),
  ),
  excluded(
    `${PREPARED_GATEWAY}/*`,
    ATTACHED_AS_IS,
    (_value, request, [name]) => attachesExisting(request) && name !== 'id',
  ),
  ...PREPARED_ADDRESSES.map((name) =>
    excluded(
      `/prepare/${name}`,
      ATTACHED_AS_IS,
      (addresses, request) => attachesExisting(request) && addresses !== undefined,
    ),
  ),
  rulesOf('PARAMETER_OUT_OF_RANGE')(
    `${PREPARED_GATEWAY}/zones`,
    'zones of a Standard NAT gateway can contain one zone only; a StandardV2 NAT gateway spans all zones.',
    (_zones, request) => zonesOfStandard(request).length > 1,
  ),
  ...PREPARED_ADDRESSES.map((name) =>
    excluded(
      `/prepare/${name}/zones`,
      (request) =>
        `A NAT gateway in zone ${String(zonesOfStandard(request)[0])} supports only addresses in that zone.`,
      (zones, request) => {
        const [zone, ...others] = zonesOfStandard(request)
        if (zone === undefined || others.length > 0) return false
        return Array.isArray(zones) && zones.length > 0 && !zones.includes(zone)
      },
    ),
  ),
  missing(
    `${NEXT_HOP}IpAddress`,
    'The next hop type VirtualAppliance requires nextHopIpAddress, the private IP address of the appliance.',
    (address, request) => request.get(`${NEXT_HOP}Type`) === 'VirtualAppliance' && address === undefined,
  ),
  excluded(
    `${NEXT_HOP}IpAddress`,
    'The next hop type VirtualNetworkGateway does not support nextHopIpAddress.',
    (address, request) => request.get(`${NEXT_HOP}Type`) === 'VirtualNetworkGateway' && address !== undefined,
  ),
]

export const CONSUMER_RULES: readonly Rule[] = [
  rulesOf('ADDRESS_INVALID')(
    '/consumers/[]/addresses/[]',
    (_request, [, index]) =>
      `Entry ${index} of addresses must be an IPv4 or IPv6 address or CIDR, such as 20.1.2.3 or 20.1.2.0/24.`,
    (address) => typeof address === 'string' && !isCidr(address),
  ),
  // Names must be unique, because a plan identifies consumers by their names.
  notUnique('/consumers/[]/name', 'Two consumers have the same name.', (name, request, [index]) => {
    const names = request.list('/consumers').map((_, other) => request.get(`/consumers/${other}/name`))
    return typeof name === 'string' && names.indexOf(name) < Number(index)
  }),
]
