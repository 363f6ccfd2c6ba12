import t from 'tap'
import { pollInterval } from '../../../src/core/job/polling.ts'

t.test('the Retry-After of ARM takes precedence', async (t) => {
  t.equal(pollInterval(0, 7_000), 7_000)
  t.equal(pollInterval(999_999, 0), 1_000, 'but never in a tight loop')
})

t.test('without Retry-After, the first polls are frequent and later ones are every 15 s', async (t) => {
  t.equal(pollInterval(0, null), 1_000)
  t.equal(pollInterval(20_000, null), 10_000)
  t.equal(pollInterval(3_600_000, null), 15_000)
})

t.test('an outbound-type change of 172 s costs few status reads', async (t) => {
  let elapsed = 0
  let looks = 0
  for (; elapsed < 172_000; looks++) elapsed += pollInterval(elapsed, null)
  t.ok(looks <= 20, `${looks} looks`)
  t.ok(elapsed - 172_000 <= 15_000, 'and the end is seen soon')
})
