import t from 'tap'
import type { Job } from '../../../src/contract/job.ts'
import type { Plan } from '../../../src/contract/plan.ts'
import { buildRollbackRequest } from '../../../src/planning/requests/follow-up-requests.ts'
import { aSnapshot } from '../../support/a-cluster.ts'
import { planFor } from '../../support/a-plan.ts'
import { startDemo } from '../../support/demo.ts'

const JOB = '01990000-0000-7000-8000-00000000000b'
const aJob = (actions = { rollbackPlan: true }, before: object[] | null = null) =>
  ({ id: JOB, actions, nodeVerification: { before } }) as unknown as Job

t.test('requests the former egress that the plan recorded', async (t) => {
  const demo = await startDemo(t)
  const plan = planFor(await demo.takeSnapshot(demo.ref('lb-own-ips')), 'managedNATGateway')
  t.ok((plan.from.loadBalancer?.outboundIpIds.length ?? 0) > 0, 'there are own addresses to come back to')
  const request = buildRollbackRequest(aJob(), plan)
  t.match(request, {
    cluster: demo.ref('lb-own-ips'),
    target: {
      outboundType: 'loadBalancer',
      loadBalancer: { outboundIpIds: plan.from.loadBalancer?.outboundIpIds },
    },
    authorizedRanges: 'widen',
  })
  t.match(request.reason, JOB)
  t.strictSame(Object.keys(request.cluster).sort(), ['name', 'resourceGroup', 'subscriptionId'])
})

t.test('rejects a rollback that no edition supports and names the alternatives', async (t) => {
  const demo = await startDemo(t)
  const plan = planFor(await demo.takeSnapshot(demo.ref('lb-managed')), 'managedNATGatewayV2')
  const reason = 'AKS does not support the change from managedNATGatewayV2 to loadBalancer'
  const cause = 'unsupported'
  t.throws(() => buildRollbackRequest(aJob(), plan), {
    code: 'ROLLBACK_NOT_AVAILABLE',
    facts: { jobId: JOB, cause, reason, support: plan.rollback.support },
  })
})

t.test('a plan that keeps the outbound type has no rollback for a different reason', async (t) => {
  const demo = await startDemo(t)
  const snapshot = await demo.takeSnapshot(demo.ref('lb-managed'))
  const cleanUp = planFor(snapshot, 'loadBalancer', { cleanUp: { detach: true, narrow: [], delete: [] } })
  const unchanged = planFor(snapshot, 'loadBalancer')
  for (const [plan, cause] of [
    [cleanUp, 'cleanup'],
    [unchanged, 'typeKept'],
  ] as const)
    t.throws(() => buildRollbackRequest(aJob(), plan), {
      code: 'ROLLBACK_NOT_AVAILABLE',
      facts: { cause, support: null },
    })
})

t.test('rejects a rollback while the job does not offer it', async (t) => {
  const demo = await startDemo(t)
  const plan = planFor(await demo.takeSnapshot(demo.ref('nat-byo')), 'loadBalancer')
  t.doesNotThrow(() => buildRollbackRequest(aJob(), plan))
  t.throws(() => buildRollbackRequest(aJob({ rollbackPlan: false }), plan), {
    code: 'ROLLBACK_NOT_AVAILABLE',
    facts: { jobId: JOB, cause: 'notEnded', reason: 'the job has not ended' },
  })
  const ended = { ...aJob({ rollbackPlan: false }), status: 'Failed' as const }
  t.throws(() => buildRollbackRequest(ended, plan), {
    code: 'ROLLBACK_NOT_AVAILABLE',
    facts: { cause: 'unchanged', reason: /^the job ended before it changed the outbound type/ },
  })
  const reverted = { ...aJob({ rollbackPlan: false }), rollback: { status: 'Succeeded' as const } }
  t.throws(() => buildRollbackRequest(reverted, plan), {
    code: 'ROLLBACK_NOT_AVAILABLE',
    facts: { jobId: JOB, reason: 'the job has already reverted its cutover' },
  })
})

t.test(
  'compares with the measurement of the job if a node was measured, and measures as the job did',
  async (t) => {
    const wish = {
      endpoints: ['https://a.example.com/'],
      maxNodes: 3,
      sourceAddressUrl: 'https://ip.example.com/',
    }
    const planned = (given: object) => planFor(aSnapshot(), 'managedNATGateway', given) as Plan
    const requested = (plan: Plan, status: string) =>
      buildRollbackRequest(aJob(undefined, [{ status }]), plan)
    t.match(requested(planned({ verifyFromNodes: wish }), 'completed'), {
      verifyFromNodes: wish,
      baselineJobId: JOB,
    })
    t.notOk('verifyFromNodes' in requested(planned({ verifyFromNodes: wish }), 'skipped'))
    t.notOk('verifyFromNodes' in requested(planned({}), 'completed'))
    // A rollback of the rollback leads to a path that was never measured.
    const rollback = planned({ verifyFromNodes: wish, baselineJobId: JOB })
    t.notOk('verifyFromNodes' in requested(rollback, 'completed'))
  },
)
