import { once } from 'node:events'
import { mock } from 'node:test'
import t, { type Test } from 'tap'
import type { JobLogEntry } from '../../src/core/job/job.ts'
import { JobEventStream } from '../../src/routes/job-event-stream.ts'
import { anEntry } from './fakes.ts'

/** A stream of a log that grows by hand. */
function aStream(t: Test, log: JobLogEntry[] = []) {
  const watchers = new Set<() => void>()
  const reads: number[] = []
  const faults: unknown[] = []
  const state = { fault: null as Error | null }
  const stream = new JobEventStream({
    after: 0,
    read: async (after, limit) => {
      reads.push(after)
      if (state.fault !== null) throw state.fault
      return log.filter((each) => each.sequence > after).slice(0, limit)
    },
    watch: (onChange) => {
      watchers.add(onChange)
      return () => watchers.delete(onChange)
    },
    onFault: (error) => faults.push(error),
  })
  t.teardown(() => stream.destroy())
  const tell = (...entries: JobLogEntry[]) => {
    log.push(...entries)
    for (const watcher of watchers) watcher()
  }
  return { stream, watchers, reads, faults, state, tell }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

t.test('with a clock that is moved by hand', async (t) => {
  t.beforeEach(() => mock.timers.enable({ apis: ['setInterval', 'setTimeout'] }))
  t.afterEach(() => mock.timers.reset())

  t.test('a comment goes out every fifteen seconds, and asks nothing', async (t) => {
    const { stream, reads } = aStream(t)
    const chunks: string[] = []
    stream.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk))
    await turn()
    mock.timers.tick(14_999)
    t.strictSame(chunks, ['retry: 2000\n\n'])
    mock.timers.tick(1)
    mock.timers.tick(15_000)
    await turn()
    t.strictSame(chunks.slice(1), [':\n\n', ':\n\n'])
    t.strictSame(reads, [0])
  })

  t.test('a client that takes nothing is sent no comments, and nothing is read for it', async (t) => {
    const { stream, reads, tell } = aStream(t)
    const first = stream.read()
    t.equal(String(first), 'retry: 2000\n\n')
    await turn()
    tell(anEntry(1, { message: 'x'.repeat(100_000) }))
    await turn()
    const held = stream.readableLength
    t.ok(held > 100_000)
    tell(anEntry(2))
    mock.timers.tick(60_000)
    await turn()
    t.equal(stream.readableLength, held)
    t.equal(reads.length, 2)
    stream.read()
    await turn()
    t.equal(reads.length, 3, 'once it has taken that, more is read')
  })

  t.test('after half an hour it ends, so that whoever resumes it is proven anew', async (t) => {
    const { stream, watchers } = aStream(t)
    stream.resume()
    await turn()
    mock.timers.tick(30 * 60_000)
    await once(stream, 'end')
    t.equal(watchers.size, 0)
  })
})

t.test('what happens during a read is read after it', async (t) => {
  const { stream, tell, reads } = aStream(t)
  stream.resume()
  await turn()
  tell(anEntry(1))
  tell(anEntry(2))
  tell(anEntry(3, { type: 'ended' }))
  await once(stream, 'end')
  t.ok(reads.length <= 3, 'and many words at once are one')
})

t.test('a fault is told and ends it, without an error that would cut the answer', async (t) => {
  const { stream, tell, state, faults, watchers } = aStream(t)
  stream.resume()
  await turn()
  state.fault = new Error('gone')
  tell()
  await once(stream, 'end')
  t.strictSame(faults, [state.fault])
  t.equal(watchers.size, 0)
})

t.test('ending twice, or after it was destroyed, is no error', async (t) => {
  const { stream } = aStream(t)
  stream.resume()
  stream.end()
  stream.end()
  await once(stream, 'close')
  stream.end()
  const { stream: other, watchers } = aStream(t)
  other.destroy()
  await once(other, 'close')
  other.end()
  t.equal(watchers.size, 0)
})
