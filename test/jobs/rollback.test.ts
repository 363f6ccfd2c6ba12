import t from 'tap'
import type { Plan } from '../../src/contract/plan.ts'
import { DomainError } from '../../src/core/lib/errors.ts'
import { openEmptyDatabase, openMigrated } from '../support/databases.ts'
import { type AzureHarness, azureHarnesses } from './support/azure-harness.ts'
import { endedTruly, JobHarness, rangesOf } from './support/job-harness.ts'

const database = await openMigrated(openEmptyDatabase(t))

const FAILED = {
  status: 'failed',
  error: { code: 'CreateVMSSAgentPoolFailed', message: 'No egress.' },
} as const
const typeOf = (room: JobHarness) =>
  (room.arm.body.properties as { networkProfile: { outboundType: string } }).networkProfile.outboundType

t.test('reverts a failed change, and reports the original error', async (t) => {
  const room = new JobHarness(database, 'ranges')
  // The widening goes well, the switch does not.
  room.arm.endings.push({ status: 'succeeded' }, FAILED)
  const { id } = await room.accept(undefined, { onFailure: 'rollBack' })
  await room.run()
  const job = await endedTruly(t, room, id)
  t.match(job, {
    status: 'Failed',
    rollback: { status: 'Succeeded' },
    error: {
      code: 'ARM_OPERATION_FAILED',
      step: 'change-outbound-type',
      arm: { code: FAILED.error.code },
      remedy: /provisioning state of the cluster was Succeeded, so no reconcile plan is required/,
    },
    actions: { rollbackPlan: false },
  })
  t.strictSame(
    job.steps.filter(({ key }) => key.startsWith('undo-')).map(({ key, status }) => `${key} ${status}`),
    [
      'undo-change-outbound-type Succeeded',
      'undo-discover-egress-ips Succeeded',
      'undo-authorize-discovered-ips Skipped',
    ],
  )
  t.equal(typeOf(room), 'loadBalancer')
  t.ok(rangesOf(room.arm.body).length > 1, 'the ranges stay wide')
})

t.test('does not revert a failed change with onFailure stop', async (t) => {
  const room = new JobHarness(database, 'ranges')
  room.arm.endings.push({ status: 'succeeded' }, FAILED)
  const { id } = await room.accept()
  await room.run()
  const job = await endedTruly(t, room, id)
  t.match(job, { status: 'Failed', onFailure: 'stop', rollback: null })
  t.equal(room.arm.puts.length, 2)
})

t.test('does not revert a job that fails before traffic moves', async (t) => {
  const room = new JobHarness(database, 'ranges')
  room.arm.endings.push(FAILED)
  const { id } = await room.accept(undefined, { onFailure: 'rollBack' })
  await room.run()
  t.match(await endedTruly(t, room, id), { status: 'Failed', rollback: null })
  t.equal(room.arm.puts.length, 1)
})

t.test('reports both errors when the rollback fails, and ends the job', async (t) => {
  const room = new JobHarness(database, 'ranges')
  room.arm.endings.push({ status: 'succeeded' }, FAILED, FAILED)
  const { id } = await room.accept(undefined, { onFailure: 'rollBack' })
  await room.run()
  const job = await endedTruly(t, room, id)
  t.match(job, {
    status: 'Failed',
    rollback: { status: 'Failed' },
    error: { message: /The rollback failed too/ },
  })
  t.equal(room.arm.puts.length, 3)
})

t.test('completes the rollback after crashes', async (t) => {
  const room = new JobHarness(database, 'ranges')
  room.arm.endings.push({ status: 'succeeded' }, FAILED)
  const { id } = await room.accept(undefined, { onFailure: 'rollBack' })
  await room.run({ restarts: true })
  t.match(await endedTruly(t, room, id), { status: 'Failed', rollback: { status: 'Succeeded' } })
  t.equal(room.arm.puts.length, 3)
  t.equal(typeOf(room), 'loadBalancer')
})

t.test(
  'retries the rollback after an internal error, and fails the job when the error persists',
  async (t) => {
    for (const lasts of [1, 100]) {
      const room = new JobHarness(database, 'ranges')
      room.arm.endings.push({ status: 'succeeded' }, FAILED)
      const { id } = await room.accept(undefined, { onFailure: 'rollBack' })
      for (let nth = 5; nth < 5 + lasts; nth++)
        room.arm.at('pollOperation', nth, () => Promise.reject(new TypeError('secret is undefined')))
      await room.run()
      const log = JSON.stringify(await room.jobs.log(id, 0, 500))
      t.match(
        log,
        /"type":"rollbackStarted".*Internal error of this service/,
        'it occurred during the rollback',
      )
      t.notMatch(log, 'secret')
      const job = await room.jobs.get(id)
      t.match(job, { status: 'Failed', rollback: { status: lasts === 1 ? 'Succeeded' : 'Failed' } })
    }
  },
)

t.test(
  'rejects onFailure rollBack with ROLLBACK_NOT_AVAILABLE where the support matrix has no undisputed rollback',
  async (t) => {
    const room = new JobHarness(database, 'plain')
    const refusal = await room.accept(undefined, { onFailure: 'rollBack' }).then(
      () => null,
      (error: unknown) => error as DomainError,
    )
    t.type(refusal, DomainError)
    t.match(refusal, { code: 'ROLLBACK_NOT_AVAILABLE', pointers: ['/onFailure'] })
    t.equal(room.arm.puts.length, 0)
  },
)

const APPLIANCE = { nextHopType: 'VirtualAppliance', nextHopIpAddress: '10.250.0.4' } as const
const switchTo = (type: string) => ({
  method: 'PUT',
  pathPattern: '/managedClusters/[^/]+\\?',
  bodyContains: `"outboundType":"${type}"`,
})
const REFUSED = { kind: 'status', status: 400, code: 'Refused' }
const FORBIDDEN = { ...REFUSED, status: 403 }
const undone = (job: { steps: { key: string; status: string }[] }) =>
  job.steps.filter(({ key }) => key.startsWith('undo-')).map(({ key, status }) => `${key} ${status}`)
const deletions = (room: AzureHarness) =>
  room.asked.filter(({ method }) => method === 'DELETE').map(({ path }) => path.split('?')[0] ?? '')
const routed = (room: AzureHarness) =>
  room.plan('kubenet-byo', { outboundType: 'userDefinedRouting' }, { prepare: { defaultRoute: APPLIANCE } })

t.test('reverts traffic changes on the simulator', async (t) => {
  const aRoom = await azureHarnesses(t, database)

  t.test('deletes a default route that the job created', async (t) => {
    for (const fault of [{ kind: 'failOperation' }, REFUSED]) {
      const room = await aRoom()
      const { id } = await room.accept(await routed(room), { onFailure: 'rollBack' })
      await room.strike([{ match: switchTo('userDefinedRouting'), fault }])
      await room.run()
      const job = await room.jobs.get(id)
      t.match(job, { status: 'Failed', rollback: { status: 'Succeeded' } }, fault.kind)
      t.ok(undone(job).includes('undo-prepare-default-route-1 Succeeded'), fault.kind)
      // Resources whose change Azure rejected are unchanged and are not written back.
      t.equal(undone(job).includes('undo-change-outbound-type Succeeded'), fault !== REFUSED)
      t.equal(deletions(room).length, 1)
      t.match(deletions(room)[0], /\/routes\/default-egress$/)
      t.match(await room.planning.readEgress(job.cluster), { effective: 'loadBalancer' })
    }
  })

  t.test("keeps default routes when Azure rejected the job's route", async (t) => {
    const room = await aRoom()
    const { id } = await room.accept(await routed(room), { onFailure: 'rollBack' })
    await room.strike([{ match: { method: 'PUT', pathPattern: '/routes/' }, fault: REFUSED }])
    await room.run()
    t.match(await room.jobs.get(id), { status: 'Failed', rollback: null })
    t.strictSame(deletions(room), [])
  })

  t.test(
    'restores the former egress by a cleanup after a failure between the subnet change and the outbound type change',
    async (t) => {
      const room = await aRoom()
      const given = { prepare: { natGateway: {} } }
      const plan = await room.plan('lb-byo', { outboundType: 'userAssignedNATGateway' }, given)
      const change = await room.accept(plan)
      await room.strike([{ match: switchTo('userAssignedNATGateway'), fault: REFUSED }])
      await room.run()
      t.match(await room.jobs.get(change.id), { status: 'Failed', actions: { rollbackPlan: false } })
      t.match(await room.planning.readEgress(change.cluster), { effective: 'natGateway' })
      const cleanUp = (await room.planning.makeCleanupPlan(change.id, 'tester')) as Plan
      const { id } = await room.accept(cleanUp)
      await room.run()
      t.match(await room.jobs.get(id), { status: 'Succeeded' })
      t.match(await room.planning.readEgress(change.cluster), { effective: 'loadBalancer' })
      t.match(deletions(room), [/natGateways/, /publicIPAddresses/])
    },
  )

  t.test('recreates a route that a failed cleanup deleted', async (t) => {
    const room = await aRoom()
    const change = await room.accept(await room.plan('udr-byo', { outboundType: 'loadBalancer' }))
    await room.run()
    const cleanUp = (await room.planning.makeCleanupPlan(change.id, 'tester')) as Plan
    const { id } = await room.accept(cleanUp, { onFailure: 'rollBack' })
    // The resource is deleted, but the deletion cannot be verified without read permission.
    await room.strike([{ match: { method: 'GET', pathPattern: '/routes/', nth: 2 }, fault: FORBIDDEN }])
    await room.run()
    const job = await room.jobs.get(id)
    t.equal(deletions(room).length, 1)
    t.ok(undone(job).includes('undo-clean-up-detach-1 Succeeded'))
    t.match(await room.planning.readEgress(cleanUp.cluster), { effective: 'virtualAppliance' })
  })
})
