import t from 'tap'
import type { AddressAdvice } from '../../src/contract/egress.ts'
import type { Plan } from '../../src/contract/plan.ts'
import { markdownJobReport } from '../../src/reports/job/job-report.ts'
import { buildIpChangesReport } from '../../src/reports/plan/ip-changes.ts'
import { withOutcome } from '../../src/reports/plan/reported-plan.ts'
import { markdownReport } from '../../src/reports/plan-report.ts'
import { openEmptyDatabase, openMigrated } from '../support/databases.ts'
import { type AzureHarness, azureHarnesses, type Struck } from './support/azure-harness.ts'

const newRoom = await azureHarnesses(t, await openMigrated(openEmptyDatabase(t)))
const FAILED_CHANGE = {
  match: { method: 'PUT', pathPattern: '/managedClusters/', bodyContains: '"managedNATGateway"' },
  fault: { kind: 'failOperation' },
}

const changeOf = (room: AzureHarness) => room.plan('lb-own-ips', { outboundType: 'managedNATGateway' })

async function execute(room: AzureHarness, plan: Plan): Promise<string> {
  const { id } = await room.accept(plan)
  await room.run()
  return id
}

async function reportOf(room: AzureHarness, jobId: string) {
  const outcome = await room.jobs.getOutcome(jobId)
  const plan = await room.planning.getPlan(outcome.job.planId)
  const reported = withOutcome({ ...outcome.plan, status: plan.status }, outcome)
  const { items, ...rest } = buildIpChangesReport(reported)
  const advice = new Set<AddressAdvice>(items.map((item) => item.advice))
  return { ...rest, advice: [...advice].sort(), text: markdownJobReport(outcome) + markdownReport(reported) }
}

t.test(
  'a rollback supersedes the addresses of the change, and a reconcile that keeps them does not',
  async (t) => {
    const room = await newRoom()
    const id = await execute(room, await changeOf(room))
    const before = await reportOf(room, id)
    t.strictSame([before.advice, before.supersededBy], [['allowNow', 'removeNow'], undefined])
    t.strictSame(await room.jobs.getLaterVersions(id), [])
    await execute(room, await room.planning.makeReconcilePlan(id, 'tester'))
    t.equal((await reportOf(room, id)).supersededBy, undefined)
    const back = await execute(room, await room.planning.makeRollbackPlan(id, 'tester'))
    const { text, ...after } = await reportOf(room, id)
    t.match(after, { stage: 'confirmed', planStatus: 'executed', supersededBy: back, advice: ['checkAfter'] })
    t.strictSame(await room.jobs.getLaterVersions(id), [`${back}-Succeeded`])
    t.match(
      text,
      new RegExp(`Succeeded\\.\\*\\* .* After the later job \`${back}\`, the cluster uses other addresses`),
    )
    t.match(text, /Do not change firewalls or allow lists because of this report\./)
    t.notMatch(
      text,
      /allow now|remove now|add now|Remove these addresses|Allow these addresses|Unused resources|Node images:/,
    )
    await execute(room, await room.planning.makeReconcilePlan(back, 'tester'))
    t.equal((await reportOf(room, id)).supersededBy, back, 'the job that changed the addresses')
    t.strictSame((await room.jobs.getOutcome(back)).supersededBy, null)
  },
)

t.test(
  'a job that moved nothing keeps the addresses, and a job that moved traffic without reading them does not',
  async (t) => {
    const room = await newRoom()
    const first = await room.accept(await changeOf(room))
    await room.jobs.cancel(first.id, { by: 'tester' })
    await room.run()
    t.match(await reportOf(room, first.id), {
      planStatus: 'applicable',
      stage: 'confirmed',
      advice: ['keep'],
    })
    await room.strike([FAILED_CHANGE])
    const failed = await execute(room, await room.planning.getPlan(first.planId))
    const { text, ...rest } = await reportOf(room, first.id)
    t.match(rest, { planStatus: 'executed', supersededBy: failed, advice: ['checkAfter'] })
    t.match(
      text,
      new RegExp(`The later job \`${failed}\` started a step that can move traffic\\. That job failed\\.`),
    )
    t.notMatch(text, /the cluster uses the same addresses as before/)
  },
)

t.test('a rollback also supersedes the addresses that another job confirmed', async (t) => {
  const room = await newRoom()
  await room.strike([FAILED_CHANGE])
  const consumers = [{ name: 'Bank', addresses: ['9.9.9.9'] }]
  const target = { outboundType: 'managedNATGateway' } as const
  const failed = await execute(room, await room.plan('lb-own-ips', target, { consumers }))
  await room.demo.control('faults', undefined, 'DELETE')
  const reconciled = await execute(room, await room.planning.makeReconcilePlan(failed, 'tester'))
  const confirmed = await reportOf(room, failed)
  t.match(confirmed, { stage: 'confirmed', confirmedBy: reconciled, advice: ['allowNow', 'removeNow'] })
  t.equal(confirmed.supersededBy, undefined, 'the job that confirms the addresses')
  t.match(
    (await reportOf(room, reconciled)).text,
    /Node images: A node image upgrade is required on every node pool/,
  )
  const read = (await room.jobs.get(reconciled)).result?.egressIps.map(({ address }) => address) ?? []
  const rollback = await room.planning.makeRollbackPlan(failed, 'tester')
  t.match(
    rollback.allowLists.consumers,
    [{ addresses: ['9.9.9.9', ...read], drop: read }],
    'the reports of both jobs asked to add the addresses that the later job read',
  )
  const back = await execute(room, rollback)
  for (const id of [failed, reconciled])
    t.match(await reportOf(room, id), { supersededBy: back, advice: ['checkAfter'] }, id)
})

t.test('a cleanup detaches what an attachment that failed in Azure has left', async (t) => {
  const room = await newRoom()
  const match = { method: 'PUT', pathPattern: '/subnets/', bodyContains: 'natGateways' }
  await room.strike([{ match, fault: { kind: 'failOperation' } }])
  const target = { outboundType: 'userAssignedNATGateway' } as const
  const failed = await execute(room, await room.plan('lb-byo', target, { prepare: { natGateway: {} } }))
  await room.demo.control('faults', undefined, 'DELETE')
  const { warnings, error } = await room.jobs.get(failed)
  t.match(error, { code: 'ARM_OPERATION_FAILED', step: 'prepare-subnet-1' })
  t.match(warnings, [/To move traffic back, create a cleanup plan of this job/])
  const cleanup = await room.planning.makeCleanupPlan(failed, 'tester')
  t.match(cleanup, { status: 'applicable' })
  t.match(
    cleanup.steps.map(({ title }) => title).filter((title) => /^De(tach|lete)/.test(title)),
    [/^Detach NAT gateway .* from subnet nodes/, /^Delete ng-lb-byo-egress/, /^Delete pip-lb-byo/],
  )
  t.match(await room.jobs.get(await execute(room, cleanup)), { status: 'Succeeded' })
  t.match(await room.planning.makeCleanupPlan(failed, 'tester'), { status: 'noChange' })
})

t.test('the report of a job lists no leftovers that a later cleanup has removed', async (t) => {
  const room = await newRoom()
  const target = { outboundType: 'userAssignedNATGateway' } as const
  const prepare = { natGateway: {} }
  const plan = await room.plan('lb-byo', target, { prepare, consumers: [{ name: 'Bank' }] })
  const match = { method: 'PUT', pathPattern: '/subnets/', bodyContains: 'natGateways' }
  await room.strike([{ match, fault: { kind: 'status', status: 400 } as Struck['fault'] }])
  const id = await execute(room, plan)
  await room.demo.control('faults', undefined, 'DELETE')
  const before = (await reportOf(room, id)).text
  t.match(
    before,
    /Unused resources of this job: `pip-lb-byo-nat-egress-1`, `ng-lb-byo-egress`\. To remove them/,
  )
  t.match(
    before,
    /Remove these addresses from every allow list, unless you repeat the change with the same addresses/,
  )
  const created = (await room.jobs.get(id)).preparedAddresses.map(({ address }) => address)
  const wanted = await room.planning.makeCleanupPlan(id, 'tester')
  t.match(wanted, {
    egressIps: [{ change: 'kept' }, { change: 'lost', address: created[0], recoverable: false }],
    allowLists: { consumers: [{ name: 'Bank', drop: created, add: [] }] },
  })
  const cleanup = await execute(room, wanted)
  t.match(await room.jobs.get(cleanup), { status: 'Succeeded' })
  t.match(
    (await reportOf(room, cleanup)).text,
    `Remove these addresses from every allow list: \`${created}/32\`.`,
  )
  const { text, supersededBy } = await reportOf(room, id)
  t.equal(supersededBy, undefined)
  t.match(
    text,
    new RegExp(
      `The later job \`${cleanup}\` removed these leftovers: \`ng-lb-byo-egress\`, \`pip-lb-byo-nat-egress-1\`\\.`,
    ),
  )
  t.match(text, /Remove these addresses from every allow list: /)
  t.notMatch(text, /Unused resources|unless you repeat/)
  t.strictSame(await room.jobs.getLaterVersions(id), [`${cleanup}-2`])
  const own = (await reportOf(room, cleanup)).text
  t.match(own, /^# Job for lb-byo: cleanup of an earlier job$/m)
  t.match(
    own,
    /If your infrastructure as code contains parts that the job removed, delete them from the code\./,
  )
  t.notMatch(own, /the next run of your code reverts the change/)
})

t.test('finds the job that superseded the addresses behind any number of later jobs', async (t) => {
  const room = await newRoom()
  const id = await execute(room, await changeOf(room))
  const back = await execute(room, await room.planning.makeRollbackPlan(id, 'tester'))
  const plan = await changeOf(room)
  for (let count = 0; count < 21; count++) {
    const { id: canceled } = await room.accept(plan)
    await room.jobs.cancel(canceled, { by: 'tester' })
  }
  t.match(await reportOf(room, id), { supersededBy: back, advice: ['checkAfter'] })
})
