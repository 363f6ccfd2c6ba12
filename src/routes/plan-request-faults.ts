import { TYPE_KEYS } from '../core/outbound-type.ts'
import { consumerFaults } from './consumer-faults.ts'
import { preparationFaults } from './preparation-faults.ts'
import { clusterOf, isResourceIdOf, notAClusterId } from './resource-id-faults.ts'
import type { Fault } from './schemas/problem.ts'

type Fields = Record<string, unknown>

/**
 * What a schema cannot say of a plan request: which parameters belong together. It reads the body as it came,
 * so that these faults are told beside those of the schema, all at once.
 */
export function planRequestFaults(body: unknown): Fault[] {
  if (!isObject(body)) return []
  const faults: Fault[] = []
  const { cluster, target } = body
  if (isObject(cluster) && typeof cluster.id === 'string' && clusterOf(cluster.id) === null)
    faults.push(fault('/cluster/id', 'RESOURCE_ID_INVALID', notAClusterId('id')))
  if (isObject(target)) {
    faults.push(...targetFaults(target))
    if (isObject(body.prepare)) faults.push(...preparationFaults(body.prepare, target))
  }
  return [...faults, ...consumerFaults(body.consumers)]
}

function targetFaults(target: Fields): Fault[] {
  const type = TYPE_KEYS.find((key) => key === target.outboundType)
  const faults: Fault[] = []
  if (isObject(target.loadBalancer)) {
    if (type !== undefined && type !== 'loadBalancer')
      faults.push(strangerBlock('loadBalancer', 'loadBalancer', type))
    faults.push(...addressFaults('/target/loadBalancer', target.loadBalancer))
  }
  if (isObject(target.natGateway)) {
    const isNat = type === 'managedNATGateway' || type === 'managedNATGatewayV2'
    if (type !== undefined && !isNat) faults.push(strangerBlock('natGateway', 'managedNATGateway', type))
    if (isNat) faults.push(...skuFaults(target.natGateway, type === 'managedNATGatewayV2'))
    faults.push(...addressFaults('/target/natGateway', target.natGateway))
  }
  return faults
}

function strangerBlock(block: string, owner: string, type: string): Fault {
  return fault(
    `/target/${block}`,
    'PARAMETER_NOT_FOR_TARGET',
    `${block} is for ${owner} only, not for ${type}.`,
  )
}

/** A Standard NAT gateway that AKS manages takes neither own addresses nor IPv6 (rulebook 3.3). */
function skuFaults(natGateway: Fields, isLegacyV2: boolean): Fault[] {
  const at = '/target/natGateway'
  if (isLegacyV2 && natGateway.sku === 'Standard')
    return [
      fault(
        `${at}/sku`,
        'PARAMETERS_EXCLUDE_EACH_OTHER',
        'managedNATGatewayV2 means the SKU StandardV2; the SKU Standard contradicts it.',
      ),
    ]
  const sku = natGateway.sku ?? (isLegacyV2 ? 'StandardV2' : 'Standard')
  if (sku !== 'Standard') return []
  return ['managedOutboundIpv6Count', 'outboundIpIds', 'outboundIpPrefixIds']
    .filter((name) => isGiven(natGateway[name]))
    .map((name) =>
      fault(`${at}/${name}`, 'PARAMETER_NOT_FOR_TARGET', `${name} needs the SKU StandardV2, not Standard.`),
    )
}

function addressFaults(at: string, block: Fields): Fault[] {
  return [
    ...managedBesideOwn(at, block),
    ...idFaults(at, block, 'outboundIpIds', 'publicIPAddresses'),
    ...idFaults(at, block, 'outboundIpPrefixIds', 'publicIPPrefixes'),
  ]
}

/** A count of zero asks for nothing, so it does not contradict own addresses. */
function managedBesideOwn(at: string, block: Fields): Fault[] {
  const own = ['outboundIpIds', 'outboundIpPrefixIds'].find((name) => isGiven(block[name]))
  if (own === undefined) return []
  return ['managedOutboundIpCount', 'managedOutboundIpv6Count']
    .filter((name) => typeof block[name] === 'number' && block[name] !== 0)
    .map((name) =>
      fault(
        `${at}/${name}`,
        'PARAMETERS_EXCLUDE_EACH_OTHER',
        `${name} asks for managed addresses, ${own} for own ones; a cluster has one or the other.`,
      ),
    )
}

function idFaults(at: string, block: Fields, name: string, type: string): Fault[] {
  const ids = block[name]
  if (!Array.isArray(ids)) return []
  const wanted = `Microsoft.Network/${type}`
  const faults = ids.flatMap((id: unknown, index) =>
    typeof id !== 'string' || isResourceIdOf(wanted, id)
      ? []
      : [
          fault(
            `${at}/${name}/${index}`,
            'RESOURCE_ID_INVALID',
            `Entry ${index} of ${name} must be an ARM id of type ${wanted}.`,
          ),
        ],
  )
  const texts = ids.filter((id): id is string => typeof id === 'string').map((id) => id.toLowerCase())
  if (new Set(texts).size < texts.length)
    faults.push(fault(`${at}/${name}`, 'NOT_UNIQUE', `${name} has the same entry twice.`))
  return faults
}

function isGiven(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined
}

function fault(pointer: string, code: string, message: string): Fault {
  return { in: 'body', pointer, code, message }
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
