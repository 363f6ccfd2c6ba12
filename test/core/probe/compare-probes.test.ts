import t from 'tap'
import type { EndpointReading, NodeProbe } from '../../../src/contract/probe.ts'
import {
  compareProbes,
  confirmedLosses,
  type PlannedPaths,
  type Round,
} from '../../../src/core/probe/compare-probes.ts'
import { compareRollback } from '../../../src/core/probe/compare-rollback.ts'
import {
  failed,
  node,
  PLAN,
  pathTo,
  proxied,
  proxyReading,
  reading,
  routing,
} from './support/measurements.ts'

const ISOLATED = { isolates: true, asksSource: true, paths: [pathTo([], {}, { path: 'none' })] }

const CASES: {
  what: string
  before?: NodeProbe[]
  after: NodeProbe[]
  plan?: Partial<PlannedPaths>
  lost?: RegExp[]
  unread?: RegExp[]
  warnings?: RegExp[]
}[] = [
  { what: 'the same', after: [node([reading()])] },
  { what: 'another public authority', after: [node([reading({ issuer: 'DigiCert Global G2' })])] },
  { what: 'a lost endpoint', after: [node([failed('tlsFailed')])], lost: [/pass the firewall `fw-hub`/] },
  {
    what: 'a lost endpoint that the plan knows to be blocked',
    after: [node([failed('tlsFailed')])],
    plan: {
      requiredEndpoints: [
        {
          destination: 'MCR.microsoft.com',
          kind: 'fqdn',
          port: 443,
          protocol: 'HTTPS',
          need: 'required',
          reason: '',
          when: '',
          source: 'list',
          asOf: '',
          open: 'blocked',
        },
      ],
    },
    lost: [/The rules of the firewall `fw-hub` block the endpoint/],
  },
  {
    what: 'an endpoint that only some clusters need',
    after: [node([{ ...failed('tlsFailed'), need: 'conditional' }])],
    warnings: [/no longer reaches mcr\.microsoft\.com:443 as before/],
  },
  {
    what: 'endpoints of AKS and the source address of a node that the plan isolates',
    before: [node([reading(), reading({ origin: 'requested' })], { sourceAddress: '20.1.2.3' })],
    after: [
      node([failed('tcpFailed'), { ...failed('tcpFailed'), origin: 'requested', endpoint: 'acr:443' }]),
    ],
    plan: ISOLATED,
    warnings: [
      /no longer reaches mcr\.microsoft\.com:443, because the plan removes its egress/,
      /acr:443 and/,
    ],
  },
  {
    what: 'a requested endpoint of a node that the plan isolates',
    before: [node([reading({ origin: 'requested' })])],
    after: [node([{ ...failed('tcpFailed'), origin: 'requested' }])],
    plan: ISOLATED,
    lost: [/./],
  },
  {
    what: 'a node without an answer that the plan isolates',
    after: [node([], { status: 'failed', reason: 'Time-out.', isUnanswered: true })],
    plan: ISOLATED,
    warnings: [/was not measured after the change\. Time-out/],
  },
  {
    what: 'a node that the plan isolates in a network without visible subnets',
    after: [node([failed('tcpFailed')], { sourceAddress: null })],
    plan: { isolates: true, paths: [] },
    warnings: [/the plan removes its egress/],
  },
  {
    what: 'an isolated node that keeps the path of its route',
    after: [node([failed('tcpFailed')])],
    plan: { isolates: true, paths: [pathTo([], {}, { path: 'virtualAppliance' })] },
    lost: [/fw-hub/],
  },
  {
    what: 'a dropping route',
    after: [node([failed('tcpFailed')])],
    plan: { routing: [routing({ leadsTo: 'nowhere' })] },
    lost: [/default route .* drops/],
  },
  {
    what: 'no route table',
    after: [node([failed('tcpFailed')])],
    plan: { routing: [] },
    lost: [/allow list of the endpoint.*network security groups/],
  },
  {
    what: 'a custom DNS server that is cut off',
    after: [node([{ ...failed('dnsFailed'), address: null }], { dnsServer: '10.1.0.4' })],
    lost: [/DNS server 10\.1\.0\.4 does not answer.*fw-hub/],
  },
  {
    what: 'Azure DNS',
    after: [node([{ ...failed('dnsFailed'), address: null }])],
    lost: [/^The name does not resolve\./],
  },
  {
    what: 'one name of several that is not resolved',
    before: [node([reading(), reading({ endpoint: 'a.example.com:443' })])],
    after: [
      node([{ ...failed('dnsFailed'), address: null }, reading({ endpoint: 'a.example.com:443' })], {
        dnsServer: '10.1.0.4',
      }),
    ],
    lost: [/does not resolve, but other names do: check the zone/],
  },
  {
    what: 'an untrusted certificate',
    after: [node([failed('tlsFailed', 'Corp CA')])],
    lost: [/issued by Corp CA: an appliance intercepts TLS/],
  },
  {
    what: 'a trusted certificate of an appliance',
    after: [node([reading({ issuer: 'Corp CA' })])],
    warnings: [/not directly.*Corp CA/],
  },
  {
    what: 'another authority of the API server',
    before: [node([reading({ origin: 'apiServer', issuer: 'ca' })])],
    after: [node([reading({ origin: 'apiServer', issuer: 'Corp CA' })])],
    lost: [/intercepts TLS/],
  },
  {
    what: 'what failed before',
    before: [node([failed('tcpFailed')])],
    after: [node([failed('dnsFailed')])],
    warnings: [/before the change either/],
  },
  {
    what: 'what was not measured before',
    before: [node([])],
    after: [node([failed('dnsFailed')])],
    warnings: [/was not measured there before/],
  },
  {
    what: 'an endpoint that was reached and has no reading any more',
    after: [node([reading({ outcome: 'unknown', address: null })])],
    unread: [/returned no measurement of this endpoint/],
  },
  {
    what: 'an endpoint whose name now resolves to an address that nodes do not call',
    after: [node([reading({ outcome: 'unknown', address: '169.254.169.254' })])],
    unread: [/now resolves to 169\.254\.169\.254, which the probe does not call/],
  },
  {
    what: 'a name that a DNS filter answers',
    after: [node([reading({ outcome: 'dnsFailed', address: '0.0.0.0' })], { dnsServer: '10.1.0.4' })],
    lost: [/DNS server 10\.1\.0\.4 now returns 0\.0\.0\.0 for the name/],
  },
  ...(['requested', 'apiServer'] as const).map((origin) => ({
    what: `an endpoint (${origin}) that only the measurement before the change contains`,
    before: [node([reading({ origin })])],
    after: [node([])],
    unread: [/returned no measurement of this endpoint/],
  })),
  {
    what: 'an unmeasured endpoint that only some clusters need',
    after: [node([reading({ outcome: 'unknown', need: 'conditional' })])],
    warnings: [/reported nothing/],
  },
  {
    what: 'an endpoint that failed before and is not measured any more',
    before: [node([failed('tcpFailed')])],
    after: [node([reading({ outcome: 'unknown' })])],
    warnings: [/reported nothing/],
  },
  {
    what: 'a pool that is not measured',
    before: [node([reading()]), node([reading()], { pool: 'user' })],
    after: [
      node([], { status: 'failed', reason: 'The instance is gone.' }),
      node([reading()], { pool: 'user' }),
    ],
    warnings: [/not measured after the change\. The instance is gone/],
  },
  {
    what: 'a pool that is new',
    before: [],
    after: [node([reading()])],
    warnings: [/there is nothing to compare/],
  },
  {
    what: 'one pool of three',
    before: ['a', 'b', 'c'].map((pool) => node([reading()], { pool })),
    after: ['a', 'b', 'c'].map((pool) => node([pool === 'b' ? failed('tcpFailed') : reading()], { pool })),
    lost: [/./],
  },
  {
    what: 'a node that returns no result any more',
    before: [node([reading()]), node([reading()], { pool: 'user' })],
    after: [
      node([], { status: 'failed', reason: 'Time-out.', isUnanswered: true }),
      node([reading()], { pool: 'user' }),
    ],
    lost: [/no longer returns results, for which it needs egress to Azure on port 443\. Time-out\./],
  },
  {
    what: 'a change after which no node can be measured',
    after: [node([], { status: 'failed', reason: 'AuthorizationFailed: no.' })],
    lost: [/No node can be measured now.*AuthorizationFailed/],
  },
  {
    what: 'a cluster in which no node could ever be measured',
    before: [node([], { status: 'failed', reason: 'AuthorizationFailed: no.' })],
    after: [node([], { status: 'failed', reason: 'AuthorizationFailed: no.', isUnanswered: true })],
    warnings: [/was not measured after the change/],
  },
  {
    what: 'a pool and an endpoint that were measured before only',
    before: [node([reading(), reading({ endpoint: 'a.example.com:443' })]), node([reading()], { pool: 'q' })],
    after: [node([reading()])],
    warnings: [
      /was measured for a\.example\.com:443 only before/,
      /`q` was measured before the change, but no longer exists/,
    ],
  },
  {
    what: 'an endpoint that denies the new address',
    before: [node([reading({ origin: 'requested' })])],
    after: [node([reading({ origin: 'requested', httpStatus: 403 })])],
    lost: [/now returns 403 instead of 200: its allow list may lack the new address/],
  },
  {
    what: 'an API server that returns errors',
    before: [node([reading({ origin: 'apiServer', httpStatus: 401 })])],
    after: [node([reading({ origin: 'apiServer', httpStatus: 503 })])],
    lost: [/returns 503 instead of 401/],
  },
  {
    what: 'an outage of a service of Microsoft',
    after: [node([reading({ httpStatus: 503 })])],
    warnings: [/no longer reaches mcr.* as before\. The endpoint now returns 503/],
  },
  {
    what: 'another status that is no denial',
    after: [node([reading({ httpStatus: 404 })])],
  },
  {
    what: 'a denial that was there before',
    before: [node([reading({ httpStatus: 403, origin: 'requested' })])],
    after: [node([reading({ httpStatus: 503, origin: 'requested' })])],
  },
  {
    what: 'an issuer of the API server that cannot be read any more',
    before: [node([reading({ origin: 'apiServer', issuer: 'ca' })])],
    after: [node([reading({ origin: 'apiServer', issuer: null })])],
    warnings: [/from ca.* to an unknown authority/],
  },
  {
    what: 'an authority that only contains the name of a public one',
    after: [node([reading({ issuer: 'Contoso Microsoft Proxy CA' })])],
    warnings: [/Contoso Microsoft Proxy CA/],
  },
  {
    what: 'an HTTP proxy that is no longer reached',
    before: [node([proxyReading(), proxied()])],
    after: [node([proxyReading({ outcome: 'tcpFailed' }), proxied({ outcome: 'proxyFailed' })])],
    lost: [
      /does not reach the HTTP proxy\. .* pass the firewall `fw-hub`/,
      /does not reach its HTTP proxy 10\.9\.0\.4:3128/,
    ],
  },
  {
    what: 'an endpoint that the HTTP proxy denies',
    before: [node([proxyReading(), proxied()])],
    after: [node([proxyReading(), proxied({ outcome: 'proxyFailed', httpStatus: 403 })])],
    lost: [/The HTTP proxy returns 403: check its allow list/],
  },
  {
    what: 'a certificate of the HTTP proxy whose authority nodes trust',
    before: [node([proxied()])],
    after: [node([proxied({ issuer: 'Corp CA' })])],
    plan: { trustsProxy: true },
  },
  {
    what: 'a certificate of an HTTP proxy without a trusted authority in the cluster',
    before: [node([proxied()])],
    after: [node([proxied({ issuer: 'Corp CA' })])],
    warnings: [/not directly.*Corp CA/],
  },
  {
    what: 'a direct certificate of another authority in a cluster that trusts its HTTP proxy',
    after: [node([reading({ issuer: 'Corp CA', via: 'direct' })])],
    plan: { trustsProxy: true },
    warnings: [/not directly.*Corp CA/],
  },
]

for (const {
  what,
  before = [node([reading()])],
  after,
  plan,
  lost = [],
  unread = [],
  warnings = [],
} of CASES)
  t.test(`compares: ${what}`, async (t) => {
    const verdict = compareProbes(before, after, { ...PLAN, ...plan })
    t.match(
      verdict.lost.map(({ cause }) => cause),
      lost,
    )
    t.equal(verdict.lost.length, lost.length)
    t.match(
      verdict.unread.map(({ cause }) => cause),
      unread,
    )
    t.equal(verdict.unread.length, unread.length)
    t.match(verdict.warnings, warnings)
    t.equal(verdict.warnings.length, warnings.length)
  })

const measured = (readings: EndpointReading[], given: Partial<NodeProbe> = {}) => [node(readings, given)]
const unanswered = measured([], { status: 'failed', reason: 'Time-out.', isUnanswered: true })
const denied = measured([], { status: 'failed', reason: 'AuthorizationFailed: no.' })
const other = [node([reading()], { pool: 'user' })]

const ROUNDS: {
  what: string
  first: NodeProbe[]
  second: NodeProbe[]
  stands: RegExp[]
  asksSource?: boolean
}[] = [
  {
    what: 'a loss that both show',
    first: measured([failed('tcpFailed')]),
    second: measured([failed('tcpFailed')]),
    stands: [/fw-hub/],
  },
  {
    what: 'a loss that the second refutes',
    first: measured([failed('tcpFailed')]),
    second: measured([reading()]),
    stands: [],
  },
  {
    what: 'a node without an answer that has one again',
    first: unanswered,
    second: measured([reading()]),
    stands: [],
  },
  {
    what: 'a loss on a node that gives no second answer',
    first: measured([failed('tcpFailed')]),
    second: unanswered,
    stands: [/no longer returns results/, /A second measurement gave no answer/],
  },
  {
    what: 'a loss on a node that cannot be measured again',
    first: [...measured([failed('tcpFailed')]), ...other],
    second: [...denied, ...other],
    stands: [/fw-hub.*A second measurement gave no answer/],
  },
  {
    what: 'a loss of an endpoint that the second does not report',
    first: measured([failed('tcpFailed')]),
    second: measured([reading({ outcome: 'unknown' })]),
    stands: [/A second measurement gave no answer/],
  },
  {
    what: 'an endpoint without a reading in either',
    first: measured([reading({ outcome: 'unknown' })]),
    second: measured([reading({ outcome: 'unknown' })]),
    stands: [/no measurement of this endpoint.* A second measurement gave no answer/],
  },
  {
    what: 'an endpoint that only the second shows to be reached',
    first: measured([reading({ outcome: 'unknown' })]),
    second: measured([reading()]),
    stands: [],
  },
  {
    what: 'an endpoint that only the first shows to be reached',
    first: measured([reading()]),
    second: measured([reading({ outcome: 'unknown' })]),
    stands: [],
  },
  {
    what: 'an endpoint without a reading on a node that gave no first answer',
    first: unanswered,
    second: measured([reading({ outcome: 'unknown' })]),
    stands: [/no measurement of this endpoint/],
  },
  {
    what: 'an address that the second does not observe',
    first: measured([reading()], { sourceAddress: '20.9.9.9' }),
    second: measured([reading()]),
    asksSource: true,
    stands: [/leave from 20\.9\.9\.9.*no answer/],
  },
  {
    what: 'an address that the second shows to be right',
    first: measured([reading()], { sourceAddress: '20.9.9.9' }),
    second: measured([reading()], { sourceAddress: '20.1.2.3' }),
    asksSource: true,
    stands: [],
  },
]

for (const { what, first, second, stands, asksSource = false } of ROUNDS)
  t.test(`a second measurement: ${what}`, async (t) => {
    const before = [node([reading()]), ...other]
    const plan = { ...PLAN, paths: [pathTo(['20.1.2.3'])], asksSource }
    const roundOf = (nodes: NodeProbe[]): Round => ({ verdict: compareProbes(before, nodes, plan), nodes })
    const found = confirmedLosses(roundOf(first), roundOf(second)).map(({ cause }) => cause)
    t.match(found, stands)
    t.equal(found.length, stands.length, found.join(' | '))
  })

const second = (given: Partial<NodeProbe> = {}) => node([reading()], { pool: 'user', ...given })

for (const { what, after, lost = [], unmeasured = [] } of [
  { what: 'everything again', after: [node([reading()]), second()] },
  {
    what: 'a lost endpoint',
    after: [node([failed('tcpFailed')]), second()],
    lost: [/Check the allow list of the endpoint/],
  },
  {
    what: 'an endpoint without a reading',
    after: [node([]), second()],
    unmeasured: [/`system` reported nothing about mcr/],
  },
  {
    what: 'an unknown reading',
    after: [node([failed('unknown')]), second()],
    unmeasured: [/`system` reported nothing about mcr/],
  },
  {
    what: 'a node without an answer',
    after: [node([], { status: 'failed', isUnanswered: true, reason: 'Timeout.' }), second()],
    unmeasured: [/returned no result after the rollback, for which it needs egress .* Timeout\./],
  },
  {
    what: 'no measured node',
    after: [
      node([], { status: 'skipped', reason: 'Denied.' }),
      second({ status: 'failed', reason: 'Busy.' }),
    ],
    unmeasured: [/not measured after the rollback\. Denied\./, /Busy\./],
  },
  { what: 'a pool that is gone', after: [second()], unmeasured: [/`system` no longer exists/] },
])
  t.test(`after a rollback: ${what}`, async (t) => {
    const found = compareRollback([node([reading()]), second()], after, { ...PLAN, routing: [] })
    t.match([found.lost.map(({ cause }) => cause), found.warnings], [lost, unmeasured])
    t.same([found.lost.length, found.warnings.length], [lost.length, unmeasured.length])
  })

t.test('after a rollback, a pool that was not measured before the cutover proves nothing', async (t) => {
  const before = [node([], { status: 'skipped' }), node([failed('tcpFailed')], { pool: 'user' })]
  const after = [node([failed('tcpFailed')]), node([failed('tcpFailed')], { pool: 'user' })]
  t.same(compareRollback(before, after, PLAN), {
    lost: [],
    unread: [],
    unreached: [],
    hasGaps: false,
    warnings: [],
  })
})
