import fc from 'fast-check'
import t from 'tap'
import type { LoadBalancerProfileFacts, Snapshot } from '../../../src/core/snapshot/snapshot.ts'
import {
  aByoSnapshot,
  aLoadBalancerProfile,
  aNatGatewayProfile,
  aPublicIp,
  aSnapshot,
} from '../../support/a-cluster.ts'
import { planFor } from '../../support/a-plan.ts'
import { arbitrarySnapshot } from '../../support/arbitrary-snapshot.ts'
import { OWN_IP, onGateway } from '../../support/own-network.ts'
import { propertyRuns } from '../../support/property-runs.ts'
import { clusterWith, natCluster, natIp, onUserGateway } from '../../support/rule-cases.ts'
import { testTopic } from '../../support/test-topic.ts'
import { CASES } from './reconcile-cases.ts'

testTopic('reconcile', CASES)

const reconcile = { reconcile: true } as const
const OLD_IP = aPublicIp({ id: aLoadBalancerProfile().effectiveOutboundIpIds[0] ?? '', address: '20.1.0.1' })

t.test('a failed or canceled cluster can be reconciled, and a stopped one cannot', async (t) => {
  for (const provisioningState of ['Failed', 'Canceled', 'Succeeded'])
    t.equal(planFor(clusterWith({ provisioningState }), 'managedNATGateway', reconcile).status, 'applicable')
  const stopped = clusterWith({ provisioningState: 'Failed', powerState: 'Stopped' })
  t.equal(planFor(stopped, 'managedNATGateway', reconcile).status, 'blocked')
})

t.test('shows what an interrupted change has left, and authorizes what AKS creates', async (t) => {
  const ranges = { authorizedIPRanges: ['203.0.113.0/24'] }
  const rows = [
    ['nothing is visible', {}, ['reconcile-cluster'], null],
    [
      'a gateway without addresses',
      { ...natCluster, natGatewayProfile: null },
      ['reconcile-cluster', 'authorize-discovered-ips'],
      'reconcile-cluster',
    ],
    ['a gateway of the customer', onUserGateway, ['reconcile-cluster'], null],
  ] as const
  for (const [name, cluster, writes, cutOver] of rows) {
    const plan = planFor(
      clusterWith({ provisioningState: 'Failed', ...ranges, ...cluster }),
      'loadBalancer',
      reconcile,
    )
    const keys = plan.steps.flatMap(({ key, does }) => (does.kind === 'updateCluster' ? [key] : []))
    t.strictSame(keys, writes, name)
    t.equal(plan.cutOver.step, cutOver, name)
    t.equal(plan.disruption.movesTraffic, cutOver !== null, name)
    t.equal(plan.request.outboundType, plan.from.outboundType, name)
  }
})

t.test('removes the profile of the former type, which AKS rejects beside some types', async (t) => {
  const left = clusterWith({
    provisioningState: 'Failed',
    outboundType: 'userDefinedRouting',
    loadBalancerProfile: aLoadBalancerProfile(),
  })
  const plan = planFor(left, 'loadBalancer', reconcile)
  t.match(plan.steps.find(({ key }) => key === 'reconcile-cluster')?.does, {
    changes: [{ op: 'remove', path: '/properties/networkProfile/loadBalancerProfile' }],
  })
  t.match(
    plan.findings.find(({ code }) => code === 'RECONCILE_COMPLETES_CHANGE'),
    {
      facts: { releases: ['20.1.0.1'] },
    },
  )
})

t.test('an interrupted change whose gateway is attached already moves no traffic in any part', async (t) => {
  const { cluster, ...network } = aByoSnapshot(...onGateway)
  const left = { ...cluster, provisioningState: 'Failed', outboundType: 'userAssignedNATGateway' as const }
  const interrupted = { ...network, cluster: left }
  const plan = planFor(interrupted, 'userAssignedNATGateway', reconcile)
  const messageOf = (of: typeof plan, code: string) => of.findings.find((item) => item.code === code)?.message
  t.equal(messageOf(plan, 'EFFECTIVE_DIFFERS_FROM_DECLARED'), undefined)
  t.match(
    messageOf(plan, 'RECONCILE_COMPLETES_CHANGE'),
    /: AKS permanently releases 20\.1\.0\.1, and traffic is expected to keep its path\.$/,
  )
  t.match(plan.cutOver, { step: null, because: /^Packets keep their paths and source addresses/ })
  t.match(plan.disruption, { movesTraffic: false, downtime: /^Packets keep their path/ })
  t.match(
    messageOf(planFor(interrupted, 'userDefinedRouting'), 'CHANGE_INTERRUPTED'),
    /but traffic has the same egress path with both outbound types\.$/,
  )
})

t.test('completing a change may move traffic while both outbound types still have addresses', async (t) => {
  const cluster = {
    ...{ outboundType: 'managedNATGateway', provisioningState: 'Failed' },
    loadBalancerProfile: aLoadBalancerProfile(),
    natGatewayProfile: aNatGatewayProfile({ effectiveOutboundIpIds: [natIp.id] }),
  }
  const plan = planFor(aSnapshot({ cluster, publicIps: [natIp, OLD_IP] }), 'managedNATGateway', reconcile)
  t.match(plan.cutOver, { step: 'reconcile-cluster', because: /^AKS may move traffic/ })
  t.match(plan.disruption, { movesTraffic: true })
})

const NEW_IP = aPublicIp({ id: OWN_IP, address: '20.4.0.1' })
const balancerWith = (given: Partial<LoadBalancerProfileFacts>) => ({
  loadBalancerProfile: aLoadBalancerProfile(given),
})

/** Each kind of change that can fail midway: what AKS shows, the address rows, and the type that a rollback restores. */
const INTERRUPTED: [name: string, snapshot: Snapshot, rows: string[], rollbackTo: string | null][] = [
  [
    'from the load balancer to a managed NAT gateway',
    aSnapshot({
      cluster: {
        outboundType: 'managedNATGateway',
        loadBalancerProfile: aLoadBalancerProfile(),
        natGatewayProfile: aNatGatewayProfile({ managedOutboundIpCount: 2, effectiveOutboundIpIds: [] }),
      },
    }),
    ['lost 20.1.0.1', 'added ?', 'added ?'],
    'loadBalancer',
  ],
  [
    'from a managed NAT gateway to the load balancer',
    aSnapshot({
      cluster: {
        outboundType: 'loadBalancer',
        natGatewayProfile: aNatGatewayProfile(),
        ...balancerWith({ effectiveOutboundIpIds: [] }),
      },
      publicIps: [natIp],
    }),
    ['lost 20.2.0.1', 'added ?'],
    'managedNATGateway',
  ],
  [
    'from the load balancer to isolation',
    aSnapshot({ cluster: { outboundType: 'none', loadBalancerProfile: aLoadBalancerProfile() } }),
    ['lost 20.1.0.1'],
    'loadBalancer',
  ],
  [
    'to more addresses',
    aSnapshot({ cluster: balancerWith({ managedOutboundIpCount: 3 }) }),
    ['kept 20.1.0.1', 'added ?', 'added ?'],
    null,
  ],
  [
    'from managed to customer-provided addresses',
    aSnapshot({
      cluster: balancerWith({ managedOutboundIpCount: null, outboundIpIds: [OWN_IP] }),
      publicIps: [OLD_IP, NEW_IP],
    }),
    ['lost 20.1.0.1', 'added 20.4.0.1'],
    null,
  ],
]

t.test('counts the addresses of an interrupted change as those of any change', async (t) => {
  for (const [name, snapshot, rows, rollbackTo] of INTERRUPTED) {
    const failed = { ...snapshot, cluster: { ...snapshot.cluster, provisioningState: 'Failed' } }
    const plan = planFor(failed, 'loadBalancer', {
      ...reconcile,
      consumers: [{ name: 'bank', addresses: [] }],
    })
    t.match(plan, { status: 'applicable', cutOver: { step: 'reconcile-cluster' } }, name)
    t.strictSame(
      plan.egressIps.map(({ change, address }) => `${change} ${address ?? '?'}`),
      rows,
      name,
    )
    t.equal(plan.rollback.target?.outboundType ?? null, rollbackTo, name)
    const lost = plan.egressIps.flatMap(({ change, address }) => (change === 'lost' ? (address ?? []) : []))
    t.strictSame(plan.allowLists.consumers[0]?.drop, lost, name)
    const isLost = plan.acknowledgementsRequired.includes('EGRESS_IP_LOST')
    t.equal(isLost, lost.length > 0, name)
  }
})

t.test('changes no egress setting of any cluster', async (t) => {
  fc.assert(
    fc.property(arbitrarySnapshot, (snapshot) => {
      const plan = planFor(snapshot, 'managedNATGateway', reconcile)
      const writes = plan.steps.flatMap(({ key, does }) =>
        does.kind === 'updateCluster' ? [{ key, does }] : [],
      )
      for (const { key, does } of writes) {
        if (!['reconcile-cluster', 'authorize-discovered-ips'].includes(key)) throw new Error(key)
        for (const change of does.changes) if (change.op === 'set') throw new Error(`${change.path} is set`)
      }
      if (plan.status === 'noChange') throw new Error('no change')
    }),
    { numRuns: propertyRuns() },
  )
  t.pass()
})
