import t from 'tap'
import { until } from '../acceptance/support/service.ts'
import {
  endsAsUndisturbed,
  type Hold,
  killWhile,
  type Migration,
  outboundTypeOf,
  TwoProcesses,
} from './support/two-processes.ts'

/** The addresses are known before the change, so they are authorized before the switch. */
const KNOWN: Migration = {
  cluster: 'lb-byo-ranges',
  from: 'loadBalancer',
  to: 'userAssignedNATGateway',
  steps: [
    'check-freshness',
    'widen-authorized-ranges',
    'await-range-propagation',
    'change-outbound-type',
    'verify',
    'discover-egress-ips',
  ],
  switchPut: 2,
  puts: 2,
  ranges: 1,
}
const KNOWN_HOLDS: Hold[] = [
  { during: 'widen-authorized-ranges', what: 'reading before its PUT', request: 'read', nth: 4 },
  { during: 'widen-authorized-ranges', what: 'sending its PUT', request: 'put', nth: 1 },
  { during: 'widen-authorized-ranges', what: 'polling the operation', request: 'poll', nth: 1 },
  { during: 'change-outbound-type', what: 'sending its PUT', request: 'put', nth: 2 },
  { during: 'verify', what: 'verifying', request: 'read', nth: 8 },
]

/** AKS makes the address at the switch, so it is authorized after it. */
const LATE: Migration = {
  cluster: 'lb-managed-ranges',
  from: 'loadBalancer',
  to: 'managedNATGateway',
  steps: [
    'check-freshness',
    'change-outbound-type',
    'verify',
    'discover-egress-ips',
    'authorize-discovered-ips',
  ],
  switchPut: 1,
  puts: 2,
  ranges: 1,
}
const LATE_HOLDS: Hold[] = [
  { during: 'discover-egress-ips', what: 'discovering the addresses', request: 'read', nth: 7 },
  { during: 'authorize-discovered-ips', what: 'reading before its PUT', request: 'read', nth: 8 },
  { during: 'authorize-discovered-ips', what: 'sending its PUT', request: 'put', nth: 2 },
  { during: 'authorize-discovered-ips', what: 'reading back', request: 'read', nth: 9 },
]

t.test('keeps every authorized IP range after a kill in any step', async (t) => {
  const world = await TwoProcesses.start(t)
  for (const hold of KNOWN_HOLDS)
    await t.test(`killed in ${hold.during} while ${hold.what}`, (t) => killWhile(t, world, KNOWN, hold))

  await t.test('killed in await-range-propagation while waiting', async (t) => {
    await world.reset()
    const id = await world.begin(KNOWN.cluster, KNOWN.to)
    await until(
      () => world.job(id),
      ({ currentStep }) => String(currentStep) === 'await-range-propagation',
    )
    t.equal(await world.kill(), 'SIGKILL')
    t.equal((await world.puts(KNOWN.cluster)).length, 1, 'widened, and not switched yet')
    await world.restart()
    await endsAsUndisturbed(t, world, KNOWN, id)
  })

  for (const hold of LATE_HOLDS)
    await t.test(`killed in ${hold.during} while ${hold.what}`, (t) => killWhile(t, world, LATE, hold))
})

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
/** The time until a worker checks an unanswered write, even on a busy machine. */
const TAKEOVER_MS = 60_000
const PUT = { method: 'PUT', pathPattern: `/managedClusters/${cluster}\\?`, nth: 1 }

t.test('adopts a PUT that took effect without a response', async (t) => {
  const world = await TwoProcesses.start(t)
  await world.control('POST', 'faults', [{ match: PUT, fault: { kind: 'resetAfter' } }])
  const id = await world.begin(cluster, MIGRATION.to)
  await world.struck()
  await world.end(id)
  const events = (await world.service.get(`/v1/jobs/${id}/events`)).text
  t.match(events, 'writeAdopted')
  await endsAsUndisturbed(t, world, MIGRATION, id)
})

t.test('repeats a PUT that was lost, after a second read', async (t) => {
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

t.test('does not repeat a PUT that arrives between the two reads of the next process', async (t) => {
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
