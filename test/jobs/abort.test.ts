import t from 'tap'
import { ArmFault } from '../../src/azure/arm-fault.ts'
import { openEmptyDatabase } from '../support/empty-database.ts'
import { migrated } from '../support/postgres.ts'
import { endedTruly, Room } from './support/room.ts'

const database = await migrated(openEmptyDatabase(t))

t.test('asks Azure to abort only when the caller says so, once, and says what remains', async (t) => {
  const room = new Room(database)
  room.arm.endings.push({ status: 'never' })
  const { id } = await room.accept()
  room.arm.at('pollOperation', 1, () => room.jobs.cancel(id, 'tester'))
  room.arm.at('pollOperation', 2, async () => {
    t.equal(room.arm.calls.filter((call) => call === 'abort').length, 0, 'a plain cancellation lets it run')
    await room.jobs.cancel(id, 'tester', true)
  })
  await room.run()
  t.ok(room.arm.isSpent)
  t.equal(room.arm.calls.filter((call) => call === 'abort').length, 1)
  const job = await endedTruly(t, room, id)
  t.match(job, { status: 'Canceled', error: { code: 'OPERATION_ABORTED', step: 'change-outbound-type' } })
  t.equal(room.arm.puts.length, 1)
})

t.test('an aborted switch says that the addresses which it brings are not admitted', async (t) => {
  const room = new Room(database, 'late')
  room.arm.endings.push({ status: 'never' })
  const { id } = await room.accept()
  room.arm.at('pollOperation', 1, () => room.jobs.cancel(id, 'tester', true))
  await room.run()
  const job = await endedTruly(t, room, id)
  t.match(job, { status: 'Canceled', error: { code: 'OPERATION_ABORTED' } })
  t.ok(job.warnings.some((each) => /locked out of the API server.*az aks update/.test(each)))
})

t.test('an operation that ended meanwhile is not lost by the wish to abort it', async (t) => {
  const room = new Room(database)
  const { id } = await room.accept()
  room.arm.at('abort', 1, () =>
    Promise.reject(new ArmFault({ kind: 'conflict', code: 'OperationNotAllowed', message: 'It has ended.' })),
  )
  room.arm.at('pollOperation', 1, () => room.jobs.cancel(id, 'tester', true))
  await room.run()
  t.ok(room.arm.isSpent)
  const job = await endedTruly(t, room, id)
  t.match(job, { status: 'Canceled', error: null })
  t.ok(job.warnings.some((each) => each.includes('OperationNotAllowed')))
  t.ok(job.warnings.some((each) => each.includes('what was done stays')))
})

t.test('an abort that does not come through is tried again', async (t) => {
  const room = new Room(database)
  room.arm.endings.push({ status: 'never' })
  const { id } = await room.accept()
  room.arm.at('abort', 1, () =>
    Promise.reject(new ArmFault({ kind: 'transient', code: 'ServiceUnavailable', message: 'Busy.' })),
  )
  room.arm.at('pollOperation', 1, () => room.jobs.cancel(id, 'tester', true))
  await room.run()
  t.equal(room.arm.calls.filter((call) => call === 'abort').length, 2)
  t.match(await endedTruly(t, room, id), { status: 'Canceled', error: { code: 'OPERATION_ABORTED' } })
})
