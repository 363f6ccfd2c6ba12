import t from 'tap'
import { buildRollbackRequest } from '../../../src/planning/requests/rollback-request.ts'
import { planFor } from '../../support/a-plan.ts'
import { startDemo } from '../../support/demo.ts'

const JOB = '01990000-0000-7000-8000-00000000000b'

t.test('requests the former egress that the plan recorded', async (t) => {
  const demo = await startDemo(t)
  const plan = planFor(await demo.takeSnapshot(demo.ref('lb-own-ips')), 'managedNATGateway')
  t.ok((plan.from.loadBalancer?.outboundIpIds.length ?? 0) > 0, 'there are own addresses to come back to')
  const request = buildRollbackRequest(JOB, plan, true)
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
  t.throws(() => buildRollbackRequest(JOB, plan, true), {
    code: 'ROLLBACK_NOT_AVAILABLE',
    facts: { jobId: JOB, reason, support: plan.rollback.support },
  })
})

t.test('rejects a rollback while the job does not offer it', async (t) => {
  const demo = await startDemo(t)
  const plan = planFor(await demo.takeSnapshot(demo.ref('nat-byo')), 'loadBalancer')
  t.doesNotThrow(() => buildRollbackRequest(JOB, plan, true))
  t.throws(() => buildRollbackRequest(JOB, plan, false), {
    code: 'ROLLBACK_NOT_AVAILABLE',
    facts: { jobId: JOB },
  })
})
