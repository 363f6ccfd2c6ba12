import t from 'tap'
import { DEMO_SUBSCRIPTION } from '../support/demo.ts'
import { demoCluster, planFor, type RawAnswer, rawRequest } from './support/requests.ts'
import { anyService, type Loose, listOf } from './support/service.ts'

/** A cluster that no other test plans for, so that its lists stand still. */
const NAME = 'stopped'
const CLUSTER_ID = `/subscriptions/${DEMO_SUBSCRIPTION}/resourceGroups/rg-demo/providers/Microsoft.ContainerService/managedClusters/${NAME}`
const LONG = 'x'.repeat(10_000)
const NOBODY = '01990000-0000-7000-8000-00000000dead'
const LB_IP = `/subscriptions/${DEMO_SUBSCRIPTION}/resourceGroups/rg-demo/providers/Microsoft.Network/publicIPAddresses/ip`

interface BadInput {
  what: string
  method?: string
  path: string
  /** Sent as it is when text or bytes, else as JSON. */
  body?: unknown
  type?: string
  status?: number
  code: string
  /** JSON pointers or parameter names of `errors`. */
  at?: string[]
}

/** A plan request that is wrong in its target. */
function target(what: string, of: object, code: string, ...at: string[]): BadInput {
  return { what, path: '/v1/plans', body: { cluster: demoCluster(NAME), target: of }, code, at }
}

/** A plan request that is wrong in its cluster. */
function cluster(what: string, of: object, code: string, ...at: string[]): BadInput {
  const right = 'id' in of ? {} : demoCluster(NAME)
  return {
    what,
    path: '/v1/plans',
    body: { cluster: { ...right, ...of }, target: { outboundType: 'managedNATGateway' } },
    code,
    at,
  }
}

/** A plan request that is wrong in what it wants to have prepared. */
function prepare(what: string, to: string, of: unknown, code: string, ...at: string[]): BadInput {
  const outboundType = to.split(' ')[0]
  const sku = to.split(' ')[1]
  const wanted = sku === undefined ? { outboundType } : { outboundType, natGateway: { sku } }
  return {
    what,
    path: '/v1/plans',
    body: { cluster: demoCluster(NAME), target: wanted, prepare: of },
    code,
    at,
  }
}

/** Bytes that are wrong before anybody looks at what they say. */
function bytes(what: string, body: string | Buffer, code: string, status = 400, type?: string): BadInput {
  return { what, path: '/v1/plans', body, code, status, ...(type === undefined ? {} : { type }) }
}

function egress(what: string, tail: string, code: string, status = 400): BadInput {
  return { what, method: 'GET', path: `/v1/clusters/${tail}/egress`, code, status }
}

const RANGE = 'PARAMETER_OUT_OF_RANGE'
const INVALID = 'INVALID_REQUEST'
const FOREIGN = 'PARAMETER_NOT_FOR_TARGET'
const EXCLUSIVE = 'PARAMETERS_EXCLUDE_EACH_OTHER'
const GATEWAY_ID = LB_IP.replace('publicIPAddresses/ip', 'natGateways/gateway')
const LB = '/target/loadBalancer'
const NAT = '/target/natGateway'

const BAD_INPUTS: BadInput[] = [
  target('an unknown outbound type', { outboundType: 'wormhole' }, INVALID, '/target/outboundType'),
  target('no outbound type', {}, INVALID, '/target/outboundType'),
  target('an outbound type that is a number', { outboundType: 7 }, INVALID, '/target/outboundType'),
  target('an unknown field', { outboundType: 'none', speed: 9 }, INVALID, '/target/speed'),
  target(
    'a count of the wrong type',
    { outboundType: 'loadBalancer', loadBalancer: { managedOutboundIpCount: '2' } },
    INVALID,
    `${LB}/managedOutboundIpCount`,
  ),
  target(
    'an IP count for user-defined routing',
    { outboundType: 'userDefinedRouting', natGateway: { managedOutboundIpCount: 2 } },
    'PARAMETER_NOT_FOR_TARGET',
    NAT,
  ),
  target(
    'load balancer parameters for a NAT gateway',
    { outboundType: 'managedNATGateway', loadBalancer: { idleTimeoutInMinutes: 30 } },
    'PARAMETER_NOT_FOR_TARGET',
    LB,
  ),
  ...[0, 17, -1].map((managedOutboundIpCount) =>
    target(
      `${managedOutboundIpCount} addresses on a NAT gateway`,
      { outboundType: 'managedNATGateway', natGateway: { managedOutboundIpCount } },
      RANGE,
      `${NAT}/managedOutboundIpCount`,
    ),
  ),
  ...[3, 121].map((idleTimeoutInMinutes) =>
    target(
      `an idle time-out of ${idleTimeoutInMinutes} minutes`,
      { outboundType: 'loadBalancer', loadBalancer: { idleTimeoutInMinutes } },
      RANGE,
      `${LB}/idleTimeoutInMinutes`,
    ),
  ),
  target(
    'ports that are no multiple of 8',
    { outboundType: 'loadBalancer', loadBalancer: { allocatedOutboundPorts: 1001 } },
    RANGE,
    `${LB}/allocatedOutboundPorts`,
  ),
  target(
    'a malformed address id',
    { outboundType: 'loadBalancer', loadBalancer: { outboundIpIds: ['/subscriptions/../ip'] } },
    'RESOURCE_ID_INVALID',
    `${LB}/outboundIpIds/0`,
  ),
  target(
    'an address id of another type',
    { outboundType: 'loadBalancer', loadBalancer: { outboundIpPrefixIds: [LB_IP] } },
    'RESOURCE_ID_INVALID',
    `${LB}/outboundIpPrefixIds/0`,
  ),
  target(
    'own and managed addresses at once',
    { outboundType: 'loadBalancer', loadBalancer: { managedOutboundIpCount: 1, outboundIpIds: [LB_IP] } },
    'PARAMETERS_EXCLUDE_EACH_OTHER',
    `${LB}/managedOutboundIpCount`,
  ),
  cluster('a malformed cluster id', { id: 'lb-managed' }, 'RESOURCE_ID_INVALID', '/cluster/id'),
  cluster('the id of something else', { id: LB_IP }, 'RESOURCE_ID_INVALID', '/cluster/id'),
  cluster('a malformed subscription', { subscriptionId: '1' }, INVALID, '/cluster/subscriptionId'),
  cluster('dots for a group', { resourceGroup: '..' }, INVALID, '/cluster/resourceGroup'),
  cluster('an encoded slash', { name: 'a%2Fb' }, INVALID, '/cluster/name'),
  cluster('a control character', { name: 'a\u0007b' }, INVALID, '/cluster/name'),
  cluster('a name of 10,000 characters', { name: LONG }, INVALID, '/cluster/name'),
  { what: 'no body', path: '/v1/plans', code: INVALID, at: [''] },
  { what: 'a list', path: '/v1/plans', body: [], code: INVALID, at: [''] },
  bytes('bad JSON', '{"cluster": {', 'MALFORMED_JSON'),
  bytes('JSON and more', '{} {}', 'MALFORMED_JSON'),
  bytes('bytes that are no text', Buffer.from([0xc3, 0x28, 0xff]), 'MALFORMED_JSON'),
  bytes('depth without end', '['.repeat(100_000), 'MALFORMED_JSON'),
  bytes('a body over the limit', JSON.stringify('a'.repeat(2_000_000)), 'BODY_TOO_LARGE', 413),
  bytes('a form', 'cluster=lb-managed', 'UNSUPPORTED_MEDIA_TYPE', 415, 'application/x-www-form-urlencoded'),
  bytes('XML', '<plan/>', 'UNSUPPORTED_MEDIA_TYPE', 415, 'application/xml'),
  egress('dots in a path', `${DEMO_SUBSCRIPTION}/../lb-managed`, INVALID),
  egress('encoded dots in a path', `${DEMO_SUBSCRIPTION}/%2e%2e/lb-managed`, INVALID),
  egress('an encoded slash in a path', `${DEMO_SUBSCRIPTION}/rg-demo/lb%2Fmanaged`, INVALID),
  egress('a control character in a path', `${DEMO_SUBSCRIPTION}/rg-demo/lb%00managed`, INVALID),
  egress('half an escape in a path', `${DEMO_SUBSCRIPTION}/rg-demo/lb%E0%A4`, 'MALFORMED_URL'),
  egress('a path of 10,000 characters', `${DEMO_SUBSCRIPTION}/rg-demo/${LONG}`, 'URI_TOO_LONG', 414),
  egress('a subscription that is no GUID', 'demo/rg-demo/lb-managed', INVALID),
  egress('an unknown cluster', `${DEMO_SUBSCRIPTION}/rg-demo/nobody`, 'CLUSTER_NOT_FOUND', 404),
  egress('an unknown group', `${DEMO_SUBSCRIPTION}/rg-nowhere/lb-managed`, 'CLUSTER_NOT_FOUND', 404),
  { ...cluster('a cluster that is not there', { name: 'nobody' }, 'CLUSTER_NOT_FOUND'), status: 404 },
  {
    what: 'an unknown plan',
    method: 'GET',
    path: `/v1/plans/${NOBODY}`,
    status: 404,
    code: 'PLAN_NOT_FOUND',
  },
  {
    what: 'an unknown plan to discard',
    method: 'DELETE',
    path: `/v1/plans/${NOBODY}`,
    status: 404,
    code: 'PLAN_NOT_FOUND',
  },
  {
    what: 'a job of no plan',
    path: '/v1/jobs',
    body: { planId: NOBODY },
    status: 404,
    code: 'PLAN_NOT_FOUND',
  },
  { what: 'a plan id that is none', path: '/v1/jobs', body: { planId: '1' }, code: INVALID, at: ['/planId'] },
  { what: 'a job without a plan', path: '/v1/jobs', body: {}, code: INVALID, at: ['/planId'] },
  { what: 'an unknown job', method: 'GET', path: `/v1/jobs/${NOBODY}`, status: 404, code: 'JOB_NOT_FOUND' },
  ...['cancellation', 'rollback-plan'].map((what) => ({
    what: `the ${what} of an unknown job`,
    path: `/v1/jobs/${NOBODY}/${what}`,
    status: 404,
    code: 'JOB_NOT_FOUND',
  })),
  { what: 'an unknown query', method: 'GET', path: '/v1/plans?sort=up', code: INVALID, at: ['sort'] },
  { what: 'a limit too large', method: 'GET', path: '/v1/plans?limit=101', code: RANGE, at: ['limit'] },
  {
    what: 'a forged cursor',
    method: 'GET',
    path: '/v1/plans?cursor=abc',
    code: 'CURSOR_INVALID',
    at: ['cursor'],
  },
  {
    what: 'a forged cursor',
    method: 'GET',
    path: '/v1/jobs?cursor=abc',
    code: 'CURSOR_INVALID',
    at: ['cursor'],
  },
  { what: 'an unknown page', method: 'GET', path: '/v1/planes', status: 404, code: 'ROUTE_NOT_FOUND' },
  {
    what: 'a wrong method',
    method: 'PUT',
    path: '/v1/plans',
    body: {},
    status: 405,
    code: 'METHOD_NOT_ALLOWED',
  },
  prepare('nothing to prepare', 'loadBalancer', {}, INVALID, '/prepare'),
  prepare('an unknown part', 'loadBalancer', { magic: true }, INVALID, '/prepare/magic', '/prepare'),
  prepare('a part for none', 'none', { publicIps: { count: 1 } }, FOREIGN, '/prepare/publicIps'),
  prepare(
    'a gateway for a load balancer',
    'loadBalancer',
    { natGateway: {} },
    FOREIGN,
    '/prepare/natGateway',
  ),
  prepare(
    'a route for a NAT gateway',
    'userAssignedNATGateway',
    { defaultRoute: { nextHopType: 'VirtualNetworkGateway' } },
    FOREIGN,
    '/prepare/defaultRoute',
  ),
  prepare(
    'addresses for a Standard gateway of AKS',
    'managedNATGateway',
    { publicIps: { count: 1 } },
    FOREIGN,
    '/prepare/publicIps',
  ),
  prepare(
    'no addresses at all',
    'loadBalancer',
    { publicIps: { count: 0 } },
    RANGE,
    '/prepare/publicIps/count',
  ),
  prepare(
    'too many addresses',
    'loadBalancer',
    { publicIps: { count: 17 } },
    RANGE,
    '/prepare/publicIps/count',
  ),
  prepare(
    'too large a prefix',
    'loadBalancer',
    { publicIpPrefix: { length: 27 } },
    RANGE,
    '/prepare/publicIpPrefix/length',
  ),
  prepare(
    'a zone that there is not',
    'loadBalancer',
    { publicIps: { count: 1, zones: ['4'] } },
    INVALID,
    '/prepare/publicIps/zones/0',
  ),
  prepare(
    'addresses and a prefix',
    'loadBalancer',
    { publicIps: { count: 1 }, publicIpPrefix: { length: 31 } },
    EXCLUSIVE,
    '/prepare/publicIpPrefix',
  ),
  prepare(
    'addresses without their gateway',
    'userAssignedNATGateway',
    { publicIps: { count: 1 } },
    INVALID,
    '/prepare/natGateway',
  ),
  prepare(
    'the id of something else',
    'userAssignedNATGateway',
    { natGateway: { id: LB_IP } },
    'RESOURCE_ID_INVALID',
    '/prepare/natGateway/id',
  ),
  prepare(
    'a gateway that exists and a SKU for it',
    'userAssignedNATGateway',
    { natGateway: { id: GATEWAY_ID, sku: 'StandardV2' } },
    EXCLUSIVE,
    '/prepare/natGateway/sku',
  ),
  prepare(
    'a gateway that exists and addresses for it',
    'userAssignedNATGateway',
    { natGateway: { id: GATEWAY_ID }, publicIps: { count: 1 } },
    EXCLUSIVE,
    '/prepare/publicIps',
  ),
  prepare(
    'two zones for a Standard gateway',
    'userAssignedNATGateway',
    { natGateway: { zones: ['1', '2'] } },
    RANGE,
    '/prepare/natGateway/zones',
  ),
  prepare(
    'addresses of another zone than the gateway',
    'userAssignedNATGateway',
    { natGateway: { zones: ['1'] }, publicIps: { count: 1, zones: ['2'] } },
    EXCLUSIVE,
    '/prepare/publicIps/zones',
  ),
  prepare(
    'a name that Azure refuses',
    'userAssignedNATGateway',
    { natGateway: { name: '-no' } },
    INVALID,
    '/prepare/natGateway/name',
  ),
  prepare(
    'an appliance without an address',
    'userDefinedRouting',
    { defaultRoute: { nextHopType: 'VirtualAppliance' } },
    INVALID,
    '/prepare/defaultRoute/nextHopIpAddress',
  ),
  prepare(
    'an address that is none',
    'userDefinedRouting',
    { defaultRoute: { nextHopType: 'VirtualAppliance', nextHopIpAddress: '10.0.0.256' } },
    INVALID,
    '/prepare/defaultRoute/nextHopIpAddress',
  ),
  prepare(
    'an address for a gateway that Azure finds',
    'userDefinedRouting',
    { defaultRoute: { nextHopType: 'VirtualNetworkGateway', nextHopIpAddress: '10.0.0.4' } },
    EXCLUSIVE,
    '/prepare/defaultRoute/nextHopIpAddress',
  ),
  prepare(
    'a next hop that AKS refuses',
    'userDefinedRouting',
    { defaultRoute: { nextHopType: 'Internet' } },
    INVALID,
    '/prepare/defaultRoute/nextHopType',
  ),
]

t.test(
  'rejects every invalid input with a problem that states the place and the remedy, and changes nothing',
  async (t) => {
    const planner = await anyService(t)
    await planner.post('/v1/plans', planFor(NAME, 'managedNATGateway'))
    const ofCluster = `limit=100&cluster=${encodeURIComponent(CLUSTER_ID)}`
    const lists = async () => [
      (await planner.get(`/v1/plans?${ofCluster}`)).body,
      (await planner.get(`/v1/jobs?${ofCluster}`)).body,
    ]
    const before = await lists()
    t.ok(listOf(before[0]?.items).length > 0)
    for (const input of BAD_INPUTS) {
      const { method = 'POST', path, body, type = 'application/json', status = 400, code, at } = input
      const sent =
        body === undefined || typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body)
      const headers: Record<string, string> = body === undefined ? {} : { 'content-type': type }
      const answer = await rawRequest(planner.url, method, path, sent, headers)
      const what = `${input.what}: ${method} ${path.slice(0, 60)}`
      t.equal(answer.status, status, `${what}: status; ${answer.text.slice(0, 300)}`)
      const problem = problemOf(answer)
      t.equal(problem.code, code, `${what}: code`)
      if (at !== undefined)
        t.strictSame(
          [...new Set(listOf(problem.errors).map(({ pointer, parameter }) => String(pointer ?? parameter)))],
          at,
          `${what}: place`,
        )
      t.match(problem.remedy, /\S.*\.$/, `${what}: remedy`)
      t.match(problem, { type: /^\/problems\//, title: /\S/, detail: /\S/, status, requestId: /\S/ }, what)
      t.ok(answer.text.length < 8_000, `${what}: the answer does not repeat what was sent`)
      t.equal((await planner.get(String(problem.type))).status, 200, `${what}: the type can be looked up`)
    }
    t.strictSame(await lists(), before, 'no plan and no job more or less')
  },
)

function problemOf({ headers, text }: RawAnswer): Loose {
  if (!String(headers['content-type']).startsWith('application/problem+json'))
    throw new Error(`Not a problem: ${headers['content-type']} ${text.slice(0, 300)}`)
  return JSON.parse(text) as Loose
}
