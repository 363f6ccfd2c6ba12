import t from 'tap'
import { MOST_ATTEMPTS, nextAttemptAt, retryAfterOf } from '../../../src/core/webhooks/retry-schedule.ts'
import type { Attempt } from '../../../src/core/webhooks/webhook.ts'

const FAILED: Attempt = {
  at: '2026-09-01T00:00:00.000Z',
  outcome: 'REFUSED',
  status: 500,
  durationMs: 250,
}
const END = Date.parse(FAILED.at) + FAILED.durationMs

function secondsUntilNext(made: number, retryAfter: number | null = null, random = 0): number | null {
  const next = nextAttemptAt(FAILED, made, retryAfter, random)
  return next === null ? null : (next.getTime() - END) / 1_000
}

t.test('the waits are those that Standard Webhooks advises, and after the last there is none', async (t) => {
  const minute = 60
  const hour = 3_600
  t.strictSame(
    Array.from({ length: MOST_ATTEMPTS }, (_, index) => secondsUntilNext(index + 1)),
    [5, 5 * minute, 30 * minute, 2 * hour, 5 * hour, 10 * hour, 14 * hour, 20 * hour, 24 * hour, null],
  )
})

t.test('chance makes a wait longer by a tenth at most, and never shorter', async (t) => {
  t.equal(secondsUntilNext(2, null, 0), 300)
  t.equal(secondsUntilNext(2, null, 0.5), 315)
  t.equal(secondsUntilNext(2, null, 1), 330)
})

t.test('what a receiver asks for is kept to where it is longer, up to a day', async (t) => {
  t.equal(secondsUntilNext(1, 60), 60)
  t.equal(secondsUntilNext(2, 60), 300)
  t.equal(secondsUntilNext(1, 10 * 86_400), 86_400)
  t.equal(secondsUntilNext(MOST_ATTEMPTS, 60), null, 'a wish adds no attempt')
})

t.test('Retry-After is seconds or a date', async (t) => {
  const now = new Date('2026-09-01T00:00:00.000Z')
  t.equal(retryAfterOf('120', now), 120)
  t.equal(retryAfterOf(' 7 ', now), 7)
  t.equal(retryAfterOf('Tue, 01 Sep 2026 00:01:30 GMT', now), 90)
  t.equal(retryAfterOf('Mon, 31 Aug 2026 00:00:00 GMT', now), 0)
  t.equal(retryAfterOf('soon', now), null)
  t.equal(retryAfterOf(undefined, now), null)
})
