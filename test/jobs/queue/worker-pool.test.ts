import fc from 'fast-check'
import t, { type Test } from 'tap'
import { WorkerPool } from '../../../src/jobs/queue/worker-pool.ts'

t.test('polls with one worker while nothing is to do', async (t) => {
  const { pool, workers } = startedPool(t, 6)
  await pool.start()
  t.same(workers, { added: 1, removed: 0 })
})

t.test('keeps one idle worker besides the busy ones, and doubles the limit after each batch', async (t) => {
  const { pool, workers } = startedPool(t, 6)
  await pool.start()
  const first = batch(pool)
  t.equal(workers.added, 1, 'the limit is still one')
  await first.end()
  const batches = Array.from({ length: 2 }, () => batch(pool))
  t.same(workers, { added: 2, removed: 0 }, 'the limit is two')
  await Promise.all(batches.map((each) => each.end()))
  t.same(workers, { added: 2, removed: 1 }, 'one worker polls again')
  const more = Array.from({ length: 7 }, () => batch(pool))
  t.same(workers, { added: 7, removed: 1 }, 'the limit is six')
  await Promise.all(more.map((each) => each.end()))
  t.same(workers, { added: 7, removed: 6 })
})

t.test('raises the limit every second while no batch ends', async (t) => {
  const { promise: raised, resolve } = Promise.withResolvers<void>()
  let added = 0
  const add = async () => void (++added === 2 && resolve())
  const pool = new WorkerPool({ max: 2, add, removeIdle: () => t.fail('a worker was removed') })
  t.teardown(() => pool.stop())
  // The pool's own timer keeps no process alive.
  const alive = setInterval(() => {}, 1_000)
  t.teardown(() => clearInterval(alive))
  await pool.start()
  void pool.runBatch(() => new Promise(() => {}))
  await raised
  t.equal(added, 2)
})

t.test('retries to add a worker that the queue rejected', async (t) => {
  let asked = 0
  const add = async () => {
    if (++asked === 2) throw new Error('the queue is about to stop')
  }
  const pool = new WorkerPool({ max: 2, add, removeIdle: () => undefined })
  t.teardown(() => pool.stop())
  await pool.start()
  await batch(pool).end()
  const second = batch(pool)
  t.equal(asked, 2)
  await new Promise(setImmediate)
  const third = batch(pool)
  t.equal(asked, 3)
  await Promise.all([second.end(), third.end()])
})

t.test('adds and removes no worker after its stop', async (t) => {
  const { pool, workers } = startedPool(t, 6)
  await pool.start()
  const under = batch(pool)
  pool.stop()
  await under.end()
  t.same(workers, { added: 1, removed: 0 })
})

t.test('always has a worker to take the next batch, and never more than the maximum', async () => {
  const commands = fc.array(fc.boolean(), { maxLength: 60 })
  await fc.assert(
    fc.asyncProperty(commands, fc.integer({ min: 1, max: 8 }), async (isStart, max) => {
      const workers = { added: 0, removed: 0 }
      const pool = newPool(workers, max)
      await pool.start()
      const running: { end(): Promise<void> }[] = []
      for (const start of isStart) {
        const count = workers.added - workers.removed
        if (count > max) throw new Error(`${count} workers`)
        if (start && running.length < count) running.push(batch(pool))
        else await running.shift()?.end()
        const now = workers.added - workers.removed
        if (now < running.length || now > running.length + 1) throw new Error(`${now} workers`)
      }
      pool.stop()
    }),
  )
})

function newPool(workers: { added: number; removed: number }, max: number): WorkerPool {
  const add = async () => void workers.added++
  return new WorkerPool({ max, add, removeIdle: () => void workers.removed++ })
}

function startedPool(t: Test, max: number) {
  const workers = { added: 0, removed: 0 }
  const pool = newPool(workers, max)
  t.teardown(() => pool.stop())
  return { pool, workers }
}

/** A batch that runs until the test ends it. */
function batch(pool: WorkerPool): { end(): Promise<void> } {
  const { promise, resolve } = Promise.withResolvers<void>()
  const ended = pool.runBatch(() => promise)
  return {
    async end() {
      resolve()
      await ended
    },
  }
}
