import t from 'tap'
import { GATEWAY_ADDRESS, NEW_ADDRESS } from '../support/fake-cluster.ts'
import { engines, migrated } from '../support/postgres.ts'
import { endedTruly, Room, rangesOf, type Scenario, switches } from './support/room.ts'

const STEPS: Record<Scenario, string[]> = {
  plain: ['check-freshness', 'change-outbound-type', 'verify', 'discover-egress-ips'],
  ranges: [
    'check-freshness',
    'widen-authorized-ranges',
    'await-range-propagation',
    'change-outbound-type',
    'verify',
    'discover-egress-ips',
  ],
  late: [
    'check-freshness',
    'change-outbound-type',
    'verify',
    'discover-egress-ips',
    'authorize-discovered-ips',
  ],
}

for (const engine of await engines(t)) {
  t.test(`on ${engine.name}`, async (t) => {
    const database = await migrated(engine.open(t))
    for (const [scenario, steps] of Object.entries(STEPS) as [Scenario, string[]][]) {
      t.test(`${scenario}: every step once, in order, and the result is what was read back`, async (t) => {
        const room = new Room(database, scenario)
        const accepted = await room.accept()
        t.match(accepted, { status: 'NotStarted', actions: { cancel: true, rollbackPlan: false } })
        await room.run()
        const job = await endedTruly(t, room, accepted.id)
        t.match(job, { status: 'Succeeded', error: null, warnings: [], currentStep: null })
        t.strictSame(
          job.steps.map(({ key, status, attempts }) => ({ key, status, attempts })),
          steps.map((key) => ({ key, status: 'Succeeded', attempts: 1 })),
        )
        t.strictSame(job.progress, { done: steps.length, total: steps.length })
        t.equal(switches(room.arm), 1)
        const address = scenario === 'ranges' ? GATEWAY_ADDRESS : NEW_ADDRESS
        t.match(job.result, { egressIps: [{ address }] })
        if (scenario !== 'plain')
          t.strictSame(rangesOf(room.arm.body), ['203.0.113.0/24', `${address}/32`], 'merged, nothing lost')
      })
    }
    t.test('ranges are widened, and given their time, before the type is changed', async (t) => {
      const room = new Room(database, 'ranges')
      const { id } = await room.accept()
      await room.run()
      const job = await room.jobs.get(id)
      const step = (key: string) => job.steps.find((each) => each.key === key)
      const widened = new Date(step('widen-authorized-ranges')?.finishedAt ?? 0)
      const changed = new Date(step('change-outbound-type')?.startedAt ?? 0)
      t.ok(changed.getTime() - widened.getTime() >= 120_000, 'two minutes at least')
      t.strictSame(
        room.arm.puts.map(({ changes }) => changes[0]?.path.split('/').at(-1)),
        ['authorizedIPRanges', 'outboundType'],
      )
    })
  })
}
