import type { InjectOptions } from 'fastify'
import t, { type Test } from 'tap'
import { EXAMPLE_APPROVAL } from '../../../src/routes/examples/jobs.ts'
import { GRANTS } from '../../../src/routes/operation.ts'
import { exampleProblem, type ProblemCode } from '../../../src/routes/problems/problems.ts'
import type { AppDeps } from '../../../src/routes/server/app-deps.ts'
import { contractViolations, undocumentedProblems } from '../../support/contract-check.ts'
import { documentOf, operationsOf } from '../support/document.ts'
import {
  aCaller,
  anEntry,
  CAMPAIGN_ID,
  FakeModules,
  fakeApp,
  JOB_ID,
  PLAN_ID,
  PROBE_ID,
} from '../support/fakes.ts'
import { provocationOf, type Stage } from '../support/provocations.ts'
import { SUCCESSES } from '../support/successes.ts'

const health = {
  method: 'GET',
  path: '/healthz',
  status: 200,
  contentType: 'application/json; charset=utf-8',
}
const good = JSON.stringify({ status: 'ok', version: '1.0.0', azure: 'simulated' })

/** Answers that are good as well, beside the first of each operation. */
const OTHER_SUCCESSES: Record<string, InjectOptions> = {
  'approvePlan 200': { method: 'POST', url: `/v1/plans/${PLAN_ID}/approvals` },
  'getCampaign 304': { url: `/v1/campaigns/${CAMPAIGN_ID}`, headers: { 'if-none-match': '*' } },
  'getProbe 304': { url: `/v1/probes/${PROBE_ID}`, headers: { 'if-none-match': '"1"' } },
  'getPlan 304': { url: `/v1/plans/${PLAN_ID}`, headers: { 'if-none-match': '*' } },
  'getJob 304': { url: `/v1/jobs/${JOB_ID}`, headers: { 'if-none-match': '*' } },
  'listJobEvents 204': {
    url: `/v1/jobs/${JOB_ID}/events`,
    headers: { accept: 'text/event-stream', 'last-event-id': '99' },
  },
  'listCampaignEvents 204': {
    url: `/v1/campaigns/${CAMPAIGN_ID}/events`,
    headers: { accept: 'text/event-stream', 'last-event-id': '99' },
  },
  'listJobEvents 304': { url: `/v1/jobs/${JOB_ID}/events`, headers: { 'if-none-match': '*' } },
}

/** Needs a connection that breaks off: see socket.test.ts. */
const ON_SOCKETS: readonly ProblemCode[] = ['BODY_INCOMPLETE']

/** Two apps for all of them, because making one takes longer than all its answers. */
async function staged(t: Test) {
  const stage: Stage = {
    callerFault: null,
    beginFault: null,
    isReady: true,
    key: null,
    rooms: new FakeModules(),
  }
  const deps: Partial<AppDeps> = {
    authenticate: async () => {
      if (stage.callerFault !== null) throw stage.callerFault
      return aCaller(GRANTS)
    },
    observer: () => {
      if (stage.beginFault !== null) throw stage.beginFault
      return { run: (part) => part(), end: () => {} }
    },
    readiness: async () => [{ name: 'database', ok: stage.isReady }],
  }
  const { app, rooms } = await fakeApp(t, deps)
  const { claim } = rooms.keys
  rooms.keys.claim = async (request) => stage.key ?? (await claim(request))
  const { app: limited } = await fakeApp(t, { rateLimits: { reads: 1, writes: 1 } })
  /** Asks with this problem in the way; every answer of a fake app is held against the document as well. */
  return async (operationId: string, code: ProblemCode) => {
    const good = SUCCESSES.find((each) => each.operationId === operationId)
    if (good === undefined) throw new Error(`no request for ${operationId}`)
    rooms.fault = null
    Object.assign(stage, { callerFault: null, beginFault: null, isReady: true, key: null, rooms })
    const { stage: set, request = (given) => given, isSecond = false } = provocationOf(code)
    set?.(stage)
    if (!isSecond) return app.inject(request(good.request))
    const remoteAddress = `192.0.2.${SUCCESSES.indexOf(good) + 1}`
    await limited.inject({ ...good.request, remoteAddress })
    return limited.inject({ ...good.request, remoteAddress })
  }
}

const provoked = await staged(t)
const { app } = await fakeApp(t)
const OPERATIONS = operationsOf(documentOf(app)).map(({ operation }) => operation)

t.test('detects undocumented responses', async (t) => {
  t.strictSame(contractViolations({ ...health, text: good }), [])
  t.match(contractViolations({ ...health, text: '{}' }), [/required property/])
  t.match(contractViolations({ ...health, text: good, status: 201 }), [/does not document 201/])
  t.match(contractViolations({ ...health, text: good, contentType: 'text/plain' }), [
    /does not document text\/plain/,
  ])
  t.match(contractViolations({ ...health, text: good, path: '/v2/healthz' }), [/is no operation/])
  const problem = { ...health, path: '/v2/healthz', status: 404, contentType: 'application/problem+json' }
  t.ok(contractViolations({ ...problem, text: '{}' }).length > 0, 'a problem without its members')
})

t.test('problems that an operation shows no example of are found', async (t) => {
  const refused = { ...health, status: 400, contentType: 'application/problem+json' }
  const saying = (code: ProblemCode) => ({ ...refused, text: JSON.stringify(exampleProblem(code)) })
  t.strictSame(undocumentedProblems(saying('INVALID_REQUEST')), [])
  t.strictSame(undocumentedProblems(saying('CURSOR_INVALID')), ['getHealth 400 shows no CURSOR_INVALID'])
  t.strictSame(undocumentedProblems({ ...saying('INVALID_REQUEST'), status: 404 }), [
    'getHealth 404 shows no INVALID_REQUEST',
  ])
  t.strictSame(undocumentedProblems({ ...health, text: good }), [], 'a good answer is none')
})

for (const { operationId = '', responses } of OPERATIONS)
  t.test(`${operationId} answers every status that it documents, with every problem`, async (t) => {
    for (const [status, { content }] of Object.entries(responses)) {
      if (status < '400') continue
      const { examples = {} } = (content?.['application/problem+json'] ?? {}) as { examples?: object }
      const codes = Object.keys(examples).filter((code) => !ON_SOCKETS.includes(code as ProblemCode))
      t.ok(codes.length > 0, `${status} has an example that can be provoked`)
      for (const code of codes as ProblemCode[]) {
        const answer = await provoked(operationId, code)
        t.strictSame([answer.statusCode, answer.json().code], [Number(status), code])
      }
    }
  })

t.test('every good status is exercised too', async (t) => {
  const { app, rooms } = await fakeApp(t)
  rooms.approvals.approve = async () => ({ approval: EXAMPLE_APPROVAL, isNew: false })
  rooms.version = { version: '3', isFinished: true, isHeld: false }
  rooms.entries = [anEntry(1)]
  rooms.campaign = { ...rooms.campaign, finishedAt: '2026-09-01T01:00:00.000Z' }
  for (const [name, request] of Object.entries(OTHER_SUCCESSES))
    t.equal((await app.inject(request)).statusCode, Number(name.split(' ')[1]), name)
  const documented = OPERATIONS.flatMap(({ operationId, responses }) =>
    Object.keys(responses)
      .filter((status) => status < '400')
      .map((status) => `${operationId} ${status}`),
  )
  const exercised = [
    ...SUCCESSES.map(({ operationId, status }) => `${operationId} ${status}`),
    ...Object.keys(OTHER_SUCCESSES),
  ]
  t.strictSame(documented.toSorted(), exercised.toSorted())
})
