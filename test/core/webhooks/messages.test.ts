import t from 'tap'
import { JOB_MESSAGE_TYPES } from '../../../src/contract/webhook.ts'
import { clusterKey } from '../../../src/core/access/access-policy.ts'
import type { JobEvent } from '../../../src/core/job/events.ts'
import { isSubscribed, jobMessages } from '../../../src/core/webhooks/messages.ts'
import { EXAMPLE_JOB } from '../../../src/routes/examples/jobs.ts'

const at = '2026-09-01T00:00:00.000Z'
const step = 'check-freshness' as const
const started: JobEvent = { type: 'stepStarted', at, step }
const done: JobEvent = { type: 'stepSucceeded', at, step, observed: null }
const prepared: JobEvent = {
  type: 'stepSucceeded',
  at,
  step,
  observed: { prepared: [{ resourceId: '/x', address: '20.1.2.3' }] },
}
const error = { code: 'INTERNAL', message: 'It broke.', step, arm: null, remedy: 'Mend it.' } as const

/** Every kind of message, by the event that it follows from. */
const EVENTS: [JobEvent, string[]][] = [
  [{ type: 'accepted', at, by: 'tester', reason: null, acknowledge: [] }, ['job.accepted']],
  [{ type: 'rescheduled', at, by: 'tester', schedule: null, reason: null }, ['job.rescheduled']],
  [started, ['job.started']],
  [done, ['job.step.succeeded']],
  [prepared, ['job.step.succeeded', 'job.addresses.prepared']],
  [{ type: 'held', at, step }, ['job.held']],
  [{ type: 'released', at, by: 'tester', reason: null }, ['job.released']],
  [{ type: 'cancelRequested', at, by: 'tester' }, ['job.cancellation.requested']],
  [{ type: 'rollbackStarted', at, error, steps: [] }, ['job.rollback.started']],
  [{ type: 'ended', at, status: 'Succeeded', error: null }, ['job.succeeded']],
  [{ type: 'ended', at, status: 'Failed', error }, ['job.failed']],
  [{ type: 'ended', at, status: 'Canceled', error: null }, ['job.canceled']],
  [{ type: 'recovered', at, step }, []],
  [{ type: 'warned', at, step, message: 'Beware.' }, []],
]

function messagesOf(events: JobEvent[], hadStarted = false, length = 0) {
  return jobMessages({ hadStarted, length, events, job: EXAMPLE_JOB })
}

t.test('each event has its messages', async (t) => {
  for (const [event, types] of EVENTS)
    t.strictSame(
      messagesOf([event]).map(({ type }) => type),
      types,
      event.type,
    )
  t.strictSame(
    [...new Set(EVENTS.flatMap(([, types]) => types))].toSorted(),
    [...JOB_MESSAGE_TYPES].toSorted(),
    'and there is no kind that nothing leads to',
  )
})

t.test('a job starts once', async (t) => {
  t.strictSame(
    messagesOf([started, done, { ...started, step: 'verify' }]).map(({ type }) => type),
    ['job.started', 'job.step.succeeded'],
  )
  t.strictSame(messagesOf([started], true), [])
})

t.test('a message tells its place in the log and the job as it then is', async (t) => {
  const [first, second] = messagesOf([done, { type: 'ended', at, status: 'Succeeded', error: null }], true, 7)
  t.match(first, { timestamp: at, data: { entry: { sequence: 8, step, message: 'Step succeeded.' } } })
  t.match(second, { data: { entry: { sequence: 9, message: 'Job ended: Succeeded.' } } })
  t.equal(second?.data.job, EXAMPLE_JOB)
})

t.test('a webhook receives the events that it selects, for the clusters that it selects', async (t) => {
  const key =
    '/subscriptions/11111111-1111-1111-1111-111111111111/resourcegroups/rg-demo/providers/microsoft.containerservice/managedclusters/lb-managed'
  const subscriptionId = '11111111-1111-1111-1111-111111111111'
  const webhook = { events: ['job.failed' as const], clusters: [], jobId: null }
  const on = (resourceGroup: string, clusterName: string) => ({
    ...webhook,
    clusters: [{ subscriptionId, resourceGroup, clusterName }],
  })
  t.ok(isSubscribed(webhook, 'job.failed', key), 'without clusters all of them')
  t.notOk(isSubscribed(webhook, 'job.succeeded', key))
  t.ok(isSubscribed(on('RG-demo', '*'), 'job.failed', key))
  t.ok(isSubscribed(on('*', 'lb-*'), 'job.failed', key))
  t.notOk(isSubscribed(on('rg-other', '*'), 'job.failed', key))
  t.ok(isSubscribed({ ...on('rg-other', '*'), jobId: EXAMPLE_JOB.id }, 'job.failed', key), 'of its own job')
})

t.test('decides on a stored pattern of more wildcards than are accepted today', async (t) => {
  const webhook = { events: ['job.failed' as const], jobId: null }
  const cluster = {
    subscriptionId: '11111111-1111-1111-1111-111111111111',
    resourceGroup: 'rg',
    name: 'a'.repeat(63),
  }
  const on = (clusterName: string) => ({
    ...webhook,
    clusters: [{ ...cluster, clusterName }],
  })
  t.notOk(isSubscribed(on(`${'*a'.repeat(31)}*b`), 'job.failed', clusterKey(cluster)))
  t.ok(isSubscribed(on(`${'*a'.repeat(31)}*`), 'job.failed', clusterKey(cluster)))
})
