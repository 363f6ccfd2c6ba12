import t from 'tap'
import { ArmFault } from '../../src/azure/arm-fault.ts'
import { createLogger } from '../../src/telemetry/logger.ts'
import { openEmptyDatabase } from '../support/empty-database.ts'
import { migrated } from '../support/postgres.ts'
import { Room } from './support/room.ts'

const database = await migrated(openEmptyDatabase(t))

/** A room whose lines are kept as they are written. */
function loggingRoom(): { room: Room; lines: string[] } {
  const lines: string[] = []
  const logger = createLogger({ level: 'trace', stream: { write: (line) => lines.push(line) } })
  return { room: new Room(database, 'plain', { logger }), lines }
}

const fault = (kind: 'transient' | 'refused') =>
  new ArmFault({ kind, code: 'Tested', message: 'Azure says no.', requestId: 'request-9' })

/** The line with this message, as its reader sees it. */
function line(lines: string[], message: string): Record<string, unknown> {
  const all = lines.map((each) => JSON.parse(each) as Record<string, unknown>)
  const found = all.find(({ msg }) => msg === message)
  if (found === undefined) throw new Error(`no line says: ${message}`)
  return found
}

t.test("Azure's id of a request is told from the caller's in every line that has it", async (t) => {
  const { room, lines } = loggingRoom()
  room.arm.endings.push({ status: 'never' })
  const { id } = await room.accept()
  room.arm.at('getCluster', 1, () => Promise.reject(fault('transient')))
  room.arm.at('pollOperation', 1, () => room.jobs.cancel(id, 'tester', true))
  await room.run()
  t.match(line(lines, 'it did not work; trying again'), { code: 'Tested', armRequestId: 'request-9' })
  t.match(line(lines, 'Azure took the write'), { armRequestId: 'request-1' })
  t.match(line(lines, 'asked Azure to abort the operation'), { armRequestId: 'request-2' })

  const failing = loggingRoom()
  await failing.room.accept()
  failing.room.arm.at('send', 1, () => Promise.reject(fault('refused')))
  await failing.room.run()
  const failed = line(failing.lines, 'job failed')
  t.strictSame(failed.arm, { code: 'Tested', message: 'Azure says no.' })
  t.equal(failed.armRequestId, 'request-9')

  createLogger({ level: 'info', stream: { write: (each) => lines.push(each) } }).error(
    { err: new Error('outer', { cause: fault('refused') }) },
    'a fault as it is',
  )
  t.match(line(lines, 'a fault as it is'), { err: { cause: { armRequestId: 'request-9' } } })
  for (const each of [...lines, ...failing.lines]) t.notMatch(each, /"requestId"/)
})
