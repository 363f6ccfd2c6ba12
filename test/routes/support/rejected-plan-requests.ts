import type { InjectOptions } from 'fastify'
import { CLUSTER, CLUSTER_ID, SUBSCRIPTION } from './fakes.ts'

export const IP = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-demo/providers/Microsoft.Network/publicIPAddresses/ip-1`
export const LONG = 'a'.repeat(10_000)

export interface RejectedRequest {
  what: string
  request: InjectOptions
  status?: number
  code: string
  /** JSON pointers or parameter names of all faults, in order. */
  places?: string[]
}

export function planning(target: unknown, more: object = {}): InjectOptions {
  return { method: 'POST', url: '/v1/plans', payload: { cluster: CLUSTER, target, ...more } }
}

export function clustered(cluster: unknown): InjectOptions {
  return { method: 'POST', url: '/v1/plans', payload: { cluster, target: { outboundType: 'none' } } }
}

export function nat(natGateway: object, outboundType = 'managedNATGateway'): InjectOptions {
  return planning({ outboundType, natGateway })
}

export function balanced(loadBalancer: object): InjectOptions {
  return planning({ outboundType: 'loadBalancer', loadBalancer })
}

export function raw(payload: string | Buffer, contentType = 'application/json'): InjectOptions {
  return { method: 'POST', url: '/v1/plans', payload, headers: { 'content-type': contentType } }
}

export const INVALID = 'INVALID_REQUEST'
export const RANGE = 'PARAMETER_OUT_OF_RANGE'
const STRANGER = 'PARAMETER_NOT_FOR_TARGET'
const EXCLUDE = 'PARAMETERS_EXCLUDE_EACH_OTHER'
export const BAD_ID = 'RESOURCE_ID_INVALID'
const LB = '/target/loadBalancer'
const NAT = '/target/natGateway'

/** Bodies of POST /v1/plans that are rejected. */
export const REJECTED_PLAN_REQUESTS: RejectedRequest[] = [
  {
    what: 'an unknown outbound type',
    request: planning({ outboundType: 'natGateway' }),
    code: INVALID,
    places: ['/target/outboundType'],
  },
  {
    what: 'an outbound type in other letters',
    request: planning({ outboundType: 'loadbalancer' }),
    code: INVALID,
    places: ['/target/outboundType'],
  },
  { what: 'no outbound type', request: planning({}), code: INVALID, places: ['/target/outboundType'] },
  { what: 'no target', request: planning(undefined), code: INVALID, places: ['/target'] },
  { what: 'a target that is text', request: planning('none'), code: INVALID, places: ['/target'] },
  {
    what: 'an unknown field at the top',
    request: planning({ outboundType: 'none' }, { dryRun: true }),
    code: INVALID,
    places: ['/dryRun'],
  },
  {
    what: 'an unknown field of the target',
    request: planning({ outboundType: 'none', 'a/b~c': 1 }),
    code: INVALID,
    places: ['/target/a~1b~0c'],
  },
  {
    what: 'an unknown field of a block',
    request: nat({ zones: [] }),
    code: INVALID,
    places: [`${NAT}/zones`],
  },
  {
    what: 'a number as text',
    request: balanced({ managedOutboundIpCount: '2' }),
    code: INVALID,
    places: [`${LB}/managedOutboundIpCount`],
  },
  {
    what: 'a fraction',
    request: balanced({ managedOutboundIpCount: 1.5 }),
    code: INVALID,
    places: [`${LB}/managedOutboundIpCount`],
  },
  {
    what: 'null for a number',
    request: balanced({ managedOutboundIpCount: null }),
    code: INVALID,
    places: [`${LB}/managedOutboundIpCount`],
  },
  {
    what: 'a number too large for a number',
    request: raw(
      '{"cluster":{"id":""},"target":{"outboundType":"loadBalancer","loadBalancer":{"managedOutboundIpCount":1e999}}}',
    ),
    code: INVALID,
  },
  {
    what: 'load balancer counts below the range',
    request: balanced({ managedOutboundIpCount: 0, managedOutboundIpv6Count: -1 }),
    code: RANGE,
    places: [`${LB}/managedOutboundIpCount`, `${LB}/managedOutboundIpv6Count`],
  },
  {
    what: 'load balancer counts above the range',
    request: balanced({ managedOutboundIpCount: 101, managedOutboundIpv6Count: 101 }),
    code: RANGE,
    places: [`${LB}/managedOutboundIpCount`, `${LB}/managedOutboundIpv6Count`],
  },
  {
    what: 'ports that are no multiple of 8',
    request: balanced({ allocatedOutboundPorts: 1001 }),
    code: RANGE,
    places: [`${LB}/allocatedOutboundPorts`],
  },
  {
    what: 'too many ports',
    request: balanced({ allocatedOutboundPorts: 64_008 }),
    code: RANGE,
    places: [`${LB}/allocatedOutboundPorts`],
  },
  {
    what: 'idle time-outs outside the range',
    request: balanced({ idleTimeoutInMinutes: 3 }),
    code: RANGE,
    places: [`${LB}/idleTimeoutInMinutes`],
  },
  {
    what: 'NAT gateway counts outside the range',
    request: nat({
      sku: 'StandardV2',
      managedOutboundIpCount: 17,
      managedOutboundIpv6Count: 0,
      idleTimeoutInMinutes: 121,
    }),
    code: RANGE,
    places: [
      `${NAT}/managedOutboundIpCount`,
      `${NAT}/managedOutboundIpv6Count`,
      `${NAT}/idleTimeoutInMinutes`,
    ],
  },
  {
    what: 'an IP count for user-defined routing',
    request: planning({ outboundType: 'userDefinedRouting', loadBalancer: { managedOutboundIpCount: 2 } }),
    code: STRANGER,
    places: [LB],
  },
  {
    what: 'a load balancer block for a NAT gateway',
    request: planning({ outboundType: 'managedNATGateway', loadBalancer: {} }),
    code: STRANGER,
    places: [LB],
  },
  {
    what: 'a NAT gateway block for one of the user',
    request: nat({ idleTimeoutInMinutes: 4 }, 'userAssignedNATGateway'),
    code: STRANGER,
    places: [NAT],
  },
  {
    what: 'both blocks for no egress',
    request: planning({ outboundType: 'none', natGateway: {}, loadBalancer: {} }),
    code: STRANGER,
    places: [LB, NAT],
  },
  {
    what: 'IPv6 on a Standard gateway',
    request: nat({ managedOutboundIpv6Count: 1 }),
    code: STRANGER,
    places: [`${NAT}/managedOutboundIpv6Count`],
  },
  {
    what: 'own addresses on a Standard gateway',
    request: nat({ sku: 'Standard', outboundIpIds: [IP] }),
    code: STRANGER,
    places: [`${NAT}/outboundIpIds`],
  },
  {
    what: 'the retired type with the other SKU',
    request: nat({ sku: 'Standard' }, 'managedNATGatewayV2'),
    code: EXCLUDE,
    places: [`${NAT}/sku`],
  },
  {
    what: 'managed beside own addresses',
    request: balanced({ managedOutboundIpCount: 1, outboundIpIds: [IP] }),
    code: EXCLUDE,
    places: [`${LB}/managedOutboundIpCount`],
  },
  {
    what: 'an address id that is none',
    request: balanced({ outboundIpIds: ['20.1.2.3'] }),
    code: BAD_ID,
    places: [`${LB}/outboundIpIds/0`],
  },
  {
    what: 'an id of another type',
    request: balanced({ outboundIpPrefixIds: [IP] }),
    code: BAD_ID,
    places: [`${LB}/outboundIpPrefixIds/0`],
  },
  {
    what: 'an id with dots for a group',
    request: balanced({ outboundIpIds: [IP.replace('rg-demo', '..')] }),
    code: BAD_ID,
    places: [`${LB}/outboundIpIds/0`],
  },
  {
    what: 'the same address in other letters',
    request: balanced({ outboundIpIds: [IP, IP.toUpperCase()] }),
    code: INVALID,
    places: [`${LB}/outboundIpIds`],
  },
  {
    what: 'seventeen addresses',
    request: balanced({ outboundIpIds: Array.from({ length: 17 }, (_, index) => `${IP}${index}`) }),
    code: INVALID,
    places: [`${LB}/outboundIpIds`],
  },
  {
    what: 'faults of every kind at once',
    request: {
      ...planning({ outboundType: 'userDefinedRouting', x: 1, loadBalancer: { idleTimeoutInMinutes: 3 } }),
      url: '/v1/plans?y=1',
    },
    code: INVALID,
    places: ['y', '/target/x', `${LB}/idleTimeoutInMinutes`, LB],
  },
  { what: 'no cluster', request: clustered(undefined), code: INVALID, places: ['/cluster'] },
  { what: 'an empty cluster', request: clustered({}), code: INVALID, places: ['/cluster'] },
  {
    what: 'a cluster with a part missing',
    request: clustered({ subscriptionId: SUBSCRIPTION, name: 'a' }),
    code: INVALID,
    places: ['/cluster/resourceGroup'],
  },
  {
    what: 'a cluster named twice',
    request: clustered({ id: CLUSTER_ID, name: 'a' }),
    code: INVALID,
    places: ['/cluster/name'],
  },
  {
    what: 'a cluster id that is none',
    request: clustered({ id: '/subscriptions' }),
    code: BAD_ID,
    places: ['/cluster/id'],
  },
  {
    what: 'the id of another resource',
    request: clustered({ id: IP }),
    code: BAD_ID,
    places: ['/cluster/id'],
  },
  {
    what: 'a subscription that is no GUID',
    request: clustered({ ...CLUSTER, subscriptionId: 'demo' }),
    code: INVALID,
    places: ['/cluster/subscriptionId'],
  },
  {
    what: 'dots for a resource group',
    request: clustered({ ...CLUSTER, resourceGroup: '..' }),
    code: INVALID,
    places: ['/cluster/resourceGroup'],
  },
  {
    what: 'a slash in a name',
    request: clustered({ ...CLUSTER, name: 'a/b' }),
    code: INVALID,
    places: ['/cluster/name'],
  },
  {
    what: 'a control character in a name',
    request: clustered({ ...CLUSTER, resourceGroup: 'a\u0000b' }),
    code: INVALID,
    places: ['/cluster/resourceGroup'],
  },
  {
    what: 'a name of 10,000 characters',
    request: clustered({ ...CLUSTER, name: LONG }),
    code: INVALID,
    places: ['/cluster/name'],
  },
  {
    what: 'an id of 10,000 characters',
    request: clustered({ id: CLUSTER_ID + LONG }),
    code: INVALID,
    places: ['/cluster/id', '/cluster/id'],
  },
  {
    what: 'a reason that is too long',
    request: planning({ outboundType: 'none' }, { reason: 'a'.repeat(501) }),
    code: INVALID,
    places: ['/reason'],
  },
  {
    what: 'a reason with a control character',
    request: planning({ outboundType: 'none' }, { reason: 'a\nb' }),
    code: INVALID,
    places: ['/reason'],
  },
  {
    what: 'a reason with half a character',
    request: raw('{"cluster":{"id":"x"},"target":{"outboundType":"none"},"reason":"\\ud800"}'),
    code: INVALID,
    places: ['/reason', '/cluster/id'],
  },
  {
    what: 'a resource group with half a character',
    request: raw(
      '{"cluster":{"subscriptionId":"11111111-1111-1111-1111-111111111111","resourceGroup":"\\ud800)","name":"x"},"target":{"outboundType":"none"}}',
    ),
    code: INVALID,
    places: ['/cluster/resourceGroup'],
  },
]

const told = (...consumers: unknown[]) => planning({ outboundType: 'none' }, { consumers })
const named = (more: object = {}) => ({ name: 'bank', ...more })

/** Consumers in the body of POST /v1/plans that are rejected. */
export const REJECTED_CONSUMERS: RejectedRequest[] = [
  {
    what: 'consumers that are no list',
    request: planning({ outboundType: 'none' }, { consumers: {} }),
    code: INVALID,
    places: ['/consumers'],
  },
  { what: 'a consumer that is text', request: told('bank'), code: INVALID, places: ['/consumers/0'] },
  { what: 'null for a consumer', request: told(null), code: INVALID, places: ['/consumers/0'] },
  { what: 'a consumer without a name', request: told({}), code: INVALID, places: ['/consumers/0/name'] },
  {
    what: 'a consumer with an empty name',
    request: told({ name: '' }),
    code: INVALID,
    places: ['/consumers/0/name'],
  },
  {
    what: 'a name of a consumer that is too long',
    request: told({ name: 'a'.repeat(101) }),
    code: INVALID,
    places: ['/consumers/0/name'],
  },
  {
    what: 'two consumers of one name',
    request: told(named(), named()),
    code: INVALID,
    places: ['/consumers/1/name'],
  },
  {
    what: 'an unknown field of a consumer',
    request: told(named({ email: 'x' })),
    code: INVALID,
    places: ['/consumers/0/email'],
  },
  {
    what: 'control characters in every text of a consumer',
    request: told({ name: 'a\nb', contact: '\u0007', note: '\u007f' }),
    code: INVALID,
    places: ['/consumers/0/name', '/consumers/0/contact', '/consumers/0/note'],
  },
  {
    what: 'a contact and a note that are too long',
    request: told(named({ contact: 'a'.repeat(201), note: 'a'.repeat(501) })),
    code: INVALID,
    places: ['/consumers/0/contact', '/consumers/0/note'],
  },
  {
    what: 'addresses of a consumer that are none',
    request: told(named(), {
      name: 'other',
      addresses: ['20.1.2.3', '20.1.2.3/33', '300.1.2.3', 'bank.example', '2001:db8::/32'],
    }),
    code: INVALID,
    places: ['/consumers/1/addresses/1', '/consumers/1/addresses/2', '/consumers/1/addresses/3'],
  },
  {
    what: 'an address of a consumer twice',
    request: told(named({ addresses: ['20.1.2.3', '20.1.2.3'] })),
    code: INVALID,
    places: ['/consumers/0/addresses'],
  },
  {
    what: 'an address of a consumer that is a number',
    request: told(named({ addresses: [20] })),
    code: INVALID,
    places: ['/consumers/0/addresses/0'],
  },
  {
    what: 'more addresses of a consumer than are read',
    request: told(named({ addresses: Array.from({ length: 201 }, (_, index) => `20.1.2.${index}/32`) })),
    code: INVALID,
    places: ['/consumers/0/addresses'],
  },
  {
    what: 'more consumers than a plan tells',
    request: told(...Array.from({ length: 51 }, (_, index) => ({ name: `bank ${index}` }))),
    code: INVALID,
    places: ['/consumers'],
  },
]
