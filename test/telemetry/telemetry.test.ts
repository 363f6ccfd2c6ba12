import t from 'tap'
import type { ArmHeadroom, ArmOutcome } from '../../src/azure/client/arm-observer.ts'
import { ArmFault } from '../../src/azure/errors/arm-fault.ts'
import type { JobState } from '../../src/core/job/job-state.ts'
import { DomainError } from '../../src/core/lib/errors.ts'
import { EXAMPLE_PLAN } from '../../src/routes/examples/jobs.ts'
import { createTelemetry, type TelemetryDeps } from '../../src/telemetry/telemetry.ts'
import type { Tracing } from '../../src/telemetry/tracing.ts'
import { CLUSTER, FakeModules } from '../routes/support/fakes.ts'
import { samplesOf, sumOf } from '../support/telemetry.ts'

const START = Date.parse('2026-09-01T00:00:00Z')

/** Telemetry with a manual clock, and a reader of one of its figures. */
function telemetry(given: Partial<TelemetryDeps> = {}) {
  const clock = { ms: START }
  const made = createTelemetry({
    version: '1.2.3',
    azure: 'simulated',
    tracing: null,
    queueStats: async () => ({
      due: 0,
      oldestDueAt: null,
      unfinished: [],
      messagesPending: 0,
      inventory: { clusters: 0, flagged: [], ageSeconds: null },
      campaigns: { unfinished: [], members: [] },
    }),
    now: () => new Date(clock.ms),
    ...given,
  })
  const figure = async (name: string, labels?: Record<string, string>) =>
    sumOf(samplesOf(await made.text()), `egress_${name}`, labels)
  return { ...made, clock, figure }
}

const ANSWERED: ArmOutcome = { status: 200, fault: null, requestId: null, headroom: [] }
const left = (subscriptionId: string, remaining: number, bucket = 'subscription-reads'): ArmHeadroom => ({
  bucket,
  subscriptionId,
  remaining,
})

t.test(
  'reports the lowest remaining quota of all subscriptions for each limit, until it is outdated',
  async (t) => {
    const { arm, clock, figure, text } = telemetry()
    const answered = (...headroom: ArmHeadroom[]) =>
      arm({ method: 'read', operation: 'natGateways' })({ ...ANSWERED, headroom })
    const least = () => figure('arm_ratelimit_remaining', { bucket: 'subscription-reads' })
    answered(left('one', 100), left('one', 7, 'subscription-writes'))
    answered(left('two', 30))
    t.equal(await least(), 30)
    t.equal(await figure('arm_ratelimit_remaining', { bucket: 'subscription-writes' }), 7)
    answered(left('two', 90))
    t.equal(await least(), 90, 'the last word of each counts')
    clock.ms += 200_000
    answered(left('one', 95))
    clock.ms += 200_000
    t.equal(await least(), 95, 'what two said is too old')
    clock.ms += 200_000
    t.notMatch(await text(), 'egress_arm_ratelimit_remaining{')
  },
)

t.test('counts requests to Azure by outcome', async (t) => {
  const { arm, armContact, clock, figure } = telemetry()
  const read = () => arm({ method: 'read', operation: 'managedClusters' })
  read()(ANSWERED)
  t.match(armContact, { answeredAt: new Date(START), failedAt: null })
  clock.ms += 1_000
  read()({ ...ANSWERED, status: 429, fault: 'throttled' })
  read()({ ...ANSWERED, status: null, fault: 'transient' })
  t.match(armContact, { answeredAt: new Date(clock.ms), failedAt: new Date(clock.ms) })
  const count = (labels: Record<string, string>) => figure('arm_request_duration_seconds_count', labels)
  t.equal(await count({ status: '2xx', fault: 'none' }), 1)
  t.equal(await count({ status: '4xx', fault: 'throttled' }), 1)
  t.equal(await count({ status: 'none', fault: 'transient' }), 1)
})

t.test('labels have few values for any URL of Azure', async (t) => {
  const { arm, text } = telemetry()
  const words = Array.from(
    { length: 200 },
    (_, index) => `${'a'.repeat(index % 26) + 'b'.repeat(index % 7)}c`,
  )
  for (const operation of [...words, 'natGateways/secret 1', 'x'.repeat(99)])
    arm({ method: 'read', operation })(ANSWERED)
  const lines = (await text()).match(/^egress_arm_request_duration_seconds_count.*$/gm) ?? []
  t.ok(lines.length <= 61, `${lines.length} series`)
  t.ok(lines.some((line) => line.includes('operation="other"')))
  t.notOk(lines.some((line) => line.includes('secret')))
})

t.test(
  'the queue is counted once in a while, and a database that is away is not an empty queue',
  async (t) => {
    let asked = 0
    const { figure } = telemetry({
      queueStats: async () => {
        asked++
        return {
          due: 3,
          oldestDueAt: new Date(START - 12_000),
          messagesPending: 4,
          unfinished: [
            { status: 'Running', step: 'verify', count: 2 },
            { status: 'NotStarted', step: null, count: 1 },
          ],
          inventory: {
            clusters: 9,
            flagged: [{ flag: 'singleZone', count: 2 }],
            ageSeconds: 60,
          },
          campaigns: {
            unfinished: [{ status: 'Paused', count: 1 }],
            members: [{ status: 'NeedsDecision', count: 7 }],
          },
        }
      },
    })
    t.equal(await figure('ticks_due'), 3)
    t.equal(await figure('oldest_due_tick_age_seconds'), 12)
    t.equal(await figure('jobs_unfinished', { status: 'Running', step: 'verify' }), 2)
    t.equal(await figure('jobs_unfinished', { status: 'NotStarted', step: 'none' }), 1)
    t.equal(await figure('webhook_messages_pending'), 4)
    t.equal(await figure('inventory_clusters'), 9)
    t.equal(await figure('inventory_age_seconds'), 60)
    t.equal(await figure('inventory_flagged_clusters', { flag: 'singleZone' }), 2)
    t.equal(await figure('inventory_flagged_clusters', { flag: 'stopped' }), 0)
    t.equal(await figure('campaigns_unfinished', { status: 'Paused' }), 1)
    t.equal(await figure('campaign_members', { status: 'NeedsDecision' }), 7)
    t.equal(asked, 1)
    const away = telemetry({ queueStats: () => Promise.reject(new Error('away')) })
    t.equal(await away.figure('database_up'), 0)
    t.ok(Number.isNaN(await away.figure('ticks_due')))
    t.ok(Number.isNaN(await away.figure('inventory_age_seconds')))
  },
)

t.test('counts and traces plans of every kind, and counts rejected plans by reason', async (t) => {
  const rooms = new FakeModules()
  const spans: string[] = []
  const tracing: Tracing = {
    begin(name) {
      spans.push(name)
      return { run: (part) => part(), end() {} }
    },
    traceparent: () => null,
    traceId: () => null,
    async stop() {},
  }
  const { planning: observe, figure } = telemetry({ tracing })
  const planning = observe(rooms.planning)
  const request = {
    cluster: CLUSTER,
    target: EXAMPLE_PLAN.request,
    authorizedRanges: 'widen',
    reason: null,
  } as const
  t.equal(await planning.makePlan(request, 'tester'), EXAMPLE_PLAN)
  await planning.makeRollbackPlan('job', 'tester')
  await planning.makeCleanupPlan('job', 'tester')
  t.strictSame(spans, ['plan', 'rollback plan', 'cleanup plan'])
  rooms.fault = new DomainError('CLUSTER_NOT_FOUND')
  await t.rejects(planning.makePlan(request, 'tester'), { code: 'CLUSTER_NOT_FOUND' })
  t.equal(await figure('plans_total', { status: 'applicable', target: EXAMPLE_PLAN.to.outboundType }), 3)
  t.equal(await figure('plans_refused_total', { code: 'CLUSTER_NOT_FOUND' }), 1)
})

t.test('looks at clusters are timed, those too that fail', async (t) => {
  const { snapshots, figure } = telemetry()
  const fault = new ArmFault({ kind: 'denied', code: 'AuthorizationFailed', message: 'no' })
  const look = snapshots(() => Promise.reject(fault))
  await t.rejects(look({ subscriptionId: 's', resourceGroup: 'g', name: 'c' }), fault)
  t.equal(await figure('snapshot_duration_seconds_count', { outcome: 'failed' }), 1)
})

const STEP = {
  status: 'Running',
  startedAt: '2026-09-01T00:00:00Z',
  finishedAt: null,
  faults: { count: 0, since: null, kind: null, ofKind: 0, kindSince: null },
}
const state = (step: object, rest: object = {}): JobState =>
  ({
    acceptedAt: STEP.startedAt,
    finishedAt: null,
    steps: { verify: { ...STEP, ...step } },
    ...rest,
  }) as never

t.test('the end of a step and of a job is counted once, and each fault', async (t) => {
  const { jobs, figure } = telemetry()
  const begun = state({})
  const faulted = state({ faults: { ...STEP.faults, count: 1, kind: 'throttled' } })
  const done = state({ status: 'Succeeded', finishedAt: '2026-09-01T00:00:20Z' })
  const ended = {
    ...done,
    status: 'Failed' as const,
    finishedAt: '2026-09-01T00:00:30Z',
    error: { code: 'PLAN_STALE' },
  } as JobState
  jobs.advanced(begun, faulted)
  jobs.advanced(faulted, faulted)
  jobs.advanced(faulted, done)
  jobs.advanced(done, ended)
  jobs.advanced(ended, ended)
  t.equal(await figure('step_faults_total', { step: 'verify', kind: 'throttled' }), 1)
  t.equal(await figure('step_duration_seconds_count', { step: 'verify', status: 'Succeeded' }), 1)
  t.equal(await figure('step_duration_seconds_sum'), 20)
  t.equal(await figure('jobs_ended_total', { status: 'Failed', code: 'PLAN_STALE' }), 1)
  t.equal(await figure('job_duration_seconds_sum', { status: 'Failed' }), 30)
})

t.test('measures a tick and returns its result or error', async (t) => {
  const { jobs, figure } = telemetry()
  const facts = { jobId: 'j', cluster: 'c', action: 'poll', step: null, traceparent: null }
  await jobs.tick(facts, async () => {})
  await t.rejects(
    jobs.tick(facts, () => Promise.reject(new Error('no'))),
    { message: 'no' },
  )
  t.equal(await figure('tick_duration_seconds_count', { action: 'poll' }), 2)
  t.equal(jobs.traceparent(), null, 'nothing is traced')
})

t.test('a request counts once, also when its caller has gone away', async (t) => {
  const { http, figure } = telemetry()
  const request = { operation: 'getJob', method: 'GET', route: '/v1/jobs/:jobId', isQuiet: false }
  const observed = http({ ...request, traceparent: undefined })
  t.equal(
    observed.run(() => 7),
    7,
  )
  observed.end({ status: 499, code: null, seconds: 0 })
  observed.end({ status: 200, code: null, seconds: 1 })
  t.equal(await figure('http_request_duration_seconds_count', { operation: 'getJob' }), 1)
  t.equal(await figure('http_request_duration_seconds_count', { status: '4xx' }), 1)
})
