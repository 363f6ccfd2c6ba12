import t from 'tap'
import type { EndpointReading, NodeProbe } from '../../../src/contract/probe.ts'
import type { SubnetRouting } from '../../../src/contract/routing.ts'
import { compareProbes, type PlannedPaths } from '../../../src/core/probe/compare-probes.ts'

const SUBNET = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/nodes'
const FIREWALL = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/azureFirewalls/fw-hub'

function reading(given: Partial<EndpointReading> = {}): EndpointReading {
  return {
    endpoint: 'mcr.microsoft.com:443',
    origin: 'required',
    need: 'required',
    outcome: 'reached',
    address: '203.0.113.1',
    issuer: 'Microsoft Azure RSA TLS Issuing CA 04',
    httpStatus: 200,
    milliseconds: 20,
    ...given,
  }
}

function node(readings: EndpointReading[], given: Partial<NodeProbe> = {}): NodeProbe {
  return {
    pool: 'system',
    subnetId: SUBNET,
    instanceId: 'a',
    status: 'completed',
    reason: null,
    isComplete: true,
    dnsServer: '168.63.129.16',
    sourceAddress: null,
    readings,
    ...given,
  }
}

function routing(given: Partial<SubnetRouting> = {}): SubnetRouting {
  return {
    subnetId: SUBNET.toUpperCase(),
    pools: ['system'],
    routeTableId: null,
    defaultRoute: null,
    halfRoutes: [],
    leadsTo: 'azureFirewall',
    firewallId: FIREWALL,
    problem: null,
    ...given,
  }
}

const PLAN: PlannedPaths = { routing: [routing()], requiredEndpoints: [], promised: null }
const failed = (outcome: EndpointReading['outcome'], issuer: string | null = null) =>
  reading({ outcome, issuer, httpStatus: null })

const proxied = (given: Partial<EndpointReading> = {}) =>
  reading({ via: 'httpProxy', address: null, ...given })
const proxyReading = (given: Partial<EndpointReading> = {}) =>
  reading({ endpoint: '10.9.0.4:3128', origin: 'httpProxy', issuer: null, httpStatus: 400, ...given })

const CASES: {
  what: string
  before?: NodeProbe[]
  after: NodeProbe[]
  plan?: Partial<PlannedPaths>
  lost?: RegExp[]
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
    lost: [/No rule of the firewall `fw-hub` allows it/],
  },
  {
    what: 'an endpoint that only some clusters need',
    after: [node([{ ...failed('tlsFailed'), need: 'conditional' }])],
    warnings: [/no longer reaches mcr\.microsoft\.com:443, which only some clusters need/],
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
    lost: [/network security group/],
  },
  {
    what: 'a custom DNS server that is cut off',
    after: [node([failed('dnsFailed')], { dnsServer: '10.1.0.4' })],
    lost: [/DNS server 10\.1\.0\.4 does not answer.*fw-hub/],
  },
  { what: 'Azure DNS', after: [node([failed('dnsFailed')])], lost: [/name does not resolve/] },
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
    warnings: [/was not measured before/],
  },
  {
    what: 'an unmeasured endpoint',
    after: [node([reading({ outcome: 'unknown' })])],
    warnings: [/reported nothing/],
  },
  {
    what: 'a pool that is not measured',
    after: [node([], { status: 'failed', reason: 'The instance is gone.' })],
    warnings: [/not measured after the change\. The instance is gone/],
  },
  {
    what: 'a pool that is new',
    before: [],
    after: [node([reading()])],
    warnings: [/nothing can be compared/],
  },
  {
    what: 'one pool of three',
    before: ['a', 'b', 'c'].map((pool) => node([reading()], { pool })),
    after: ['a', 'b', 'c'].map((pool) => node([pool === 'b' ? failed('tcpFailed') : reading()], { pool })),
    lost: [/./],
  },
  {
    what: 'a promised address',
    after: [node([reading()], { sourceAddress: '20.1.2.3' })],
    plan: { promised: ['20.1.2.0/28'] },
  },
  {
    what: 'another address',
    after: [node([reading()], { sourceAddress: '20.9.9.9' })],
    plan: { promised: ['20.1.2.3'] },
    lost: [/leave from 20\.9\.9\.9\. The addresses in the plan are: 20\.1\.2\.3/],
  },
  { what: 'an address behind an appliance', after: [node([reading()], { sourceAddress: '20.9.9.9' })] },
  {
    what: 'an HTTP proxy that is no longer reached',
    before: [node([proxyReading(), proxied()])],
    after: [node([proxyReading({ outcome: 'tcpFailed' }), proxied({ outcome: 'proxyFailed' })])],
    lost: [
      /proxy is not reached\. .* pass the firewall `fw-hub`/,
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
  {
    what: 'an address of the HTTP proxy, which no plan promises',
    after: [node([reading()], { sourceAddress: '20.9.9.9' })],
    plan: { promised: ['20.1.2.3'], sourceProxy: 'http://10.9.0.4:3128' },
    warnings: [/the observed address is that of the proxy\. Packets leave by 20\.9\.9\.9/],
  },
]

for (const { what, before = [node([reading()])], after, plan, lost = [], warnings = [] } of CASES)
  t.test(`compares: ${what}`, async (t) => {
    const verdict = compareProbes(before, after, { ...PLAN, ...plan })
    t.match(
      verdict.lost.map(({ cause }) => cause),
      lost,
    )
    t.equal(verdict.lost.length, lost.length)
    t.match(verdict.warnings, warnings)
    t.equal(verdict.warnings.length, warnings.length)
  })
