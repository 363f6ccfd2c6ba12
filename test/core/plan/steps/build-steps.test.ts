import t from 'tap'
import type { Plan } from '../../../../src/contract/plan.ts'
import type { RequestedTarget } from '../../../../src/contract/target.ts'
import type { ClusterFacts } from '../../../../src/core/snapshot/snapshot.ts'
import { fieldChanges } from '../../../../src/core/target/cluster-patch.ts'
import {
  aByoSnapshot,
  aCluster,
  aLoadBalancerProfile,
  aNatGatewayProfile,
  aPublicIp,
  aReadyGateway,
  aSnapshot,
  GROUP,
  NETWORK,
} from '../../../support/a-cluster.ts'
import { codesOf, planFor } from '../../../support/a-plan.ts'

const NETWORK_PROFILE = '/properties/networkProfile'
const BALANCER = `${NETWORK_PROFILE}/loadBalancerProfile`
const NAT = `${NETWORK_PROFILE}/natGatewayProfile`
const OWN = `${GROUP}/${NETWORK}/publicIPAddresses/own`
const PREFIX = `${GROUP}/${NETWORK}/publicIPPrefixes/own`
const natCluster: Partial<ClusterFacts> = {
  outboundType: 'managedNATGateway',
  natGatewayProfile: aNatGatewayProfile(),
  loadBalancerProfile: aLoadBalancerProfile({ managedOutboundIpCount: null, effectiveOutboundIpIds: [] }),
}

const switchOf = (made: Plan) => {
  const does = made.steps.find((step) => step.key === 'change-outbound-type')?.does
  return does?.kind === 'updateCluster' ? does : undefined
}
/** One line for each field: `set outboundType none`, `remove …`. */
const linesOf = (made: Plan) =>
  switchOf(made)?.changes.map((change) =>
    `${change.op} ${change.path.slice(NETWORK_PROFILE.length + 1)} ${change.op === 'set' ? JSON.stringify(change.value) : ''}`.trim(),
  )

t.test('each target writes its own fields and takes the profiles of the others out', async (t) => {
  const v2Ips = { outboundIpIds: [OWN], outboundIpPrefixIds: [PREFIX] }
  const table: [string, Partial<ClusterFacts>, RequestedTarget, string[]][] = [
    [
      'managed NAT, Standard',
      {},
      { outboundType: 'managedNATGateway', natGateway: { managedOutboundIpCount: 2 } },
      [
        'set outboundType "managedNATGateway"',
        'remove natGatewayProfile/sku',
        'set natGatewayProfile/managedOutboundIPProfile {"count":2}',
        'remove natGatewayProfile/outboundIPs',
        'remove natGatewayProfile/outboundIPPrefixes',
        'set natGatewayProfile/idleTimeoutInMinutes 4',
        'remove loadBalancerProfile',
      ],
    ],
    [
      'managed NAT, StandardV2 with own addresses as plain ids',
      {},
      { outboundType: 'managedNATGatewayV2', natGateway: v2Ips },
      [
        'set outboundType "managedNATGateway"',
        'set natGatewayProfile/sku "StandardV2"',
        'remove natGatewayProfile/managedOutboundIPProfile',
        `set natGatewayProfile/outboundIPs {"publicIPs":["${OWN}"]}`,
        `set natGatewayProfile/outboundIPPrefixes {"publicIPPrefixes":["${PREFIX}"]}`,
        'set natGatewayProfile/idleTimeoutInMinutes 4',
        'remove loadBalancerProfile',
      ],
    ],
    [
      'StandardV2 on two families',
      { ipFamilies: ['IPv4', 'IPv6'] },
      { outboundType: 'managedNATGatewayV2' },
      [
        'set outboundType "managedNATGateway"',
        'set natGatewayProfile/sku "StandardV2"',
        'set natGatewayProfile/managedOutboundIPProfile {"count":1,"countIPv6":1}',
        'remove natGatewayProfile/outboundIPs',
        'remove natGatewayProfile/outboundIPPrefixes',
        'set natGatewayProfile/idleTimeoutInMinutes 4',
        'remove loadBalancerProfile',
      ],
    ],
    [
      'load balancer, keeping the ports and the time-out that AKS kept',
      {
        ...natCluster,
        loadBalancerProfile: aLoadBalancerProfile({
          managedOutboundIpCount: null,
          allocatedOutboundPorts: 1024,
          idleTimeoutInMinutes: 15,
        }),
      },
      { outboundType: 'loadBalancer' },
      [
        'set outboundType "loadBalancer"',
        'set loadBalancerProfile/managedOutboundIPs {"count":1}',
        'remove loadBalancerProfile/outboundIPs',
        'remove loadBalancerProfile/outboundIPPrefixes',
        'set loadBalancerProfile/allocatedOutboundPorts 1024',
        'set loadBalancerProfile/idleTimeoutInMinutes 15',
        'remove natGatewayProfile',
      ],
    ],
    [
      'load balancer with own addresses as objects',
      natCluster,
      { outboundType: 'loadBalancer', loadBalancer: v2Ips },
      [
        'set outboundType "loadBalancer"',
        'remove loadBalancerProfile/managedOutboundIPs',
        `set loadBalancerProfile/outboundIPs {"publicIPs":[{"id":"${OWN}"}]}`,
        `set loadBalancerProfile/outboundIPPrefixes {"publicIPPrefixes":[{"id":"${PREFIX}"}]}`,
        'set loadBalancerProfile/allocatedOutboundPorts 0',
        'set loadBalancerProfile/idleTimeoutInMinutes 30',
        'remove natGatewayProfile',
      ],
    ],
    [
      'none',
      {},
      { outboundType: 'none' },
      ['set outboundType "none"', 'remove loadBalancerProfile', 'remove natGatewayProfile'],
    ],
    [
      'block',
      {},
      { outboundType: 'block' },
      ['set outboundType "block"', 'remove loadBalancerProfile', 'remove natGatewayProfile'],
    ],
  ]
  for (const [name, cluster, target, lines] of table)
    t.strictSame(linesOf(planFor(aSnapshot({ cluster }), target)), lines, name)
  for (const type of ['userAssignedNATGateway', 'userDefinedRouting'] as const) {
    const lines = [`set outboundType "${type}"`, 'remove loadBalancerProfile', 'remove natGatewayProfile']
    t.strictSame(linesOf(planFor(aByoSnapshot(), type)), lines, type)
    t.equal(fieldChanges({ outboundType: type }, aCluster()).length, 3)
  }
})

t.test('each write goes out on the newest stable API version that can say it', async (t) => {
  const versionOf = (
    cluster: Partial<ClusterFacts>,
    target: RequestedTarget['outboundType'],
    preview: string | null = null,
  ) =>
    switchOf(planFor(aSnapshot({ cluster }), target, { policy: { previewApiVersion: preview } }))?.apiVersion
  t.equal(versionOf({}, 'managedNATGateway'), '2026-05-01', 'Standard has no SKU field there')
  t.equal(versionOf({}, 'managedNATGatewayV2'), '2026-06-01')
  t.equal(versionOf(natCluster, 'loadBalancer'), '2026-06-01')
  t.equal(versionOf({}, 'none'), '2026-06-01')
  t.equal(versionOf({}, 'block', '2026-05-02-preview'), '2026-05-02-preview')
})

t.test('widens the ranges of a Standard gateway cluster only if its type can be written', async (t) => {
  const gateway = aReadyGateway('20.9.0.1')
  const snapshot = aByoSnapshot(
    { natGatewayId: gateway.id },
    {
      natGateways: [gateway.gateway],
      publicIps: [gateway.publicIp, aPublicIp({ id: OWN, address: '20.4.0.1' })],
    },
  )
  snapshot.cluster.authorizedIPRanges = ['203.0.113.0/24']
  const made = planFor(snapshot, 'userAssignedNATGateway')
  t.strictSame(
    made.steps.map((step) => step.key),
    [
      'check-freshness',
      'widen-authorized-ranges',
      'await-range-propagation',
      'change-outbound-type',
      'verify',
      'discover-egress-ips',
    ],
  )
  t.match(made.steps[1], {
    does: {
      kind: 'updateCluster',
      apiVersion: '2026-06-01',
      changes: [{ op: 'unionCidrs', cidrs: ['20.9.0.1/32'] }],
    },
    expects: [{ coversCidrs: ['20.9.0.1/32'] }, { equals: 'Succeeded' }],
  })
  t.match(made.steps[2]?.does, { kind: 'wait', seconds: 120 })
  const standard = aSnapshot({
    cluster: { ...natCluster, authorizedIPRanges: ['203.0.113.0/24'] },
    publicIps: [aPublicIp({ id: OWN, address: '20.4.0.1' })],
  })
  const back = planFor(standard, { outboundType: 'loadBalancer', loadBalancer: { outboundIpIds: [OWN] } })
  t.match(back.steps[1], { key: 'widen-authorized-ranges', does: { apiVersion: '2026-05-01' } })
})

t.test('the read-back expects the type, the count and the SKU that were asked for', async (t) => {
  const expects = (target: RequestedTarget) =>
    planFor(aSnapshot(), target).steps.find((step) => step.key === 'verify')?.expects
  const reached = { path: '/properties/provisioningState', equals: 'Succeeded' }
  t.strictSame(expects({ outboundType: 'managedNATGatewayV2', natGateway: { managedOutboundIpCount: 3 } }), [
    reached,
    { path: `${NETWORK_PROFILE}/outboundType`, equals: 'managedNATGateway' },
    { path: `${NAT}/sku`, equals: 'StandardV2' },
    { path: `${NAT}/managedOutboundIPProfile/count`, equals: 3 },
  ])
  t.strictSame(
    expects({ outboundType: 'loadBalancer', loadBalancer: { managedOutboundIpCount: 3 } })?.at(-1),
    {
      path: `${BALANCER}/managedOutboundIPs/count`,
      equals: 3,
    },
  )
  t.strictSame(expects({ outboundType: 'none' }), [
    reached,
    { path: `${NETWORK_PROFILE}/outboundType`, equals: 'none' },
  ])
})

t.test('each step states how to undo it, or that it is irreversible', async (t) => {
  const undoOf = (cluster: Partial<ClusterFacts>, target: RequestedTarget['outboundType']) =>
    planFor(aSnapshot({ cluster }), target).steps.find((step) => step.key === 'change-outbound-type')?.undo
  t.match(
    undoOf({}, 'managedNATGatewayV2'),
    /^Cannot be undone: .* The released addresses cannot be recovered\.$/,
  )
  t.match(
    undoOf({}, 'managedNATGateway'),
    /^No automatic rollback: sources disagree on whether AKS supports the change back to loadBalancer/,
  )
  t.equal(
    undoOf({}, 'none'),
    'Execute a rollback plan to loadBalancer. The released addresses cannot be recovered.',
  )
  for (const step of planFor(aSnapshot(), 'managedNATGateway').steps) t.match(step.undo, /\.$/)
})

t.test('the rollback uses the recorded former profile and not the defaults', async (t) => {
  const profile = aLoadBalancerProfile({
    managedOutboundIpCount: 3,
    allocatedOutboundPorts: 512,
    idleTimeoutInMinutes: 10,
  })
  const out = planFor(aSnapshot({ cluster: { loadBalancerProfile: profile } }), 'none')
  t.strictSame(out.rollback.target, {
    outboundType: 'loadBalancer',
    loadBalancer: { managedOutboundIpCount: 3, allocatedOutboundPorts: 512, idleTimeoutInMinutes: 10 },
  })
  t.match(out.rollback, { supported: true, support: 'supported', routes: [] })
  t.strictSame(out.rollback.lost, [
    'A rollback does not restore 20.1.0.1: AKS creates new addresses instead.',
  ])
  const own = aLoadBalancerProfile({
    managedOutboundIpCount: null,
    outboundIpIds: [OWN],
    effectiveOutboundIpIds: [OWN],
  })
  const withOwn = aSnapshot({
    cluster: { loadBalancerProfile: own },
    publicIps: [aPublicIp({ id: OWN, address: '20.4.0.1' })],
  })
  t.match(planFor(withOwn, 'none').rollback, { target: { loadBalancer: { outboundIpIds: [OWN] } }, lost: [] })
  const back = planFor(
    aSnapshot({ cluster: { outboundType: 'none', loadBalancerProfile: null } }),
    out.rollback.target ?? 'none',
  )
  t.match(back.to, {
    loadBalancer: { managedOutboundIpCount: 3, allocatedOutboundPorts: 512, idleTimeoutInMinutes: 10 },
  })
})

t.test('a disputed rollback has a target but no support, and a missing one has neither', async (t) => {
  t.match(planFor(aSnapshot(), 'managedNATGateway').rollback, {
    supported: false,
    support: 'disputed',
    target: { outboundType: 'loadBalancer' },
    routes: [
      ['managedNATGateway', 'none', 'loadBalancer'],
      ['managedNATGateway', 'block', 'loadBalancer'],
    ],
  })
  const v2 = planFor(aSnapshot(), 'managedNATGatewayV2')
  t.match(v2.rollback, { supported: false, support: 'unsupported', target: null, routes: [] })
  t.ok(codesOf(v2, 'acknowledge').includes('NO_WAY_BACK'))
})

t.test('missing parameters come from the cluster, then from the defaults of ARM', async (t) => {
  const to = (cluster: Partial<ClusterFacts>, target: RequestedTarget) =>
    planFor(aSnapshot({ cluster }), target).to
  t.match(
    to(
      { ipFamilies: ['IPv4', 'IPv6'], outboundType: 'none', loadBalancerProfile: null },
      { outboundType: 'loadBalancer' },
    ),
    {
      loadBalancer: {
        managedOutboundIpCount: 1,
        managedOutboundIpv6Count: 1,
        allocatedOutboundPorts: 0,
        idleTimeoutInMinutes: 30,
      },
    },
  )
  t.match(to({}, { outboundType: 'managedNATGateway' }), {
    natGateway: {
      sku: 'Standard',
      managedOutboundIpCount: 1,
      managedOutboundIpv6Count: null,
      idleTimeoutInMinutes: 4,
    },
  })
  t.match(to(natCluster, { outboundType: 'managedNATGateway', natGateway: { idleTimeoutInMinutes: 30 } }), {
    natGateway: { managedOutboundIpCount: 1, idleTimeoutInMinutes: 30 },
  })
  const own = aLoadBalancerProfile({ managedOutboundIpCount: null, outboundIpIds: [OWN] })
  t.match(
    to(
      { loadBalancerProfile: own },
      { outboundType: 'loadBalancer', loadBalancer: { idleTimeoutInMinutes: 5 } },
    ),
    {
      loadBalancer: { outboundIpIds: [OWN], managedOutboundIpCount: null, managedOutboundIpv6Count: null },
    },
  )
  t.match(
    to(
      { loadBalancerProfile: own },
      { outboundType: 'loadBalancer', loadBalancer: { managedOutboundIpCount: 2 } },
    ),
    {
      loadBalancer: { outboundIpIds: [], managedOutboundIpCount: 2 },
    },
  )
})

t.test('no write removes the backend pool type that a load balancer of SKU service requires', async (t) => {
  const clusterOf = (loadBalancerSku: string, backendPoolType: string): Partial<ClusterFacts> => ({
    outboundType: 'managedNATGateway',
    natGatewayProfile: aNatGatewayProfile({ sku: 'StandardV2' }),
    loadBalancerSku,
    loadBalancerProfile: aLoadBalancerProfile({
      managedOutboundIpCount: null,
      effectiveOutboundIpIds: [],
      backendPoolType,
    }),
  })
  const target: RequestedTarget = {
    outboundType: 'managedNATGatewayV2',
    natGateway: { managedOutboundIpCount: 5 },
  }
  const changed = (sku: string, type: string, given: Parameters<typeof planFor>[2] = {}) => {
    const plan = planFor(
      aSnapshot({ cluster: clusterOf(sku, type) }),
      given.reconcile ? target.outboundType : target,
      given,
    )
    const writes = plan.steps.flatMap(({ does, undoes }) => [does, ...undoes])
    const paths = writes.flatMap((does) =>
      does.kind === 'updateCluster' ? does.changes.map(({ path }) => path) : [],
    )
    const balancer = JSON.stringify(plan.handoff?.arm)
    return [paths.some((path) => path.startsWith(BALANCER)), /"loadBalancerProfile":null/.test(balancer)]
  }
  t.strictSame(changed('service', 'PodIP'), [false, false])
  t.strictSame(changed('standard', 'podIP'), [false, false], 'an API version that does not show the SKU')
  t.strictSame(changed('standard', 'NodeIP'), [true, true], 'AKS keeps other types of backend pools')
  t.equal(changed('service', 'PodIP', { reconcile: true })[0], false, 'a reconcile')
})
