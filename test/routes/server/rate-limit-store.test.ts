import t from 'tap'
import { RateLimitStore } from '../../../src/routes/server/load-limits.ts'

t.test('counts callers in windows on a monotonic clock', async (t) => {
  let uptime = 10
  const store = new RateLimitStore({}, () => uptime)
  const count = (key: string, method: 'incr' | 'read' = 'incr') => {
    let found: unknown
    store[method](key, (_error, result) => (found = result), 60)
    return found
  }
  t.strictSame(count('ann', 'read'), { current: 0, ttl: 0 })
  t.strictSame(count('ann'), { current: 1, ttl: 60 })
  uptime += 20
  t.strictSame(count('ann'), { current: 2, ttl: 40 })
  t.strictSame(count('ann', 'read'), { current: 2, ttl: 40 })
  t.strictSame(count('bob'), { current: 1, ttl: 60 })
  uptime += 40
  t.strictSame(count('ann'), { current: 1, ttl: 60 }, 'a new window')
  t.not(store.child(), store)
})

t.test('forgets the caller that has not called for longest', async (t) => {
  const store = new RateLimitStore({}, () => 0)
  const count = (key: string) => {
    let current = 0
    store.incr(key, (_error, result) => (current = result?.current ?? 0), 60)
    return current
  }
  for (let caller = 0; caller < 10_000; caller++) count(String(caller))
  count('0')
  count('new')
  t.equal(count('0'), 3)
  t.equal(count('1'), 1)
})

t.test('a wall clock that is set back rejects no caller', async (t) => {
  const store = new RateLimitStore()
  const now = Date.now
  t.teardown(() => {
    Date.now = now
  })
  const ttl = () => {
    let found = 0
    store.incr('ann', (_error, result) => (found = result?.ttl ?? 0), 60_000)
    return found
  }
  ttl()
  Date.now = () => now() - 3_600_000
  t.ok(ttl() <= 60_000)
})
