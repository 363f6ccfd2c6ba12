import t from 'tap'
import { actualAddresses } from '../../../src/core/job/actual-addresses.ts'
import type { JobEvent } from '../../../src/core/job/events.ts'
import { foldEvents } from '../../../src/core/job/fold-events.ts'
import { buildIpChangesReport } from '../../../src/reports/plan/ip-changes.ts'
import { markdownReport } from '../../../src/reports/plan-report.ts'
import { aLoadBalancerProfile, aNatGatewayProfile, aSnapshot } from '../../support/a-cluster.ts'
import { planFor } from '../../support/a-plan.ts'
import { sectionOf } from '../support/markup.ts'

/** A change to a managed NAT gateway that has failed midway. */
const PLAN = planFor(
  aSnapshot({
    cluster: {
      provisioningState: 'Failed',
      outboundType: 'managedNATGateway',
      loadBalancerProfile: aLoadBalancerProfile(),
      natGatewayProfile: aNatGatewayProfile({ managedOutboundIpCount: 2, effectiveOutboundIpIds: [] }),
      authorizedIPRanges: ['20.1.0.1/32'],
    },
  }),
  'managedNATGateway',
  { reconcile: true },
)
const REPORT = markdownReport(PLAN)

t.test('the report of a reconcile is never milder than its acknowledgement', async (t) => {
  t.match(
    PLAN.findings.find(({ code }) => code === 'RECONCILE_COMPLETES_CHANGE')?.message,
    /moves traffic, creates addresses and permanently releases 20\.1\.0\.1; nodes have no access/,
  )
  const summary = sectionOf(REPORT, 'In short')
  t.match(summary, /1 \(permanently\), .*2 \(unknown at plan time\)/)
  t.match(summary, /Open connections:\*\* dropped at the cutover/)
  t.match(summary, /Nodes are denied access from the cutover until the ranges contain the 2 new addresses/)
  t.match(summary, /The job adds these addresses as soon as it has discovered them/)
  t.match(summary, /Rollback:\*\* uncertain/)
  t.notMatch(summary, /changes nothing|none are known/)
  t.match(sectionOf(REPORT, 'Public IP changes'), /`20\.1\.0\.1\/32` \| .*Removed .* remove/i)
  t.notMatch(
    sectionOf(REPORT, 'Allow lists of other resources'),
    /so you do not need to change an allow list/,
  )
  t.notMatch(REPORT, /with new parameters/)
  t.match(REPORT, /^# Egress of demo: reconcile, which completes the change to managedNATGateway/m)
})

t.test('a reconcile that completes nothing does not claim a rollback or a move', async (t) => {
  const plan = planFor(aSnapshot({ cluster: { provisioningState: 'Failed' } }), 'loadBalancer', {
    reconcile: true,
  })
  const summary = sectionOf(markdownReport(plan), 'In short')
  t.match(summary, /Rollback:\*\* not applicable, because the reconcile keeps the settings of the cluster/)
  t.match(summary, /Open connections:\*\* not affected/)
})

t.test('the job of a reconcile tells firewalls which address to remove', async (t) => {
  const at = '2026-09-01T00:00:00.000Z'
  const egressIps = ['20.7.7.1', '20.7.7.2'].map((address) => ({
    address,
    family: 'IPv4' as const,
    resourceId: null,
  }))
  const events = [
    { type: 'accepted', at, by: 'tester', reason: null, acknowledge: [] },
    { type: 'stepStarted', at, step: 'reconcile-cluster' },
    { type: 'writeIntended', at, step: 'reconcile-cluster', etag: null, changes: [] },
    { type: 'stepSucceeded', at, step: 'reconcile-cluster', observed: null },
    { type: 'stepStarted', at, step: 'discover-egress-ips' },
    { type: 'stepSucceeded', at, step: 'discover-egress-ips', observed: { egressIps } },
  ] as JobEvent[]
  const adviceAfter = (log: JobEvent[]) =>
    buildIpChangesReport({ ...PLAN, ...actualAddresses(PLAN, foldEvents(PLAN, log)) }).items.map(
      ({ address, advice }) => `${address} ${advice}`,
    )
  t.strictSame(adviceAfter(events.slice(0, 4)), [
    '20.1.0.1 checkAfter',
    'null allowWhenKnown',
    'null allowWhenKnown',
  ])
  t.strictSame(adviceAfter(events), ['20.1.0.1 removeNow', '20.7.7.1 allowNow', '20.7.7.2 allowNow'])
})
