import fc from 'fast-check'
import t from 'tap'
import { grantWaitMs, LEASE_MS, leaseOrder, TokenLeases } from '../../../src/core/lib/token-lease.ts'
import { ModelLedger } from '../../support/budget-ledger.ts'
import { propertyRuns } from '../../support/property-runs.ts'

const SIZE = { burst: 30, refill: 2 }
const BUCKET = 'reads'

/** A process that leases tokens of one bucket with a share of it, over a ledger that is slow to answer. */
class VirtualProcess {
  readonly sent: number[] = []
  readonly refused: number[] = []
  readonly #leases = new TokenLeases()
  readonly #share: number
  readonly #ahead: number

  constructor(share: number, ahead: number) {
    this.#share = share
    this.#ahead = ahead
  }

  /** Sends a call if there is a token for it. The ledger takes half of `latencyMs` in each direction. */
  call(ledger: ModelLedger, nowMs: number, latencyMs: number, later: Later): void {
    if (this.#leases.take([BUCKET], nowMs)) {
      this.sent.push(nowMs)
      return
    }
    const order = leaseOrder(BUCKET, SIZE, this.#share, 1 + this.#ahead)
    later(nowMs + latencyMs / 2, (grantedMs) => {
      const { granted } = ledger.lease(order, grantedMs)
      later(nowMs + latencyMs, (answeredMs) => {
        this.#leases.put(BUCKET, granted, nowMs)
        const isSent = this.#leases.take([BUCKET], answeredMs)
        ;(isSent ? this.sent : this.refused).push(answeredMs)
      })
    })
  }
}

type Act = (nowMs: number, later: Later) => void
type Later = (atMs: number, act: Act) => void

/** Runs what is ordered for a time, in the order of the times, on a virtual clock. */
function runInTime(begin: (later: Later) => void): void {
  const known: { atMs: number; act: Act }[] = []
  begin((atMs, act) => void known.push({ atMs, act }))
  const agenda = known.reverse().sort((a, b) => b.atMs - a.atMs)
  const later: Later = (atMs, act) => {
    const place = agenda.findLastIndex((other) => other.atMs > atMs) + 1
    agenda.splice(place, 0, { atMs, act })
  }
  for (let next = agenda.pop(); next !== undefined; next = agenda.pop()) next.act(next.atMs, later)
}

/** The most calls in any window, beyond what the bucket at Azure allows in it. */
function excess(times: readonly number[]): number {
  const sorted = [...times].sort((a, b) => a - b)
  let worst = Number.NEGATIVE_INFINITY
  // The tightest window from each call on: burst + refill × length grows slower than calls in a run of them.
  for (const [from, start] of sorted.entries())
    for (let to = from; to < sorted.length; to++) {
      const allowed = SIZE.burst + (((sorted[to] ?? 0) - start) / 1_000) * SIZE.refill
      worst = Math.max(worst, to - from + 1 - allowed)
    }
  return worst
}

/** Bursts, and pauses as long as a lease or until the bucket is full, so that tokens are used as late as possible. */
const gapMs = fc.oneof(
  { weight: 12, arbitrary: fc.nat(5) },
  { weight: 2, arbitrary: fc.nat(400) },
  { weight: 1, arbitrary: fc.integer({ min: LEASE_MS - 120, max: LEASE_MS }) },
  { weight: 1, arbitrary: fc.constant(20_000) },
)
const calls = fc.array(
  fc.record({ process: fc.nat(5), gapMs, latencyMs: fc.integer({ min: 1, max: 100 }) }),
  {
    minLength: 20,
    maxLength: 300,
  },
)
const processes = fc.array(
  fc.record({ share: fc.constantFrom(1, 1, 0.8, 0.5), ahead: fc.constantFrom(0, 2, 8) }),
  { minLength: 6, maxLength: 6 },
)

/** A process leases the whole bucket and uses it when the lease is about to end; then others use what has refilled. */
const lateUse = Array.from({ length: 66 }, (_, index) => ({
  process: index < 36 ? 0 : 1 + (index % 5),
  gapMs: index === 1 ? LEASE_MS - 10 : 0,
  latencyMs: 1,
}))
const greedy = Array.from({ length: 6 }, (_, index) => ({ share: 1, ahead: index === 0 ? 30 : 0 }))

t.test('no window has more calls of all processes together than the bucket allows', async (t) => {
  fc.assert(
    fc.property(calls, processes, (requests, kinds) => {
      const ledger = new ModelLedger()
      const all = kinds.map(({ share, ahead }) => new VirtualProcess(share, ahead))
      runInTime((later) => {
        let atMs = 1_000
        for (const { process, gapMs, latencyMs } of requests) {
          atMs += gapMs
          later(atMs, (nowMs, after) => all[process]?.call(ledger, nowMs, latencyMs, after))
        }
      })
      const over = excess(all.flatMap(({ sent }) => sent))
      if (over > 0.01) throw new Error(`${over} calls too many`)
    }),
    { numRuns: propertyRuns(), examples: [[lateUse, greedy]] },
  )
  t.pass()
})

t.test('jobs get every call that they need while campaigns ask for all that they can get', async (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 600, max: 3_000 }), (campaigns, gapMs) => {
      const ledger = new ModelLedger()
      const job = new VirtualProcess(1, 0)
      const others = Array.from({ length: campaigns }, () => new VirtualProcess(0.5, 2))
      runInTime((later) => {
        for (let atMs = 1_000; atMs < 30_000; atMs += 100)
          for (const other of others) later(atMs, (nowMs, after) => other.call(ledger, nowMs, 4, after))
        for (let atMs = 1_050; atMs < 30_000; atMs += gapMs)
          later(atMs, (nowMs, after) => job.call(ledger, nowMs, 4, after))
      })
      if (job.refused.length > 0) throw new Error(`${job.refused.length} calls of jobs were refused`)
      const background = others.flatMap(({ sent }) => sent).length
      if (background < 12) throw new Error(`campaigns sent only ${background} calls`)
    }),
    { numRuns: propertyRuns(0.2) },
  )
  t.pass()
})

t.test('a lease ends, and the wait for the next token is exact', async (t) => {
  const leases = new TokenLeases()
  leases.put('a', 2, 0)
  leases.put('b', 1, 500)
  t.ok(leases.take(['a', 'b'], 600))
  t.notOk(leases.take(['a', 'b'], 700), 'one bucket has no token')
  t.equal(leases.left('a', 700), 1, 'then none is taken from the other')
  t.equal(leases.left('a', LEASE_MS), 0)
  leases.put('a', 1, 5_000)
  leases.drop('a')
  t.notOk(leases.take(['a'], 5_001))

  const ledger = new ModelLedger()
  const order = leaseOrder(BUCKET, SIZE, 0.5, 100)
  t.equal(ledger.lease(order, 0).granted, 12, 'half of the burst without the refill of a lease')
  const one = { ...order, wanted: 1 }
  const waitMs = grantWaitMs(one, ledger.lease(one, 0))
  t.equal(ledger.lease(one, waitMs - 2).granted, 0)
  t.equal(ledger.lease(one, waitMs).granted, 1)
  ledger.block(leaseOrder(BUCKET, SIZE, 1, 0), 20_000, waitMs)
  t.equal(ledger.lease(leaseOrder(BUCKET, SIZE, 1, 1), waitMs + 19_990).granted, 0)
  t.equal(ledger.lease(leaseOrder(BUCKET, SIZE, 1, 1), waitMs + 20_000).granted, 1)
})
