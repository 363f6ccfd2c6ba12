import t from 'tap'
import { until } from '../acceptance/support/service.ts'
import { endsAsUndisturbed, type Migration } from './support/kills.ts'
import { outboundTypeOf, TwoProcesses } from './support/two-processes.ts'

const MIGRATION: Migration = {
  cluster: 'lb-managed',
  from: 'loadBalancer',
  to: 'managedNATGateway',
  steps: ['check-freshness', 'change-outbound-type', 'verify', 'discover-egress-ips'],
  switchPut: 1,
  puts: 1,
  ranges: 0,
}
const { cluster } = MIGRATION
/** Until somebody looks after a write that nobody has answered for, on a busy machine too. */
const TAKEOVER_MS = 60_000
const PUT = { method: 'PUT', pathPattern: `/managedClusters/${cluster}\\?`, nth: 1 }

t.test('a PUT that took effect and was never answered is adopted', async (t) => {
  const world = await TwoProcesses.start(t)
  await world.control('POST', 'faults', [{ match: PUT, fault: { kind: 'resetAfter' } }])
  const id = await world.begin(cluster, MIGRATION.to)
  await world.struck()
  await world.end(id)
  const events = (await world.service.get(`/v1/jobs/${id}/events`)).text
  t.match(events, 'writeAdopted')
  await endsAsUndisturbed(t, world, MIGRATION, id)
})

t.test('a PUT that is cut before it takes effect is made again, after a second look', async (t) => {
  const world = await TwoProcesses.start(t)
  await world.control('POST', 'faults', [{ match: PUT, fault: { kind: 'timeout', ms: 60_000 } }])
  const id = await world.begin(cluster, MIGRATION.to)
  await world.struck()
  t.equal(await world.kill(), 'SIGKILL')
  await world.restart()
  const job = await world.end(id)
  t.match(job, { status: 'Succeeded', result: { outboundType: MIGRATION.to } })
  const events = (await world.service.get(`/v1/jobs/${id}/events`)).text
  t.match(events, /writeNotSeen[\s\S]*writeLost/)
  const puts = await world.puts(cluster)
  t.strictSame(
    puts.map(({ status }) => status === 200 || status === 201),
    [false, true],
    'only the second was handled',
  )
  t.strictSame(puts.map(outboundTypeOf), [MIGRATION.to, MIGRATION.to])
})

t.test('a PUT that is still on its way when the next process looks is not made twice', async (t) => {
  // The service waits as long as with Azure itself; the PUT arrives between its two looks.
  const world = await TwoProcesses.start(t, '1')
  await world.control('POST', 'faults', [{ match: PUT, fault: { kind: 'hold' } }])
  const id = await world.begin(cluster, MIGRATION.to)
  await world.struck()
  t.equal(await world.kill(), 'SIGKILL')
  await world.restart()
  await until(
    async () => (await world.service.get(`/v1/jobs/${id}/events`)).text,
    (text) => text.includes('writeNotSeen'),
    TAKEOVER_MS,
  )
  t.strictSame(
    (await world.puts(cluster)).map(({ status }) => status),
    [null],
    'looked at before it arrived',
  )
  await world.control('DELETE', 'faults')
  await endsAsUndisturbed(t, world, MIGRATION, id)
})
