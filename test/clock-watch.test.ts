import t from 'tap'
import { ClockWatch, SetBackDetector } from '../src/lib/clock-watch.ts'

const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000

/** A wall clock that a test sets, beside a monotonic clock. */
function clocks() {
  const clock = { wall: Date.parse('2026-09-01T00:00:00Z'), uptime: 5_000 }
  const watch = new ClockWatch(
    () => clock.wall,
    () => clock.uptime,
  )
  const pass = (ms: number) => {
    clock.wall += ms
    clock.uptime += ms
    return watch.now().toISOString()
  }
  const set = (ms: number) => {
    clock.wall += ms
    return watch.now().toISOString()
  }
  return { clock, watch, pass, set }
}

t.test('measures elapsed time independently of changes to the wall clock', async (t) => {
  for (const jumps of [[], [HOUR_MS], [-HOUR_MS], [HOUR_MS, -HOUR_MS], [-HOUR_MS, -HOUR_MS, 3 * HOUR_MS]]) {
    const { watch, pass, set } = clocks()
    const start = pass(MINUTE_MS)
    for (const jump of jumps) {
      pass(MINUTE_MS)
      set(jump)
    }
    pass(MINUTE_MS)
    t.equal(watch.elapsedSince(start), (jumps.length + 1) * MINUTE_MS, JSON.stringify(jumps))
    const later = pass(0)
    pass(MINUTE_MS)
    t.equal(watch.elapsedSince(later), MINUTE_MS, `since then: ${JSON.stringify(jumps)}`)
  }
})

t.test('takes a time of another process that a jump has left out for the moment of the jump', async (t) => {
  const { watch, pass, set } = clocks()
  pass(MINUTE_MS)
  const skipped = new Date(watch.now().getTime() + MINUTE_MS).toISOString()
  set(HOUR_MS)
  pass(MINUTE_MS)
  t.equal(watch.elapsedSince(skipped), MINUTE_MS)
  t.equal(watch.elapsedSince('2030-01-01T00:00:00Z'), MINUTE_MS, 'also a time ahead')
})

t.test('counts a time ahead of the clock from the start', async (t) => {
  const { watch, pass } = clocks()
  const ahead = new Date(watch.now().getTime() + HOUR_MS).toISOString()
  pass(MINUTE_MS)
  t.equal(watch.elapsedSince(ahead), MINUTE_MS)
  t.equal(watch.jumpedSince(ahead), 0)
})

t.test('follows another clock, whose jumps count, and not those of the machine', async (t) => {
  const { clock, watch, pass, set } = clocks()
  watch.follow(clock.wall - 6 * HOUR_MS, clock.uptime)
  const start = pass(MINUTE_MS)
  t.equal(start, new Date(clock.wall - 6 * HOUR_MS).toISOString())
  set(HOUR_MS)
  pass(MINUTE_MS)
  t.equal(watch.jumpedSince(start), 0)
  t.equal(watch.isSettled(), true)
  watch.follow(watch.now().getTime() + HOUR_MS, clock.uptime)
  t.equal(watch.elapsedSince(start), MINUTE_MS)
  t.equal(watch.jumpedSince(start), HOUR_MS)
  t.equal(watch.isSettled(), false)
})

t.test('is settled again a minute after a jump', async (t) => {
  const { watch, pass, set } = clocks()
  t.equal(watch.isSettled(), true)
  set(1_500)
  t.equal(watch.isSettled(), true, 'a small correction is no jump')
  set(HOUR_MS)
  t.equal(watch.isSettled(), false)
  pass(59_999)
  t.equal(watch.isSettled(), false)
  pass(1)
  t.equal(watch.isSettled(), true)
})

t.test('reports once that a clock was set back', async (t) => {
  const { watch, pass, set } = clocks()
  const detector = new SetBackDetector({ now: () => watch.now(), uptime: () => watch.uptime() })
  pass(HOUR_MS)
  t.equal(detector.check(), false)
  set(-HOUR_MS)
  t.equal(detector.check(), true)
  pass(MINUTE_MS)
  t.equal(detector.check(), false)
  set(HOUR_MS)
  t.equal(detector.check(), false)
})
