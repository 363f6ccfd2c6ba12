import pino from 'pino'
import t, { type Test } from 'tap'
import type { AccessPolicy } from '../../../src/core/access/access-policy.ts'
import { DomainError } from '../../../src/core/lib/errors.ts'
import { EXAMPLE_CAMPAIGN_EVENT } from '../../../src/routes/examples/campaigns.ts'
import { EXAMPLE_PLAN } from '../../../src/routes/examples/jobs.ts'
import { ALL_OPERATIONS } from '../../../src/routes/operations/all-operations.ts'
import { CAMPAIGN_ID, fakeApp, JOB_ID, PLAN_ID } from '../support/fakes.ts'
import { SUCCESSES } from '../support/successes.ts'

const OTHER_ID = '01990000-0000-7000-8000-00000000dead'
const [PLAN_SECRET, JOB_SECRET, TICKET] = ['aeps_plan-secret', 'aeps_job-secret', 'aept_job-ticket']
const OWNER = { id: 'ann-id', appId: null, groups: ['group-1'] }
const withSecret = (secret: string) => ({ authorization: `ShareLink ${secret}` })

/** The app that accepts no tokens at all, with secrets for one plan and one job, and its log. */
async function linkedApp(t: Test, policy: () => AccessPolicy | null = () => null) {
  const lines: string[] = []
  const logger = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) })
  const { app, rooms } = await fakeApp(t, {
    logger,
    policy,
    authenticate: async (authorization) => {
      throw new DomainError(authorization === undefined ? 'AUTHENTICATION_REQUIRED' : 'TOKEN_INVALID')
    },
  })
  const link = { createdBy: 'ann', owner: OWNER }
  rooms.secrets.set(PLAN_SECRET, { ...link, id: 'link-1', kind: 'shareLink', target: { planId: PLAN_ID } })
  rooms.secrets.set(JOB_SECRET, { ...link, id: 'link-2', kind: 'shareLink', target: { jobId: JOB_ID } })
  rooms.secrets.set(TICKET, { ...link, id: 'ticket-1', kind: 'eventTicket', target: { jobId: JOB_ID } })
  const ask = async (url: string, headers: Record<string, string> = {}, method: 'GET' | 'HEAD' = 'GET') => {
    const answer = await app.inject({ method, url, headers })
    return { status: answer.statusCode, code: answer.headers['x-ms-error-code'], answer }
  }
  return { app, rooms, lines, ask }
}

t.test('a share link opens every form of its plan or job, and nothing is stored', async (t) => {
  const { ask } = await linkedApp(t)
  for (const [url, secret, accept] of [
    [`/v1/plans/${PLAN_ID}`, PLAN_SECRET, 'text/html'],
    [`/v1/plans/${PLAN_ID}`, PLAN_SECRET, 'application/json'],
    [`/v1/plans/${PLAN_ID}`, PLAN_SECRET, 'text/markdown'],
    [`/v1/plans/${PLAN_ID}/ip-changes`, PLAN_SECRET, 'text/csv'],
    [`/v1/jobs/${JOB_ID}`, JOB_SECRET, 'application/json'],
    [`/v1/jobs/${JOB_ID}/events`, JOB_SECRET, 'application/json'],
  ] as const)
    for (const method of ['GET', 'HEAD'] as const) {
      const { status, answer } = await ask(url, { ...withSecret(secret), accept }, method)
      t.equal(status, 200, `${method} ${url} ${accept}`)
      t.match(answer.headers, { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
      t.notOk(answer.payload.includes(secret))
    }
  const { answer } = await ask(`/v1/plans/${PLAN_ID}`, { ...withSecret(PLAN_SECRET), accept: 'text/html' })
  t.notMatch(answer.payload, /href="\/v1/, 'the report has no links that the reader cannot follow')
})

t.test('a share link permits no other operation', async (t) => {
  const { app, rooms } = await linkedApp(t)
  const openable = ['getPlan', 'getIpChanges', 'getJob', 'listJobEvents', 'getJobIpChanges']
  t.strictSame(
    ALL_OPERATIONS.filter(({ openedBy }) => openedBy?.includes('shareLink')).map(
      ({ operationId }) => operationId,
    ),
    openable,
  )
  const guarded = SUCCESSES.filter(({ operationId }) => {
    const grant = ALL_OPERATIONS.find((operation) => operation.operationId === operationId)?.grant
    return grant !== 'public' && !openable.includes(operationId)
  })
  t.ok(guarded.length > 30)
  for (const { operationId, request } of guarded)
    for (const secret of [PLAN_SECRET, JOB_SECRET]) {
      const answer = await app.inject({ ...request, headers: withSecret(secret) })
      t.equal(answer.statusCode, 401, operationId)
    }
  t.strictSame(rooms.calls, [])
})

t.test('every invalid link gets the same response', async (t) => {
  const { rooms, ask } = await linkedApp(t)
  const responses = new Set<string>()
  for (const [what, url, secret] of [
    ['an unknown secret', `/v1/plans/${PLAN_ID}`, 'aeps_unknown'],
    ['another plan', `/v1/plans/${OTHER_ID}`, PLAN_SECRET],
    ['a job', `/v1/jobs/${JOB_ID}`, PLAN_SECRET],
    ['a plan for the link of a job', `/v1/plans/${PLAN_ID}`, JOB_SECRET],
    ['a ticket as a link', `/v1/jobs/${JOB_ID}`, TICKET],
  ] as const) {
    const { status, code, answer } = await ask(url, withSecret(secret))
    t.strictSame([status, code], [403, 'SHARE_LINK_INVALID'], what)
    const { detail, remedy, facts, errors } = answer.json()
    responses.add(JSON.stringify({ detail, remedy, facts, errors }))
  }
  t.equal(responses.size, 1)
  t.equal(rooms.calls.length, 0)
})

t.test('a ticket opens the event stream of its job, in the URL and nowhere else', async (t) => {
  const { app, rooms, ask } = await linkedApp(t)
  rooms.entries = []
  rooms.version = { version: '7', isFinished: true, isHeld: false }
  const stream = { accept: 'text/event-stream' }
  t.equal((await ask(`/v1/jobs/${JOB_ID}/events?ticket=${TICKET}`, stream)).status, 204)
  for (const url of [
    `/v1/jobs/${OTHER_ID}/events?ticket=${TICKET}`,
    `/v1/jobs/${JOB_ID}/events?ticket=aept_unknown`,
    `/v1/jobs/${JOB_ID}/events?ticket=${TICKET}&ticket=${TICKET}`,
    `/v1/jobs/${JOB_ID}/events?ticket=${JOB_SECRET}`,
    `/v1/jobs/${JOB_ID}/events?ticket=`,
  ]) {
    const { status, code } = await ask(url, stream)
    t.strictSame([status, code], [403, 'EVENT_TICKET_INVALID'], url)
  }
  for (const url of [`/v1/jobs/${JOB_ID}?ticket=${TICKET}`, `/v1/plans/${PLAN_ID}?ticket=${TICKET}`])
    t.equal((await ask(url)).status, 401, url)
  const write = { method: 'POST', url: `/v1/jobs/${JOB_ID}/cancellation?ticket=${TICKET}` } as const
  t.equal((await app.inject(write)).statusCode, 401)
  const both = { ...stream, authorization: 'Bearer x' }
  const { code } = await ask(`/v1/jobs/${JOB_ID}/events?ticket=${TICKET}`, both)
  t.equal(code, 'TOKEN_INVALID', 'a token takes precedence over a ticket')
})

t.test('a ticket opens the event stream of its campaign, with the scope of its creator', async (t) => {
  const on = [{ subscriptionId: '*', resourceGroup: '*', clusterName: 'aks-*' }]
  const policy = { grants: [{ to: [{ oid: 'ann-id' }], actions: ['read' as const], on }], approvals: [] }
  const { rooms, ask } = await linkedApp(t, () => policy)
  const ticket = 'aept_campaign-ticket'
  const target = { campaignId: CAMPAIGN_ID }
  rooms.secrets.set(ticket, { id: 'ticket-2', kind: 'eventTicket', createdBy: 'ann', owner: OWNER, target })
  rooms.campaignLog = [{ ...EXAMPLE_CAMPAIGN_EVENT, sequence: 1, type: 'ended' }]
  const stream = { accept: 'text/event-stream' }
  const { status, answer } = await ask(`/v1/campaigns/${CAMPAIGN_ID}/events?ticket=${ticket}`, stream)
  t.match(answer.headers, { 'content-type': /^text\/event-stream/ })
  t.equal(status, 200)
  t.match(answer.payload, /^id: 1$/m)
  t.strictSame(
    rooms.calls.filter(([name]) => name === 'getCampaign'),
    [['getCampaign', CAMPAIGN_ID, on]],
    'only members that the creator may see',
  )
  for (const url of [
    `/v1/campaigns/${OTHER_ID}/events?ticket=${ticket}`,
    `/v1/campaigns/${CAMPAIGN_ID}/events?ticket=${TICKET}`,
    `/v1/jobs/${JOB_ID}/events?ticket=${ticket}`,
  ])
    t.equal((await ask(url, stream)).code, 'EVENT_TICKET_INVALID', url)
  t.equal((await ask(`/v1/campaigns/${CAMPAIGN_ID}?ticket=${ticket}`)).status, 401)
})

t.test(
  'a link stops working when the access policy no longer lets its creator read the cluster',
  async (t) => {
    const { subscriptionId } = EXAMPLE_PLAN.cluster
    const on = [{ subscriptionId, resourceGroup: '*', clusterName: '*' }]
    const held: { policy: AccessPolicy } = { policy: { grants: [], approvals: [] } }
    const { ask } = await linkedApp(t, () => held.policy)
    const open = () => ask(`/v1/plans/${PLAN_ID}`, withSecret(PLAN_SECRET))
    t.strictSame((await open()).code, 'PLAN_NOT_FOUND')
    for (const to of [{ oid: 'ann-id' }, { groupId: 'group-1' }]) {
      held.policy = { grants: [{ to: [to], actions: ['read'], on }], approvals: [] }
      t.equal((await open()).status, 200, 'the ID and the groups of the creator count')
    }
    held.policy = { grants: [{ to: [{ oid: 'bob-id' }], actions: ['read'], on }], approvals: [] }
    t.strictSame((await open()).code, 'PLAN_NOT_FOUND')
  },
)

t.test('no secret is in the log, in an audited rejection, or in a problem', async (t) => {
  const { app, rooms, lines, ask } = await linkedApp(t)
  const secrets = [PLAN_SECRET, JOB_SECRET, TICKET, 'aept_unknown']
  const answers = [
    await ask(`/v1/plans/${PLAN_ID}`, withSecret(PLAN_SECRET)),
    await ask(`/v1/plans/${OTHER_ID}`, withSecret(PLAN_SECRET)),
    await ask(`/v1/jobs/${JOB_ID}/events?ticket=${TICKET}`),
    await ask(`/v1/jobs/${JOB_ID}/events?ticket=aept_unknown`),
    await ask(`/v1/jobs/${JOB_ID}?ticket=${TICKET}`, withSecret(JOB_SECRET)),
    await ask(`/shared/plans/${PLAN_ID}`),
  ].map(({ answer }) => JSON.stringify([answer.headers, answer.payload]))
  const url = `/v1/plans/${PLAN_ID}/approvals`
  await app.inject({ method: 'POST', url, headers: withSecret(PLAN_SECRET), payload: {} })
  t.equal(rooms.refused.length, 1)
  t.ok(lines.length >= answers.length)
  for (const text of [...answers, lines.join(''), JSON.stringify(rooms.refused)])
    for (const secret of secrets) t.notOk(text.includes(secret))
})

t.test('readers of a link share its rate limit, and not that of its creator', async (t) => {
  const { app, rooms } = await fakeApp(t, { rateLimits: { reads: 2, writes: 2 } })
  const link = { createdBy: 'ann', owner: { ...OWNER, id: 'anonymous' }, kind: 'shareLink' } as const
  for (const [index, secret] of ['aeps_one', 'aeps_two'].entries())
    rooms.secrets.set(secret, { ...link, id: `link-${index}`, target: { planId: PLAN_ID } })
  const read = async (headers = {}) => (await app.inject({ url: `/v1/plans/${PLAN_ID}`, headers })).statusCode
  for (const wanted of [200, 200, 429]) t.equal(await read(withSecret('aeps_one')), wanted)
  t.equal(await read(withSecret('aeps_two')), 200)
  t.equal(await read(), 200)
})

t.test('the page of a share link contains no data, and may only run its own script', async (t) => {
  const { ask } = await linkedApp(t)
  const pages = await Promise.all([
    ask(`/shared/plans/${PLAN_ID}`),
    ask(`/shared/plans/${OTHER_ID}`),
    ask(`/shared/jobs/${JOB_ID}`),
  ])
  t.equal(new Set(pages.map(({ answer }) => answer.payload)).size, 1, 'the same for everything')
  for (const { status, answer } of pages) {
    t.equal(status, 200)
    t.match(answer.headers, {
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-robots-tag': 'noindex',
    })
    const policy = String(answer.headers['content-security-policy'])
    t.match(
      policy,
      /^default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'; connect-src 'self';/,
    )
    t.notMatch(policy, /unsafe/)
  }
})
