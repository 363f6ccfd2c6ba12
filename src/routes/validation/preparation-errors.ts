import { TYPE_KEYS } from '../../contract/outbound-type.ts'
import type { Fault } from '../../contract/problem.ts'
import { isResourceIdOfType } from './resource-ids.ts'

type Fields = Record<string, unknown>

/** Which targets each part belongs to. */
const BELONGS_TO: Record<string, readonly string[]> = {
  publicIps: ['loadBalancer', 'managedNATGateway', 'managedNATGatewayV2', 'userAssignedNATGateway'],
  publicIpPrefix: ['loadBalancer', 'managedNATGateway', 'managedNATGatewayV2', 'userAssignedNATGateway'],
  natGateway: ['userAssignedNATGateway'],
  defaultRoute: ['userDefinedRouting'],
}

/** What a schema cannot say of `prepare`: which parts belong to which target, and to each other. */
export function preparationErrors(prepare: Fields, target: Fields): Fault[] {
  const type = TYPE_KEYS.find((key) => key === target.outboundType)
  const parts = Object.keys(BELONGS_TO).filter((name) => prepare[name] !== undefined)
  const strangers = type === undefined ? [] : parts.filter((name) => !BELONGS_TO[name]?.includes(type))
  if (strangers.length > 0) return strangers.map((name) => misplacedField(name, String(type)))
  return [
    ...(parts.length === 0 ? [emptyPreparation()] : []),
    ...preparedAddressErrors(prepare, target),
    ...gatewayErrors(prepare, type),
    ...routeErrors(prepare.defaultRoute),
  ]
}

function misplacedField(name: string, type: string): Fault {
  const owners = (BELONGS_TO[name] ?? []).join(', ')
  return preparationError(
    `/${name}`,
    'PARAMETER_NOT_FOR_TARGET',
    `prepare.${name} is for ${owners} only, not for ${type}.`,
  )
}

function emptyPreparation(): Fault {
  return preparationError(
    '',
    'FIELD_MISSING',
    'prepare asks for nothing: name publicIps, publicIpPrefix, natGateway or defaultRoute.',
  )
}

/** Addresses of AKS's own beside them would be contradictory, and a Standard managed gateway takes none (rulebook 3.2). */
function preparedAddressErrors(prepare: Fields, target: Fields): Fault[] {
  const name = prepare.publicIps !== undefined ? 'publicIps' : 'publicIpPrefix'
  if (prepare[name] === undefined) return []
  const faults: Fault[] = []
  if (prepare.publicIps !== undefined && prepare.publicIpPrefix !== undefined)
    faults.push(
      mutuallyExclusive('/publicIpPrefix', 'Ask for publicIps or for publicIpPrefix, not for both.'),
    )
  const isV2 = target.outboundType === 'managedNATGatewayV2' || resolveSku(target.natGateway) === 'StandardV2'
  if (target.outboundType === 'managedNATGateway' && !isV2)
    faults.push(
      preparationError(`/${name}`, 'PARAMETER_NOT_FOR_TARGET', `prepare.${name} needs the SKU StandardV2.`),
    )
  const block = target.outboundType === 'loadBalancer' ? target.loadBalancer : target.natGateway
  const named = isObject(block) ? ADDRESS_FIELDS.filter((field) => block[field] !== undefined) : []
  for (const field of named)
    faults.push(
      mutuallyExclusive(`/${name}`, `prepare.${name} makes own addresses; target names ${field} as well.`),
    )
  return faults
}

const ADDRESS_FIELDS = [
  'managedOutboundIpCount',
  'managedOutboundIpv6Count',
  'outboundIpIds',
  'outboundIpPrefixIds',
]

function gatewayErrors(prepare: Fields, type: string | undefined): Fault[] {
  const { natGateway: gateway } = prepare
  if (type !== 'userAssignedNATGateway') return []
  if (!isObject(gateway)) {
    const asked = prepare.publicIps !== undefined || prepare.publicIpPrefix !== undefined
    return asked
      ? [
          preparationError(
            '/natGateway',
            'FIELD_MISSING',
            'Addresses for userAssignedNATGateway go onto a new natGateway: name it too.',
          ),
        ]
      : []
  }
  if (typeof gateway.id !== 'string') return zoneErrors(prepare, gateway)
  const faults: Fault[] = []
  if (!isResourceIdOfType('Microsoft.Network/natGateways', gateway.id))
    faults.push(
      preparationError(
        '/natGateway/id',
        'RESOURCE_ID_INVALID',
        'id must be an ARM id of type Microsoft.Network/natGateways.',
      ),
    )
  const others = Object.keys(gateway).filter((key) => key !== 'id')
  const beside = ['publicIps', 'publicIpPrefix'].filter((key) => prepare[key] !== undefined)
  for (const key of [...others.map((each) => `natGateway/${each}`), ...beside])
    faults.push(
      mutuallyExclusive(
        `/${key}`,
        'A natGateway that exists is attached as it is; nothing of it can be asked for.',
      ),
    )
  return faults
}

/** A Standard gateway lies in one zone or in none (NTS). */
function zoneErrors(prepare: Fields, gateway: Fields): Fault[] {
  const zones = Array.isArray(gateway.zones) ? gateway.zones : []
  if (gateway.sku === 'StandardV2') return []
  if (zones.length > 1)
    return [
      preparationError(
        '/natGateway/zones',
        'PARAMETER_OUT_OF_RANGE',
        'A Standard NAT gateway lies in one zone; StandardV2 in all.',
      ),
    ]
  const [zone] = zones
  return ['publicIps', 'publicIpPrefix'].flatMap((name) => {
    const block = prepare[name]
    const own = isObject(block) && Array.isArray(block.zones) ? block.zones : []
    const isOther = zone !== undefined && own.length > 0 && !own.includes(zone)
    return isOther
      ? [
          mutuallyExclusive(
            `/${name}/zones`,
            `A gateway in zone ${String(zone)} takes addresses of that zone only.`,
          ),
        ]
      : []
  })
}

function routeErrors(route: unknown): Fault[] {
  if (!isObject(route)) return []
  if (route.nextHopType === 'VirtualAppliance' && route.nextHopIpAddress === undefined)
    return [
      preparationError(
        '/defaultRoute/nextHopIpAddress',
        'FIELD_MISSING',
        'A VirtualAppliance needs its private address.',
      ),
    ]
  if (route.nextHopType === 'VirtualNetworkGateway' && route.nextHopIpAddress !== undefined)
    return [
      mutuallyExclusive(
        '/defaultRoute/nextHopIpAddress',
        'A VirtualNetworkGateway is found by Azure; it takes no address.',
      ),
    ]
  return []
}

function resolveSku(natGateway: unknown): unknown {
  return isObject(natGateway) ? natGateway.sku : undefined
}

function mutuallyExclusive(at: string, message: string): Fault {
  return preparationError(at, 'PARAMETERS_EXCLUDE_EACH_OTHER', message)
}

function preparationError(at: string, code: string, message: string): Fault {
  return { in: 'body', pointer: `/prepare${at}`, code, message }
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
