import type { InjectOptions } from 'fastify'
import t from 'tap'
import { createPlan } from '../../../src/routes/operations/create-plan.ts'
import { APPROVAL_ID, CLUSTER, fakeApp, JOB_ID, PLAN_ID, SUBSCRIPTION } from '../support/fakes.ts'
import {
  BAD_ID,
  balanced,
  clustered,
  INVALID,
  IP,
  LONG,
  nat,
  planning,
  RANGE,
  REJECTED_CONSUMERS,
  REJECTED_PLAN_REQUESTS,
  type RejectedRequest,
  raw,
} from '../support/rejected-plan-requests.ts'

const approvals = `/v1/plans/${PLAN_ID}/approvals`

t.test('reports every error of a request with its place', async (t) => {
  const { app, rooms } = await fakeApp(t)
  const table: [
    method: 'GET' | 'POST' | 'DELETE',
    url: string,
    payload: object | undefined,
    places: string[][],
  ][] = [
    [
      'POST',
      approvals,
      { reason: 7, by: 'x' },
      [
        ['/by', 'FIELD_UNKNOWN'],
        ['/reason', 'TYPE_WRONG'],
      ],
    ],
    ['POST', approvals, { reason: 'a\u0007b' }, [['/reason', 'FORMAT_INVALID']]],
    ['POST', approvals, { reason: 'x'.repeat(501) }, [['/reason', 'LENGTH_WRONG']]],
    ['POST', '/v1/plans/x/approvals', {}, [['planId', 'FORMAT_INVALID']]],
    ['DELETE', `${approvals}/x`, undefined, [['approvalId', 'FORMAT_INVALID']]],
    ['DELETE', `${approvals}/${APPROVAL_ID}`, { a: 1 }, [['', 'BODY_NOT_EXPECTED']]],
    ['GET', `${approvals}?limit=1`, undefined, [['limit', 'PARAMETER_UNKNOWN']]],
    [
      'GET',
      '/v1/audit?from=yesterday&to=2026-13-01T00:00:00Z',
      undefined,
      [
        ['from', 'FORMAT_INVALID'],
        ['to', 'FORMAT_INVALID'],
      ],
    ],
    ['GET', '/v1/audit?from=2026-09-01', undefined, [['from', 'FORMAT_INVALID']]],
    ['GET', '/v1/audit?from=0000-01-01T00:00:00Z', undefined, [['from', 'FORMAT_INVALID']]],
    ['GET', '/v1/audit?actor=a%00', undefined, [['actor', 'FORMAT_INVALID']]],
    [
      'GET',
      '/v1/audit?operation=a-b&planId=1&jobId=2',
      undefined,
      [
        ['jobId', 'FORMAT_INVALID'],
        ['operation', 'FORMAT_INVALID'],
        ['planId', 'FORMAT_INVALID'],
      ],
    ],
    [
      'GET',
      '/v1/clusters?address=20.1.2.300&tag=team%3D&flag=old&path=x&outboundType=x&sort=age&team=x',
      undefined,
      [
        ['address', 'FORMAT_INVALID'],
        ['flag', 'VALUE_NOT_ALLOWED'],
        ['outboundType', 'VALUE_NOT_ALLOWED'],
        ['path', 'VALUE_NOT_ALLOWED'],
        ['sort', 'VALUE_NOT_ALLOWED'],
        ['tag', 'FORMAT_INVALID'],
        ['team', 'PARAMETER_UNKNOWN'],
      ],
    ],
    ...['20.1.2.0/33', '20.1', 'fe80::1%25eth0', '20.1.2.3/', '1.2.3.4/8/8'].map(
      (address): (typeof table)[number] => [
        'GET',
        `/v1/clusters?address=${address}`,
        undefined,
        [['address', 'FORMAT_INVALID']],
      ],
    ),
    ['GET', '/v1/clusters?limit=1001', undefined, [['limit', 'PARAMETER_OUT_OF_RANGE']]],
    ['GET', '/v1/audit?limit=101', undefined, [['limit', 'PARAMETER_OUT_OF_RANGE']]],
    ['GET', '/v1/audit?cluster=x', undefined, [['cluster', 'RESOURCE_ID_INVALID']]],
    [
      'GET',
      '/v1/audit?actor=&who=x',
      undefined,
      [
        ['actor', 'LENGTH_WRONG'],
        ['who', 'PARAMETER_UNKNOWN'],
      ],
    ],
  ]
  for (const [method, url, payload, places] of table) {
    const answer = await app.inject({ method, url, ...(payload === undefined ? {} : { payload }) })
    t.equal(answer.statusCode, 400, url)
    const found = answer
      .json()
      .errors.map((each: Record<string, string>) => [each.pointer ?? each.parameter, each.code])
    t.strictSame(found.toSorted(), places, url)
  }
  t.strictSame(rooms.calls, [], 'no room was asked')
})

function egress(subscriptionId: string, group: string, name: string): InjectOptions {
  return { url: { pathname: `/v1/clusters/${subscriptionId}/${group}/${name}/egress` } } as InjectOptions
}

function job(payload: object): InjectOptions {
  return { method: 'POST', url: '/v1/jobs', payload: { planId: PLAN_ID, ...payload } }
}

const REFUSED: RejectedRequest[] = [
  ...REJECTED_PLAN_REQUESTS,
  ...REJECTED_CONSUMERS,
  { what: 'a list for a body', request: raw('[]'), code: INVALID, places: [''] },
  { what: 'no body', request: { method: 'POST', url: '/v1/plans' }, code: INVALID, places: [''] },
  { what: 'bad JSON', request: raw('{"cluster":'), code: 'MALFORMED_JSON' },
  { what: 'bytes that are no text', request: raw(Buffer.from([0xff, 0xfe, 0x00])), code: 'MALFORMED_JSON' },
  { what: 'a key that reaches a prototype', request: raw('{"__proto__":{}}'), code: 'MALFORMED_JSON' },
  {
    what: 'a form',
    request: raw('a=b', 'application/x-www-form-urlencoded'),
    status: 415,
    code: 'UNSUPPORTED_MEDIA_TYPE',
  },
  { what: 'text', request: raw('{}', 'text/plain'), status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' },
  {
    what: 'a content type that is none',
    request: raw('{}', 'json'),
    status: 415,
    code: 'UNSUPPORTED_MEDIA_TYPE',
  },
  {
    what: 'a body over the limit',
    request: raw(`"${'a'.repeat(256 * 1024)}"`),
    status: 413,
    code: 'BODY_TOO_LARGE',
  },
  { what: 'a plan id that is no UUID', request: job({ planId: '1' }), code: INVALID, places: ['/planId'] },
  {
    what: 'a plan id in URN form',
    request: job({ planId: `urn:uuid:${PLAN_ID}` }),
    code: INVALID,
    places: ['/planId'],
  },
  {
    what: 'an acknowledgement in small letters',
    request: job({ acknowledge: ['egress'] }),
    code: INVALID,
    places: ['/acknowledge/0'],
  },
  {
    what: 'the same acknowledgement twice',
    request: job({ acknowledge: ['A', 'A'] }),
    code: INVALID,
    places: ['/acknowledge'],
  },
  {
    what: 'too many acknowledgements',
    request: job({ acknowledge: Array.from({ length: 51 }, (_, index) => `A${index}`) }),
    code: INVALID,
    places: ['/acknowledge'],
  },
  {
    what: 'an unknown way to fail',
    request: job({ onFailure: 'rollback' }),
    code: INVALID,
    places: ['/onFailure'],
  },
  {
    what: 'a start that is no time',
    request: job({ notBefore: 'tomorrow' }),
    code: INVALID,
    places: ['/notBefore'],
  },
  {
    what: 'a start that is an offset without minutes',
    request: job({ notBefore: '2030-01-01T00:00:00+02', giveUpAt: '2030-01-01T00:00:00+02' }),
    code: INVALID,
    places: ['/notBefore', '/giveUpAt'],
  },
  {
    what: 'a start that is a leap second',
    request: job({ notBefore: '2016-12-31T23:59:60Z', giveUpAt: '2016-12-31T23:59:60Z' }),
    code: INVALID,
    places: ['/notBefore', '/giveUpAt'],
  },
  {
    what: 'a start that is the year 0',
    request: job({ notBefore: '0000-01-01T00:00:00Z', giveUpAt: '0000-01-01T00:00:00Z' }),
    code: INVALID,
    places: ['/notBefore', '/giveUpAt'],
  },
  {
    what: 'a start that is a day that is not',
    request: job({ notBefore: '2030-02-30T00:00:00Z', giveUpAt: '2030-02-30T00:00:00Z' }),
    code: INVALID,
    places: ['/notBefore', '/giveUpAt'],
  },
  {
    what: 'a window without a day',
    request: job({ window: { daysOfWeek: [], startTime: '22:00', utcOffset: '+02:00', durationHours: 4 } }),
    code: INVALID,
    places: ['/window/daysOfWeek'],
  },
  {
    what: 'a window at no time of the day',
    request: job({
      window: { daysOfWeek: ['Friday'], startTime: '24:00', utcOffset: 'CET', durationHours: 0 },
    }),
    code: INVALID,
    places: ['/window/startTime', '/window/durationHours', '/window/utcOffset'],
  },
  {
    what: 'another thing to do on failure',
    request: job({ onFailure: 'pray' }),
    code: INVALID,
    places: ['/onFailure'],
  },
  {
    what: 'a path with a subscription that is no GUID',
    request: egress('demo', 'rg', 'a'),
    code: INVALID,
    places: ['subscriptionId'],
  },
  {
    what: 'a path with an encoded slash',
    request: egress(SUBSCRIPTION, 'a%2Fb', 'a'),
    code: INVALID,
    places: ['resourceGroup'],
  },
  {
    what: 'a path with encoded dots',
    request: egress(SUBSCRIPTION, '%2E%2E%2F', 'a'),
    code: INVALID,
    places: ['resourceGroup'],
  },
  {
    what: 'a path with a control character',
    request: egress(SUBSCRIPTION, 'rg', 'a%00'),
    code: INVALID,
    places: ['clusterName'],
  },
  { what: 'a path that is not UTF-8', request: egress(SUBSCRIPTION, '%E0%A4%A', 'a'), code: 'MALFORMED_URL' },
  {
    what: 'a path of 10,000 characters',
    request: egress(SUBSCRIPTION, 'rg', LONG),
    status: 414,
    code: 'URI_TOO_LONG',
  },
  {
    what: 'a path of 900 characters',
    request: egress(SUBSCRIPTION, 'rg', 'a'.repeat(900)),
    code: INVALID,
    places: ['clusterName'],
  },
  {
    what: 'an unknown query parameter',
    request: { url: `/v1/plans/${PLAN_ID}?verbose=1` },
    code: INVALID,
    places: ['verbose'],
  },
  {
    what: 'a limit that is no number',
    request: { url: '/v1/plans?limit=1e1' },
    code: INVALID,
    places: ['limit'],
  },
  { what: 'a limit twice', request: { url: '/v1/plans?limit=1&limit=2' }, code: INVALID, places: ['limit'] },
  { what: 'a limit out of range', request: { url: '/v1/jobs?limit=101' }, code: RANGE, places: ['limit'] },
  {
    what: 'an after out of range',
    request: { url: `/v1/jobs/${JOB_ID}/events?after=-1` },
    code: RANGE,
    places: ['after'],
  },
  {
    what: 'a cursor that is none',
    request: { url: '/v1/jobs?cursor=%00' },
    code: 'CURSOR_INVALID',
    places: ['cursor'],
  },
  {
    what: 'a cluster filter that is no id',
    request: { url: '/v1/jobs?cluster=demo' },
    code: BAD_ID,
    places: ['cluster'],
  },
  {
    what: 'an unknown status',
    request: { url: '/v1/jobs?status=running' },
    code: INVALID,
    places: ['status'],
  },
  {
    what: 'a list of statuses with an unknown status',
    request: { url: '/v1/jobs?status=Running&status=running' },
    code: INVALID,
    places: ['status'],
  },
  {
    what: 'a filter by a label that has no valid name',
    request: { url: '/v1/plans?label=team%3Dpayments&label=-team' },
    code: INVALID,
    places: ['label'],
  },
  {
    what: 'labels with invalid names and values',
    request: {
      method: 'POST',
      url: '/v1/jobs',
      payload: { planId: PLAN_ID, labels: { 'a/b/c': 'x', team: 'two words', ['n'.repeat(64)]: '' } },
    },
    code: INVALID,
    places: ['/labels/team', '/labels/a~1b~1c', `/labels/${'n'.repeat(64)}`],
  },
  {
    what: '21 labels',
    request: {
      method: 'POST',
      url: '/v1/jobs',
      payload: {
        planId: PLAN_ID,
        labels: Object.fromEntries(Array.from({ length: 21 }, (_, number) => [`n${number}`, 'x'])),
      },
    },
    code: INVALID,
    places: ['/labels'],
  },
  {
    what: 'times that are none',
    request: { url: '/v1/plans?createdAfter=yesterday&createdBefore=2026-13-01T00:00:00Z' },
    code: INVALID,
    places: ['createdAfter', 'createdBefore'],
  },
  {
    what: 'a time without its zone',
    request: { url: '/v1/jobs?createdAfter=2026-09-01T00:00:00' },
    code: INVALID,
    places: ['createdAfter'],
  },
  {
    what: 'an outbound type that is none',
    request: { url: '/v1/jobs?from=LoadBalancer&to=nat' },
    code: INVALID,
    places: ['from', 'to'],
  },
  {
    what: 'a maker with a control character',
    request: { url: '/v1/plans?createdBy=a%00' },
    code: INVALID,
    places: ['createdBy'],
  },
  {
    what: 'a query of 10,000 characters',
    request: { url: `/v1/transitions?edition=${LONG}` },
    code: INVALID,
    places: ['edition'],
  },
  {
    what: 'an unknown field of a cancellation',
    request: { method: 'POST', url: `/v1/jobs/${JOB_ID}/cancellation`, payload: { now: true } },
    code: INVALID,
    places: ['/now'],
  },
  {
    what: 'an unknown field of a release',
    request: { method: 'POST', url: `/v1/jobs/${JOB_ID}/release`, payload: { now: true } },
    code: INVALID,
    places: ['/now'],
  },
  {
    what: 'a reason of a release that is no text',
    request: { method: 'POST', url: `/v1/jobs/${JOB_ID}/release`, payload: { reason: 7 } },
    code: INVALID,
    places: ['/reason'],
  },
  {
    what: 'a hold that is neither wanted nor not',
    request: { method: 'POST', url: '/v1/jobs', payload: { planId: PLAN_ID, holdBeforeCutOver: 'yes' } },
    code: INVALID,
    places: ['/holdBeforeCutOver'],
  },
  { what: 'an unknown route', request: { url: '/v2/plans' }, status: 404, code: 'ROUTE_NOT_FOUND' },
  { what: 'a trailing slash', request: { url: '/v1/plans/' }, status: 400, code: INVALID },
  {
    what: 'an unknown method',
    request: { method: 'PATCH', url: `/v1/plans/${PLAN_ID}`, payload: 'x' },
    status: 405,
    code: 'METHOD_NOT_ALLOWED',
  },
  {
    what: 'an unknown plan',
    request: { url: '/v1/plans/00000000-0000-7000-8000-000000000000' },
    status: 404,
    code: 'PLAN_NOT_FOUND',
  },
  {
    what: 'an unknown job',
    request: { url: '/v1/jobs/00000000-0000-7000-8000-000000000000' },
    status: 404,
    code: 'JOB_NOT_FOUND',
  },
  {
    what: 'an unknown problem',
    request: { url: '/problems/nothing' },
    status: 404,
    code: 'PROBLEM_NOT_FOUND',
  },
]

t.test('rejects invalid input with its code and places, and executes nothing', async (t) => {
  const { app, rooms } = await fakeApp(t)
  for (const { what, request, status = 400, code, places } of REFUSED) {
    const answer = await app.inject(request)
    const body = answer.json()
    t.equal(answer.statusCode, status, what)
    t.equal(answer.headers['content-type'], 'application/problem+json; charset=utf-8', what)
    t.equal(body.code, code, what)
    t.ok(answer.payload.length < 5_000, `${what}: the answer is short`)
    const found = body.errors.map(
      (each: { pointer?: string; parameter?: string }) => each.pointer ?? each.parameter,
    )
    if (places !== undefined) t.strictSame(found, places, what)
    for (const { message } of body.errors) t.match(message, /\.$|Wanted/, `${what}: ${message}`)
  }
  t.strictSame(
    rooms.calls.filter(([method]) => method !== 'getPlan' && method !== 'get'),
    [],
  )
})

t.test('the examples of the document are accepted', async (t) => {
  const { app, rooms } = await fakeApp(t)
  for (const { value } of Object.values(createPlan.examples ?? {})) {
    const answer = await app.inject({ method: 'POST', url: '/v1/plans', payload: value })
    t.equal(answer.statusCode, 201)
  }
  t.equal(rooms.calls.length, 3)
})

t.test('accepts values that Azure allows', async (t) => {
  const { app, rooms } = await fakeApp(t)
  const accepted = [
    clustered({ ...CLUSTER, resourceGroup: 'Größe_(1).x-', name: 'a' }),
    nat({
      sku: 'StandardV2',
      managedOutboundIpCount: 16,
      managedOutboundIpv6Count: 16,
      idleTimeoutInMinutes: 120,
    }),
    nat({ outboundIpIds: [], outboundIpPrefixIds: [] }),
    nat({ outboundIpIds: [IP] }, 'managedNATGatewayV2'),
    balanced({ managedOutboundIpCount: 100, managedOutboundIpv6Count: 0, allocatedOutboundPorts: 64_000 }),
    balanced({ managedOutboundIpv6Count: 0, outboundIpIds: [IP.toUpperCase()] }),
    planning({ outboundType: 'block' }, { reason: 'Grüße 👩‍💻' }),
  ]
  for (const request of accepted) {
    const answer = await app.inject(request)
    t.equal(answer.statusCode, 201, JSON.stringify(request.payload))
  }
  t.equal(rooms.calls.length, accepted.length)
})
