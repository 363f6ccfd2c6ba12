import t from 'tap'
import { Refusal } from '../../src/core/refusal.ts'
import { openDatabase } from '../../src/database/database.ts'
import { migrated } from '../support/postgres.ts'
import { endedTruly, Room, rangesOf } from './support/room.ts'

const database = await migrated(openDatabase({ dataDir: null, databaseUrl: null }))
t.teardown(() => database.close())

const FAILED = {
  status: 'failed',
  error: { code: 'CreateVMSSAgentPoolFailed', message: 'No egress.' },
} as const
const typeOf = (room: Room) =>
  (room.arm.body.properties as { networkProfile: { outboundType: string } }).networkProfile.outboundType

t.test('a failed change is taken back, and the job says why it failed', async (t) => {
  const room = new Room(database, 'ranges')
  // The widening goes well, the switch does not.
  room.arm.endings.push({ status: 'succeeded' }, FAILED)
  const { id } = await room.accept(undefined, { onFailure: 'rollBack' })
  await room.run()
  const job = await endedTruly(t, room, id)
  t.match(job, {
    status: 'Failed',
    rollback: { status: 'Succeeded' },
    error: { code: 'ARM_OPERATION_FAILED', step: 'change-outbound-type', arm: { code: FAILED.error.code } },
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

t.test('without being asked nothing is taken back', async (t) => {
  const room = new Room(database, 'ranges')
  room.arm.endings.push({ status: 'succeeded' }, FAILED)
  const { id } = await room.accept()
  await room.run()
  const job = await endedTruly(t, room, id)
  t.match(job, { status: 'Failed', onFailure: 'stop', rollback: null })
  t.equal(room.arm.puts.length, 2)
})

t.test('a failure before anything has moved takes nothing back', async (t) => {
  const room = new Room(database, 'ranges')
  room.arm.endings.push(FAILED)
  const { id } = await room.accept(undefined, { onFailure: 'rollBack' })
  await room.run()
  t.match(await endedTruly(t, room, id), { status: 'Failed', rollback: null })
  t.equal(room.arm.puts.length, 1)
})

t.test('a way back that fails is said with both reasons, and ends there', async (t) => {
  const room = new Room(database, 'ranges')
  room.arm.endings.push({ status: 'succeeded' }, FAILED, FAILED)
  const { id } = await room.accept(undefined, { onFailure: 'rollBack' })
  await room.run()
  const job = await endedTruly(t, room, id)
  t.match(job, {
    status: 'Failed',
    rollback: { status: 'Failed' },
    error: { message: /The way back failed too/ },
  })
  t.equal(room.arm.puts.length, 3)
})

t.test('a crash in the way back ends as it would have without', async (t) => {
  const room = new Room(database, 'ranges')
  room.arm.endings.push({ status: 'succeeded' }, FAILED)
  const { id } = await room.accept(undefined, { onFailure: 'rollBack' })
  await room.run({ restarts: true })
  t.match(await endedTruly(t, room, id), { status: 'Failed', rollback: { status: 'Succeeded' } })
  t.equal(room.arm.puts.length, 3)
  t.equal(typeOf(room), 'loadBalancer')
})

t.test('a fault of ours in the way back is tried again, and ends the job in the end', async (t) => {
  for (const lasts of [1, 100]) {
    const room = new Room(database, 'ranges')
    room.arm.endings.push({ status: 'succeeded' }, FAILED)
    const { id } = await room.accept(undefined, { onFailure: 'rollBack' })
    for (let nth = 5; nth < 5 + lasts; nth++)
      room.arm.at('pollOperation', nth, () => Promise.reject(new TypeError('secret is undefined')))
    await room.run()
    const log = JSON.stringify(await room.jobs.log(id, 0, 500))
    t.match(log, /"type":"rollbackStarted".*A fault of this service/, 'it struck in the way back')
    t.notMatch(log, 'secret')
    const job = await room.jobs.get(id)
    t.match(job, { status: 'Failed', rollback: { status: lasts === 1 ? 'Succeeded' : 'Failed' } })
  }
})

t.test('where the matrix has no undisputed way back, a job that counts on one is refused', async (t) => {
  const room = new Room(database, 'plain')
  const refusal = await room.accept(undefined, { onFailure: 'rollBack' }).then(
    () => null,
    (error: unknown) => error as Refusal,
  )
  t.type(refusal, Refusal)
  t.match(refusal, { code: 'ROLLBACK_NOT_AVAILABLE', pointers: ['/onFailure'] })
  t.equal(room.arm.puts.length, 0)
})
