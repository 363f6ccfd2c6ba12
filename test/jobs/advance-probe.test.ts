import t from 'tap'
import type { Arm } from '../../src/azure/arm.ts'
import { ArmFault } from '../../src/azure/errors/arm-fault.ts'
import { applyProbeEvent, MAX_RUN_MS, type ProbeEvent, startProbe } from '../../src/core/probe/probe-run.ts'
import { advanceProbe } from '../../src/jobs/probes/advance-probe.ts'
import { ClockWatch } from '../../src/lib/clock-watch.ts'

const START_MS = Date.parse('2026-09-01T00:00:00Z')
const HOUR_MS = 3_600_000

/** A probe of one node whose run-command Azure never ends, on a clock that is set after 2 min. Returns how long it took. */
async function runWithJump(jumpMs: number) {
  let wall = START_MS
  let uptime = 0
  const watch = new ClockWatch(
    () => wall,
    () => uptime,
  )
  const running = { status: 'running', poller: 'poller', retryAfterMs: null }
  const arm = {
    async startResourceAction({ beforeSend }: { beforeSend(reading: object): Promise<void> }) {
      await beforeSend({ body: {} })
      return { poller: 'poller', retryAfterMs: null }
    },
    pollOperation: async () => running,
  } as unknown as Arm
  const deps = {
    arm,
    now: () => watch.now(),
    uptime: () => watch.uptime(),
    jumpedSince: (time: string) => watch.jumpedSince(time),
    waitScale: 1,
    logger: { debug() {}, info() {}, warn() {}, error() {} },
  }
  const targets = { targets: [], sourceAddressUrl: null, notes: [] }
  const chosen = [{ pool: 'system', subnetId: null, instanceId: '/vm/0', reason: null }]
  let run = startProbe('probe', watch.now().toISOString(), targets, chosen)
  let hasJumped = false
  for (let ticks = 0; ticks < 500; ticks++) {
    if (!hasJumped && uptime >= 120_000) {
      hasJumped = true
      wall += jumpMs
    }
    let next: Date | null = null
    const hasEnded = await advanceProbe(deps, run, async (events, nextAt) => {
      run = events.reduce(applyProbeEvent, run)
      next = nextAt
      return run
    })
    if (hasEnded) return uptime
    const waitMs = Math.max(0, (next ?? new Date(wall)).getTime() - wall)
    wall += waitMs
    uptime += waitMs
  }
  throw new Error('the probe does not end')
}

t.test('a clock that is set neither ends nor extends a probe', async (t) => {
  for (const jumpMs of [0, HOUR_MS, -HOUR_MS, 24 * HOUR_MS]) {
    const uptime = await runWithJump(jumpMs)
    t.ok(uptime >= MAX_RUN_MS && uptime < MAX_RUN_MS + 60_000, `${jumpMs} ms: ended after ${uptime} ms`)
  }
})

t.test('asks for the outcome once more after a time in which no worker ran', async (t) => {
  const START = new Date(START_MS).toISOString()
  const targets = { targets: [], sourceAddressUrl: null, notes: [] }
  const chosen = [{ pool: 'system', subnetId: null, instanceId: '/vm/0', reason: null }]
  const accepted = [
    { type: 'intended' as const, node: 0, at: START },
    { type: 'accepted' as const, node: 0, at: START, poller: 'poller', notBefore: null },
  ]
  const late = async (pollOperation: () => Promise<object>) => {
    const arm = { pollOperation } as unknown as Arm
    const logger = { debug() {}, info() {}, warn() {}, error() {} }
    const now = () => new Date(START_MS + HOUR_MS)
    const run = accepted.reduce(applyProbeEvent, startProbe('probe', START, targets, chosen))
    const recorded: ProbeEvent[] = []
    await advanceProbe({ arm, now, uptime: () => 0, waitScale: 1, logger }, run, async (events) => {
      recorded.push(...events)
      return run
    })
    return recorded
  }
  t.match(await late(async () => ({ status: 'succeeded', output: 'hello' })), [
    { type: 'answered', message: 'hello' },
  ])
  t.match(await late(async () => ({ status: 'running', poller: 'poller', retryAfterMs: null })), [
    { type: 'failed', isUnanswered: true },
  ])
  const fault = new ArmFault({ kind: 'transient', code: 'Timeout', message: 'No answer' })
  t.match(await late(() => Promise.reject(fault)), [{ type: 'failed', reason: 'Timeout: No answer.' }])
})
