import t from 'tap'
import { StopPhases } from '../src/stop-phases.ts'

/** Keeps what was said. */
function hearing() {
  const infos: object[] = []
  const errors: object[] = []
  return {
    infos,
    errors,
    info: (facts: object) => infos.push(facts),
    error: (facts: object) => errors.push(facts),
  }
}

t.test(
  'parts stop in the order of their phases, whenever they were added, and those of one phase together',
  async (t) => {
    const log = hearing()
    const order: string[] = []
    const stops = new StopPhases()
    const released = Promise.withResolvers<void>()
    stops.add('database', 'database', async () => order.push('database'))
    stops.add('work', 'requests', async () => {
      order.push('requests')
      await released.promise
      order.push('requests ended')
    })
    stops.add('work', 'ticks', async () => {
      order.push('ticks')
      released.resolve()
    })
    await stops.run(log)
    t.strictSame(order, ['requests', 'ticks', 'requests ended', 'database'])
    t.match(log.infos, [{ phase: 'work' }, { phase: 'database' }], 'only phases that have parts are told')
    await stops.run(log)
    t.equal(order.length, 4, 'once, however often it is called')
  },
)

t.test('a part that fails does not prevent others from stopping', async (t) => {
  const log = hearing()
  let isClosed = false
  const stops = new StopPhases()
  stops.add('queue', 'queue', () => Promise.reject(new Error('away')))
  stops.add('database', 'database', async () => {
    isClosed = true
  })
  await stops.run(log)
  t.ok(isClosed)
  t.match(log.errors, [{ part: 'queue', err: { message: 'away' } }])
})

t.test('continues without a part that exceeds its time limit', async (t) => {
  const log = hearing()
  let isClosed = false
  const stops = new StopPhases()
  stops.add('azure', 'simulator', () => new Promise(() => {}))
  stops.add('folder', 'lock', async () => {
    isClosed = true
  })
  await stops.run(log)
  t.ok(isClosed)
  t.match(log.errors, [{ part: 'simulator', err: { message: /stop takes longer than 1000 ms/ } }])
})
