import t from 'tap'
import type { Plan } from '../../src/contract/plan.ts'
import type { Probe } from '../../src/contract/probe.ts'
import { type Given, openHarness, strike, verifiedChange } from './support/node-verification.ts'

const harness = await openHarness(t)
const changed = (given: Given) => verifiedChange(harness, given)

const edited = (pattern: string, replacement: string) => ({ kind: 'editOutput', pattern, replacement })

const NO_READINGS = edited('\\n\\d+\\|[\\s\\S]*(?=\\naks-egress-probe/1 end)', '')

for (const [what, fault, message] of [
  ['no readings', NO_READINGS, /no measurement of this endpoint/],
  [
    'a name that a DNS filter answers',
    edited('\\n1\\|.*', '\n1|7|000|0.0.0.0|0|0|'),
    /now returns 0\.0\.0\.0 for the name/,
  ],
] as const)
  t.test(`${what} after the cutover fails the job`, async (t) => {
    const lasting = await changed({
      wish: { maxNodes: 1 },
      rules: strike(2, 3, fault),
      onFailure: 'rollBack',
    })
    t.match(lasting.job, {
      status: 'Failed',
      rollback: { status: 'Succeeded' },
      error: { code: 'NODES_LOST_ENDPOINTS', message },
      nodeVerification: { afterRollback: { outcome: 'restored' } },
    })
  })

t.test('missing readings that a second measurement has are no loss', async (t) => {
  const { job } = await changed({ wish: { maxNodes: 1 }, rules: strike(2, 2, NO_READINGS) })
  t.match(job, { status: 'Succeeded', nodeVerification: { lost: [] } })
})

t.test('a pool that could not be measured after the cutover is measured again', async (t) => {
  const fault = { kind: 'status', status: 404 } as const
  const match = { method: 'POST', pathPattern: 'aks-user.*runCommand', nth: 2 }
  const { job } = await changed({ rules: [{ match, fault }] })
  t.match(job, { status: 'Succeeded', nodeVerification: { lost: [] } })
  t.strictSame(
    job.nodeVerification?.after?.map(({ status }) => status),
    ['completed', 'completed'],
  )
  t.notMatch(job.warnings.join(), /not measured/)
})

t.test('an address of the plan that belongs to another subnet fails the job', async (t) => {
  const change = {
    cluster: 'lb-byo-two-subnets',
    target: { outboundType: 'userAssignedNATGateway' },
    prepare: { natGateway: {} },
    wish: { sourceAddressUrl: 'https://ip.example.com/' },
  } as const
  const { job, plan } = await changed(change)
  const [kept = ''] = plan.paths.flatMap(({ after }) => after.addresses)
  t.match(job, { status: 'Succeeded', warnings: [], nodeVerification: { lost: [] } })
  const sources = job.nodeVerification?.after?.map(({ sourceAddress }) => sourceAddress) ?? []
  t.equal(new Set(sources).size, 2, 'each subnet has its own address')
  const match = { method: 'POST', pathPattern: 'aks-user.*runCommand', from: 2 }
  const swapped = await changed({ ...change, rules: [{ match, fault: edited('S\\|.*', `S|${kept}`) }] })
  t.match(swapped.job, { status: 'Failed', error: { code: 'NODES_LOST_ENDPOINTS' } })
  t.match(swapped.job.nodeVerification?.lost, [
    {
      endpoint: null,
      pool: 'user',
      cause: `Packets leave from ${kept}. The addresses in the plan for subnet`,
    },
  ])
  t.equal(swapped.job.nodeVerification?.lost.length, 1)
})

t.test('the remedy of a loss restores the former egress path', async (t) => {
  const wish = { endpoints: ['https://partner.example.com/'], maxNodes: 1 }
  const { room, job } = await changed({ wish })
  t.match(job, { status: 'Failed', error: { code: 'NODES_LOST_ENDPOINTS' } })
  t.match(
    job.error?.remedy,
    new RegExp(
      `${job.id}/rollback-plan.*, then execute a cleanup plan of this job .*${job.id}/clean-up-plan`,
    ),
  )
  const cluster = room.demo.ref('lb-byo')
  const outcome = async () => {
    const { id } = await room.probes.accept({ cluster, by: 'tester', ...wish })
    await room.run()
    const { nodes } = JSON.parse((await room.probes.getText(id)).text) as Probe
    const [node] = nodes
    return node?.readings.find(({ endpoint }) => endpoint === 'partner.example.com:443')?.outcome
  }
  const follow = async (plan: Plan) => {
    const { id } = await room.accept(plan)
    await room.run()
    return room.jobs.get(id)
  }
  const rollback = await room.planning.makeRollbackPlan(job.id, 'tester')
  t.strictSame(
    rollback.steps.flatMap(({ key, does }) => (does.kind === 'probeNodes' ? [key] : [])),
    ['probe-nodes-after'],
    'the rollback does not wait for a measurement',
  )
  // The route of the change stays, so the rollback alone restores nothing.
  t.match(await follow(rollback), {
    status: 'Succeeded',
    warnings: [/`system`.*, partner\.example\.com:443: .*cleanup plan of the reverted job/],
    nodeVerification: {
      before: job.nodeVerification?.before,
      after: null,
      lost: [],
      afterRollback: { outcome: 'notRestored', lost: [{ endpoint: 'partner.example.com:443' }] },
    },
  })
  // The cleanup moves the traffic back.
  const cleanup = await follow(await room.planning.makeCleanupPlan(job.id, 'tester'))
  t.match(cleanup, {
    status: 'Succeeded',
    nodeVerification: {
      before: [{}, {}],
      after: null,
      lost: [],
      afterRollback: { outcome: 'restored', lost: [] },
    },
  })
  t.ok(
    cleanup.steps.some(
      ({ title }) => title === 'Test which endpoints nodes reach after the cleanup, and compare the results',
    ),
  )
  t.equal(await outcome(), 'reached')
})
