import t from 'tap'
import type { Job, JobStep } from '../../../src/contract/job.ts'
import type { Plan } from '../../../src/contract/plan.ts'
import { buildCleanupRequest } from '../../../src/planning/requests/follow-up-requests.ts'
import { planFor } from '../../support/a-plan.ts'
import { startDemo } from '../../support/demo.ts'

/** A job of the plan that failed before its switch. `attempts`: how often each of its first steps was written. */
function failed(plan: Plan, attempts: Record<string, number>): Job {
  const steps = plan.steps.map(({ key }) => {
    const isDone = attempts[key] !== undefined
    return { key, status: isDone ? 'Succeeded' : 'Skipped', attempts: attempts[key] ?? 0 } as JobStep
  })
  const preparedAddresses = plan.authorizedRanges.addPrepared.map((resourceId) => ({
    resourceId,
    address: '20.9.9.8/30',
  }))
  const actions = { cleanUpPlan: true }
  return { id: 'a-job', status: 'Failed', steps, preparedAddresses, actions } as unknown as Job
}

t.test('deletes the resources of the job, but no resources that existed before', async (t) => {
  const demo = await startDemo(t)
  const plan = planFor(await demo.takeSnapshot(demo.ref('lb-byo')), 'userAssignedNATGateway', {
    prepare: { natGateway: {}, publicIps: { count: 1 } },
  })
  const [address = '', gateway = ''] = plan.steps.flatMap(({ does }) =>
    does.kind === 'putResource' && does.body !== null ? [does.id] : [],
  )
  const deleted = (attempts: Record<string, number>) =>
    buildCleanupRequest(failed(plan, attempts), plan).cleanUp?.delete
  t.strictSame(deleted({ 'prepare-public-ip-1': 1, 'prepare-nat-gateway': 2 }), [gateway, address])
  t.strictSame(deleted({ 'prepare-public-ip-1': 0, 'prepare-nat-gateway': 1 }), [gateway])
})

t.test('removes the addresses of the job from the ranges if the job added them', async (t) => {
  const demo = await startDemo(t)
  const plan = planFor(await demo.takeSnapshot(demo.ref('lb-managed-ranges')), 'loadBalancer', {
    prepare: { publicIpPrefix: { length: 30 } },
  })
  t.equal(plan.authorizedRanges.addPrepared.length, 1)
  const narrowed = (attempts: number) => {
    const job = failed(plan, { 'prepare-public-ip-prefix': 1, 'widen-authorized-ranges': attempts })
    return buildCleanupRequest(job, plan).cleanUp?.narrow
  }
  t.strictSame(narrowed(1), [...plan.authorizedRanges.add, '20.9.9.8/30'])
  t.strictSame(narrowed(0), [])
})

t.test('names the attachments of the job as it wrote them', async (t) => {
  const demo = await startDemo(t)
  const asked = async (cluster: string, target: 'userAssignedNATGateway' | 'userDefinedRouting') => {
    const nextHop = { nextHopType: 'VirtualAppliance', nextHopIpAddress: '10.250.0.4' } as const
    const prepare = target === 'userDefinedRouting' ? { defaultRoute: nextHop } : { natGateway: {} }
    const plan = planFor(await demo.takeSnapshot(demo.ref(cluster)), target, { prepare })
    const prepared = plan.steps.filter(({ key }) => key.startsWith('prepare-'))
    return buildCleanupRequest(failed(plan, Object.fromEntries(prepared.map(({ key }) => [key, 1]))), plan)
      .cleanUp
  }
  const route = {
    addressPrefix: '0.0.0.0/0',
    nextHopType: 'VirtualAppliance',
    nextHopIpAddress: '10.250.0.4',
  }
  const gateway = await asked('lb-byo', 'userAssignedNATGateway')
  t.match(gateway?.attachments, [{ kind: 'natGateway', subnetId: /\/subnets\/nodes$/, gatewayId: /egress$/ }])
  t.strictSame(gateway?.detach, false, "what others have attached since is not the job's")
  const table = await asked('lb-byo', 'userDefinedRouting')
  t.match(table?.attachments, [{ kind: 'routeTable', tableId: /routeTables/, routes: [route] }])
  t.strictSame(table?.delete.length, 1, 'the table')
  const made = await asked('kubenet-byo', 'userDefinedRouting')
  t.match(made?.attachments, [
    { kind: 'defaultRoute', route: { name: 'default-egress', ...route }, isMade: true },
  ])
  t.strictSame(made?.delete, [], 'a route goes with what leads the packets, not with what lies about')
  const led = await asked('lb-byo-udr-internet', 'userDefinedRouting')
  t.match(led?.attachments, [{ kind: 'defaultRoute', route, isMade: false }])
})

t.test('names what Azure accepted from a failed step, and nothing that Azure rejected', async (t) => {
  const demo = await startDemo(t)
  const plan = planFor(await demo.takeSnapshot(demo.ref('lb-byo')), 'userAssignedNATGateway', {
    prepare: { natGateway: {} },
  })
  const attachmentsAfter = (code: string, attempts = 1) => {
    const job = failed(plan, { 'prepare-public-ip-1': 1, 'prepare-nat-gateway': 1 })
    const step = 'prepare-subnet-1'
    const steps = job.steps.map((row) =>
      row.key === step ? { ...row, status: 'Failed', attempts } : row,
    ) as JobStep[]
    return buildCleanupRequest({ ...job, steps, error: { code, step } } as unknown as Job, plan).cleanUp
      ?.attachments
  }
  for (const code of ['ARM_OPERATION_FAILED', 'OPERATION_TIMED_OUT', 'TARGET_NOT_REACHED'])
    t.match(attachmentsAfter(code), [{ kind: 'natGateway', subnetId: /nodes$/ }], code)
  for (const code of ['ARM_REFUSED', 'ARM_ACCESS_DENIED']) t.strictSame(attachmentsAfter(code), [], code)
  t.strictSame(attachmentsAfter('ARM_OPERATION_FAILED', 0), [], 'nothing was sent')
})

t.test('after a success, keeps the resources of the job unless the type has changed since', async (t) => {
  const demo = await startDemo(t)
  const plan = planFor(await demo.takeSnapshot(demo.ref('lb-byo')), 'userAssignedNATGateway', {
    prepare: { natGateway: {} },
  })
  const prepared = plan.steps.filter(({ key }) => key.startsWith('prepare-'))
  const job = failed(plan, Object.fromEntries(prepared.map(({ key }) => [key, 1])))
  const request = buildCleanupRequest({ ...job, status: 'Succeeded' }, plan)
  t.equal(request.target.outboundType, 'userAssignedNATGateway')
  t.match(request.cleanUp, { detach: true, delete: [], attachments: [] })
  t.match(request.cleanUp?.jobResources, {
    delete: [/natGateways/, /publicIPAddresses/],
    attachments: [{ kind: 'natGateway' }],
  })
})
