import fc from 'fast-check'
import t from 'tap'
import { PollBudget } from '../../../src/core/job/polling.ts'
import { TokenBuckets } from '../../../src/core/lib/token-lease.ts'

const SIZE = { burst: 20, refill: 2 }

/** The most calls in any stretch of time, against what a bucket of this size allows in it. */
function excess(times: number[], { burst, refill }: typeof SIZE): number {
  const sorted = [...times].sort((a, b) => a - b)
  let worst = Number.NEGATIVE_INFINITY
  for (const [from, start] of sorted.entries())
    for (const [to, end] of sorted.entries())
      if (to >= from) worst = Math.max(worst, to - from + 1 - (burst + ((end - start) / 1_000) * refill))
  return worst
}

t.test('no stretch of time has more calls than the bucket allows, however they come', async (t) => {
  fc.assert(
    fc.property(fc.array(fc.nat(700), { maxLength: 120 }), (gaps) => {
      const buckets = new TokenBuckets()
      const sent: number[] = []
      let now = 0
      for (const gap of gaps) {
        now += gap
        if (buckets.waitMs('a', SIZE, now) > 0) continue
        buckets.spend('a', SIZE, now)
        sent.push(now)
      }
      // A millisecond of rounding is worth a fraction of a call.
      if (excess(sent, SIZE) > 0.01) throw new Error(`${excess(sent, SIZE)} too many`)
    }),
  )
  t.pass()
})

t.test('a token is available exactly after the returned wait, and buckets are independent', async (t) => {
  const buckets = new TokenBuckets()
  for (let call = 0; call < SIZE.burst; call++) {
    t.equal(buckets.waitMs('a', SIZE, 0), 0)
    buckets.spend('a', SIZE, 0)
  }
  const waitMs = buckets.waitMs('a', SIZE, 0)
  t.equal(waitMs, 500)
  t.ok(buckets.waitMs('a', SIZE, waitMs - 1) > 0)
  t.equal(buckets.waitMs('a', SIZE, waitMs), 0)
  t.equal(buckets.waitMs('b', SIZE, 0), 0)
  t.equal(buckets.size, 1)
  buckets.forget(1_000_000)
  t.equal(buckets.size, 0, 'a full bucket is worth no memory')
})

t.test('polls a thousand operations within the limits of AKS, in the order of requests', async (t) => {
  const polls = new PollBudget()
  const place = { subscriptionId: 'A', location: 'East US' }
  const times = Array.from({ length: 1_000 }, () => polls.reserve(place, 500, 1_000))
  t.ok(times.every((time) => time >= 500))
  t.strictSame(
    times,
    [...times].sort((a, b) => a - b),
  )
  t.ok(excess(times, { burst: 200, refill: 2 }) <= 0)
  const spread = ((times.at(-1) ?? 0) - 500) / 1_000
  t.ok(spread > 400 && spread < 500, `the last is asked after ${spread} s`)
  const elsewhere = polls.reserve({ subscriptionId: 'a', location: 'westeurope' }, 500, 1_000)
  t.equal(elsewhere, 500, 'another region has its own')
  t.ok(
    polls.reserve({ subscriptionId: 'a', location: 'eastus' }, 500, 1_000) > 500,
    'one place however it is spelled',
  )
})
