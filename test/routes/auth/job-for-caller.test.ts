import t from 'tap'
import type { Job } from '../../../src/contract/job.ts'
import type { Action } from '../../../src/contract/me.ts'
import { EXAMPLE_ENDED_JOB, EXAMPLE_JOB } from '../../../src/routes/examples/jobs.ts'
import type { Grant } from '../../../src/routes/operation.ts'
import { fakeApp, JOB_ID } from '../support/fakes.ts'
import { startIssuer, USER } from '../support/issuer.ts'

const HOLD = { step: 'change-outbound-type', heldSince: null, releasedAt: null, releasedBy: null } as const
const hold = (status: 'Ahead' | 'Held' | 'Released') => ({ ...EXAMPLE_JOB, hold: { ...HOLD, status } })
/** A view as an earlier version stored it: a release in advance was an action. */
const EARLIER: Job = { ...hold('Ahead'), actions: { ...EXAMPLE_JOB.actions, release: true } }
const AT_HOLD: Job = { ...hold('Held'), actions: { ...EXAMPLE_JOB.actions, release: true } }

/** Each action with its operation; the ended job takes plans, the held job takes the rest. */
const OPERATIONS: [action: keyof Job['actions'], path: string, needs: Grant, change?: object][] = [
  ['cancel', '/cancellation', 'Egress.Execute'],
  ['release', '/release', 'Egress.Execute'],
  ['rollbackPlan', '/rollback-plan', 'Egress.Plan'],
  ['cleanUpPlan', '/clean-up-plan', 'Egress.Plan'],
  ['reconcilePlan', '/reconcile-plan', 'Egress.Plan'],
  ['reschedule', '', 'Egress.Execute', { notBefore: '2026-12-01T00:00:00Z' }],
]
const JOBS: [Job, Partial<Job['actions']>][] = [
  [AT_HOLD, { cancel: true, release: true }],
  [EARLIER, { cancel: true }],
  [hold('Released'), { cancel: true }],
  [EXAMPLE_JOB, { cancel: true }],
  [EXAMPLE_ENDED_JOB, { rollbackPlan: true, cleanUpPlan: true, reconcilePlan: true }],
]
const NONE: Job['actions'] = {
  cancel: false,
  release: false,
  rollbackPlan: false,
  cleanUpPlan: false,
  reschedule: false,
  reconcilePlan: false,
}

const { subscriptionId, resourceGroup } = EXAMPLE_JOB.cluster
const policyOf = (actions: Action[], group = resourceGroup) => ({
  grants: [
    { to: [{ oid: USER }], actions, on: [{ subscriptionId, resourceGroup: group, clusterName: '*' }] },
  ],
  approvals: [],
})
const READ = { to: [{ oid: USER }], actions: ['read' as const], on: policyOf([]).grants[0]?.on ?? [] }
const ALL: Grant[] = ['Egress.Read', 'Egress.Plan', 'Egress.Execute']
/** A caller by its roles and the policy, and what it may do on the cluster of the job. */
const CALLERS: [string, Grant[], ReturnType<typeof policyOf> | null, may: Grant[]][] = [
  ['a reader', ['Egress.Read'], null, []],
  ['a planner', ['Egress.Read', 'Egress.Plan'], null, ['Egress.Plan']],
  ['an executor', ['Egress.Read', 'Egress.Execute'], null, ['Egress.Execute']],
  ['an operator', ALL, null, ['Egress.Plan', 'Egress.Execute']],
  ['a reader by the policy', ALL, policyOf(['read']), []],
  ['an executor by the policy', ALL, policyOf(['execute']), ['Egress.Execute']],
  ['a planner by the policy', ALL, policyOf(['plan']), ['Egress.Plan']],
  [
    'an executor of other clusters',
    ALL,
    { grants: [READ, ...policyOf(['execute'], 'rg-other').grants], approvals: [] },
    [],
  ],
]

t.test(
  'shows each caller exactly the actions that the state of the job and its permissions allow',
  async (t) => {
    const issuer = await startIssuer(t)
    const sign = await issuer.addKey('one')
    let policy: ReturnType<typeof policyOf> | null = null
    const { app, rooms } = await fakeApp(t, { authenticate: issuer.authenticate, policy: () => policy })
    for (const [who, roles, itsPolicy, may] of CALLERS) {
      policy = itsPolicy
      const headers = { authorization: `Bearer ${await sign({ roles })}` }
      const tags = new Set<unknown>()
      for (const [job, possible] of JOBS) {
        rooms.job = job
        rooms.version = { version: '7', isFinished: job === EXAMPLE_ENDED_JOB, isHeld: job === AT_HOLD }
        const expected = { ...NONE }
        for (const [action, , needs] of OPERATIONS)
          expected[action] = possible[action] === true && may.includes(needs)
        const read = await app.inject({ url: `/v1/jobs/${JOB_ID}`, headers })
        const list = await app.inject({ url: '/v1/jobs', headers })
        const name = `${who}, ${job.status} ${job.hold?.status}`
        t.strictSame(read.json(), { ...job, actions: expected }, name)
        t.strictSame(list.json().items, [{ ...job, actions: expected }], `${name}, in the list`)
        tags.add(read.headers.etag)
        for (const [action, path, needs, change] of OPERATIONS) {
          const answer = await app.inject({
            url: `/v1/jobs/${JOB_ID}${path}`,
            headers,
            ...(change === undefined ? { method: 'POST' } : { method: 'PATCH', payload: change }),
          })
          t.equal(answer.statusCode < 300, may.includes(needs), `${name}: ${action}`)
          if (answer.statusCode === 202)
            t.strictSame(answer.json().actions, expected, `${name}: in the response of ${action}`)
        }
      }
      t.equal(tags.size, 1, 'the version depends on the caller and not on the actions')
    }
  },
)

t.test('gives callers with other actions other versions, which If-Match accepts', async (t) => {
  const issuer = await startIssuer(t)
  const sign = await issuer.addKey('one')
  const { app } = await fakeApp(t, { authenticate: issuer.authenticate })
  const url = `/v1/jobs/${JOB_ID}`
  const tagFor = async (...roles: Grant[]) => {
    const headers = { authorization: `Bearer ${await sign({ roles })}` }
    return { headers, etag: String((await app.inject({ url, headers })).headers.etag) }
  }
  const reader = await tagFor('Egress.Read')
  const executor = await tagFor('Egress.Read', 'Egress.Execute')
  t.strictSame([reader.etag, executor.etag, (await tagFor(...ALL)).etag], ['"7.read"', '"7.execute"', '"7"'])
  const known = { ...executor.headers, 'if-none-match': reader.etag }
  t.equal((await app.inject({ url, headers: known })).statusCode, 200, 'the role was granted meanwhile')
  const cancel = (condition: string) =>
    app.inject({
      method: 'POST',
      url: `${url}/cancellation`,
      headers: { ...executor.headers, 'if-match': condition },
    })
  t.equal((await cancel(executor.etag)).statusCode, 202)
  t.equal((await cancel('"6.execute"')).statusCode, 412)
  t.equal((await cancel('"70.execute"')).statusCode, 412)
})
