import fc from 'fast-check'
import t from 'tap'
import { markdownReport } from '../../../src/reports/plan-report.ts'
import { planFor } from '../../support/a-plan.ts'
import { arbitrarySnapshot } from '../../support/arbitrary-snapshot.ts'
import { propertyRuns } from '../../support/property-runs.ts'
import { clusterWith, natCluster, onUserGateway } from '../../support/rule-cases.ts'
import { testTopic } from '../../support/test-topic.ts'
import { CASES } from './reconcile-cases.ts'

testTopic('reconcile', CASES)

const reconcile = { reconcile: true } as const

t.test('a failed or canceled cluster can be reconciled, and a stopped one cannot', async (t) => {
  for (const provisioningState of ['Failed', 'Canceled', 'Succeeded'])
    t.equal(planFor(clusterWith({ provisioningState }), 'managedNATGateway', reconcile).status, 'applicable')
  const stopped = clusterWith({ provisioningState: 'Failed', powerState: 'Stopped' })
  t.equal(planFor(stopped, 'managedNATGateway', reconcile).status, 'blocked')
})

t.test(
  'shows the state of an interrupted change and authorizes the addresses that AKS creates',
  async (t) => {
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
  },
)

t.test('removes the profile of the former type, which AKS rejects beside some types', async (t) => {
  const left = clusterWith({ provisioningState: 'Failed', outboundType: 'userDefinedRouting' })
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

t.test('lists the addresses that the reconcile releases and creates', async (t) => {
  const cluster = {
    provisioningState: 'Failed',
    ...natCluster,
    natGatewayProfile: null,
    loadBalancerProfile: clusterWith({}).cluster.loadBalancerProfile,
    authorizedIPRanges: ['203.0.113.0/24'],
  }
  const plan = planFor(clusterWith(cluster), 'loadBalancer', reconcile)
  t.match(
    plan.egressIps.map(({ address, change }) => [address, change]),
    [
      [null, 'added'],
      ['20.1.0.1', 'lost'],
    ],
  )
  t.equal(plan.egressIps.at(-1)?.recoverable, false)
  const report = markdownReport(plan)
  t.match(report, /Public egress addresses:\*\* − removed 1 \(permanently\), \+ added 1/)
  t.match(report, /Nodes are denied access from the cutover until the ranges contain the new addresses/)
  t.notMatch(report, /removes no address|changes nothing|with new parameters/)
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
