import t from 'tap'
import { createReadiness, type ReadinessDeps } from '../../src/telemetry/readiness.ts'
import { fakeApp } from '../routes/support/fakes.ts'

const NOW = new Date('2026-09-01T00:10:00Z')
const ago = (seconds: number) => new Date(NOW.getTime() - seconds * 1_000)

function deps(given: Partial<ReadinessDeps>): ReadinessDeps {
  return {
    checkDatabase: async () => {},
    isWorker: true,
    polledAt: () => ago(1),
    isStopping: () => false,
    armContact: { answeredAt: null, failedAt: null },
    now: () => NOW,
    logger: { warn: () => {} },
    ...given,
  }
}

const CASES: [name: string, given: Partial<ReadinessDeps>, status: number, failing: string[]][] = [
  ['at rest', {}, 200, []],
  ['while it stops', { isStopping: () => true }, 503, ['running']],
  [
    'without its database',
    { checkDatabase: () => Promise.reject(new Error('connect ECONNREFUSED db.internal')) },
    503,
    ['database'],
  ],
  ['before it takes ticks', { polledAt: () => null }, 503, ['queue']],
  ['with workers that are stuck', { polledAt: () => ago(31) }, 503, ['queue']],
  ['with workers that are late', { polledAt: () => ago(29) }, 200, []],
  ['as an API process, which takes no ticks', { isWorker: false, polledAt: () => null }, 200, []],
  ['while Azure is away', { armContact: { answeredAt: ago(60), failedAt: ago(5) } }, 200, ['azure']],
  ['when Azure is back', { armContact: { answeredAt: ago(5), failedAt: ago(60) } }, 200, []],
]

for (const [name, given, status, failing] of CASES)
  t.test(`answers ${status} ${name}`, async (t) => {
    const { app } = await fakeApp(t, { readiness: createReadiness(deps(given)) })
    const answer = await app.inject('/readyz')
    t.equal(answer.statusCode, status)
    const body = answer.json()
    const checks: { name: string; ok: boolean; required: boolean }[] = body.checks ?? body.facts.checks
    t.strictSame(
      checks.filter((check) => !check.ok).map((check) => check.name),
      failing,
    )
    t.notMatch(answer.payload, 'db.internal', 'no names of hosts')
    if (status === 503) {
      t.equal(body.code, 'NOT_READY')
      t.equal(answer.headers['retry-after'], '5')
      t.match(body.detail, failing[0])
    }
  })

t.test('a problem names only required checks', async (t) => {
  const readiness = createReadiness(
    deps({ isStopping: () => true, armContact: { answeredAt: null, failedAt: ago(1) } }),
  )
  const { app } = await fakeApp(t, { readiness })
  t.equal(
    (await app.inject('/readyz')).json().detail,
    'The service is not ready, because these checks fail: running.',
  )
})
