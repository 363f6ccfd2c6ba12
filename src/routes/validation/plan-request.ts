import type { ClusterRef } from '../../contract/cluster.ts'
import { TYPE_KEYS } from '../../contract/outbound-type.ts'
import type { PlanRequest } from '../../contract/plan-request.ts'
import type { Fault } from '../../contract/problem.ts'
import type { RequestedTarget } from '../../contract/target.ts'
import { typeOfKey } from '../../core/arm/outbound-type.ts'
import { isCidr } from '../../core/lib/cidr.ts'
import type { PlanningRequest } from '../../core/request/plan-request.ts'
import { Problem } from '../problems/problems.ts'
import { preparationErrors } from './preparation-errors.ts'
import { clusterIdExpected, isResourceIdOfType, parseClusterId } from './resource-ids.ts'

/** What a schema cannot say of the consumers of a plan request; it reads them as they came. */
function consumerErrors(consumers: unknown): Fault[] {
  if (!Array.isArray(consumers)) return []
  return [...consumers.flatMap(consumerAddressErrors), ...consumerNameErrors(consumers)]
}

function consumerAddressErrors(consumer: unknown, index: number): Fault[] {
  const addresses = (consumer as { addresses?: unknown } | null)?.addresses
  if (!Array.isArray(addresses)) return []
  return addresses.flatMap((address: unknown, nth) =>
    typeof address !== 'string' || isCidr(address)
      ? []
      : [
          bodyError(
            `/consumers/${index}/addresses/${nth}`,
            'ADDRESS_INVALID',
            `Entry ${nth} of addresses must be an IPv4 or IPv6 address or CIDR, such as 20.1.2.3 or 20.1.2.0/24.`,
          ),
        ],
  )
}

/** A plan speaks to consumers by name, so two of one name could not be told apart. */
function consumerNameErrors(consumers: unknown[]): Fault[] {
  const names = consumers.map((each) => (each as { name?: unknown } | null)?.name)
  return names.flatMap((name, index) =>
    typeof name === 'string' && names.indexOf(name) < index
      ? [bodyError(`/consumers/${index}/name`, 'NOT_UNIQUE', 'Two consumers have the same name.')]
      : [],
  )
}

function bodyError(pointer: string, code: string, message: string): Fault {
  return { in: 'body', pointer, code, message }
}

type Fields = Record<string, unknown>

/**
 * What a schema cannot say of a plan request: which parameters belong together. It reads the body as it came,
 * so that these faults are told beside those of the schema, all at once.
 */
export function planRequestErrors(body: unknown): Fault[] {
  if (!isObject(body)) return []
  const faults: Fault[] = []
  const { cluster, target } = body
  if (isObject(cluster) && typeof cluster.id === 'string' && parseClusterId(cluster.id) === null)
    faults.push(bodyError('/cluster/id', 'RESOURCE_ID_INVALID', clusterIdExpected('id')))
  if (isObject(target)) {
    faults.push(...targetErrors(target))
    if (isObject(body.prepare)) faults.push(...preparationErrors(body.prepare, target))
  }
  return [...faults, ...consumerErrors(body.consumers)]
}

function targetErrors(target: Fields): Fault[] {
  const type = TYPE_KEYS.find((key) => key === target.outboundType)
  const faults: Fault[] = []
  if (isObject(target.loadBalancer)) {
    if (type !== undefined && type !== 'loadBalancer')
      faults.push(misplacedField('loadBalancer', 'loadBalancer', type))
    faults.push(...targetAddressErrors('/target/loadBalancer', target.loadBalancer))
  }
  if (isObject(target.natGateway)) {
    const isNat = type === 'managedNATGateway' || type === 'managedNATGatewayV2'
    if (type !== undefined && !isNat) faults.push(misplacedField('natGateway', 'managedNATGateway', type))
    if (isNat) faults.push(...skuErrors(target.natGateway, type === 'managedNATGatewayV2'))
    faults.push(...targetAddressErrors('/target/natGateway', target.natGateway))
  }
  return faults
}

function misplacedField(block: string, owner: string, type: string): Fault {
  return bodyError(
    `/target/${block}`,
    'PARAMETER_NOT_FOR_TARGET',
    `${block} is for ${owner} only, not for ${type}.`,
  )
}

/** A Standard NAT gateway that AKS manages takes neither own addresses nor IPv6 (rulebook 3.3). */
function skuErrors(natGateway: Fields, isLegacyV2: boolean): Fault[] {
  const at = '/target/natGateway'
  if (isLegacyV2 && natGateway.sku === 'Standard')
    return [
      bodyError(
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
      bodyError(
        `${at}/${name}`,
        'PARAMETER_NOT_FOR_TARGET',
        `${name} needs the SKU StandardV2, not Standard.`,
      ),
    )
}

function targetAddressErrors(at: string, block: Fields): Fault[] {
  return [
    ...managedBesideCustomerAddresses(at, block),
    ...resourceIdErrors(at, block, 'outboundIpIds', 'publicIPAddresses'),
    ...resourceIdErrors(at, block, 'outboundIpPrefixIds', 'publicIPPrefixes'),
  ]
}

/** A count of zero asks for nothing, so it does not contradict own addresses. */
function managedBesideCustomerAddresses(at: string, block: Fields): Fault[] {
  const own = ['outboundIpIds', 'outboundIpPrefixIds'].find((name) => isGiven(block[name]))
  if (own === undefined) return []
  return ['managedOutboundIpCount', 'managedOutboundIpv6Count']
    .filter((name) => typeof block[name] === 'number' && block[name] !== 0)
    .map((name) =>
      bodyError(
        `${at}/${name}`,
        'PARAMETERS_EXCLUDE_EACH_OTHER',
        `${name} asks for managed addresses, ${own} for own ones; a cluster has one or the other.`,
      ),
    )
}

function resourceIdErrors(at: string, block: Fields, name: string, type: string): Fault[] {
  const ids = block[name]
  if (!Array.isArray(ids)) return []
  const wanted = `Microsoft.Network/${type}`
  const faults = ids.flatMap((id: unknown, index) =>
    typeof id !== 'string' || isResourceIdOfType(wanted, id)
      ? []
      : [
          bodyError(
            `${at}/${name}/${index}`,
            'RESOURCE_ID_INVALID',
            `Entry ${index} of ${name} must be an ARM id of type ${wanted}.`,
          ),
        ],
  )
  const texts = ids.filter((id): id is string => typeof id === 'string').map((id) => id.toLowerCase())
  if (new Set(texts).size < texts.length)
    faults.push(bodyError(`${at}/${name}`, 'NOT_UNIQUE', `${name} has the same entry twice.`))
  return faults
}

function isGiven(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The validated body in the core's words: one way to name a cluster, one way to name a type. */
export function toPlanRequest(body: PlanRequest): PlanningRequest {
  return {
    ...body,
    cluster: toCluster(body.cluster),
    target: toTarget(body.target),
    authorizedRanges: body.authorizedRanges ?? 'widen',
    reason: body.reason ?? null,
  }
}

function toCluster(cluster: PlanRequest['cluster']): ClusterRef {
  if (!('id' in cluster)) return cluster
  const found = parseClusterId(cluster.id)
  if (found === null) throw new Problem('RESOURCE_ID_INVALID')
  return found
}

function toTarget(target: RequestedTarget): RequestedTarget {
  const { outboundType, sku } = typeOfKey(target.outboundType)
  if (target.outboundType !== 'managedNATGatewayV2' || sku === null) return target
  return { ...target, outboundType, natGateway: { ...target.natGateway, sku } }
}
