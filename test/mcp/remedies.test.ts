import t from 'tap'
import { DomainError } from '../../src/core/lib/errors.ts'
import { nameTools, nameToolsIn, toProblem } from '../../src/mcp/problems.ts'
import { ALL_TOOLS } from '../../src/mcp/tools/all-tools.ts'
import { exampleProblem, PROBLEM_CODES } from '../../src/routes/problems/problems.ts'
import { fakeApp, JOB_ID, ownApp, PLAN_ID } from '../routes/support/fakes.ts'
import { callTool, problemOf } from './support/mcp-client.ts'
import { TOOL_ROWS } from './support/tool-rows.ts'

/** Codes that only a request of the HTTP API can cause: of its headers, URLs, and of resources without a tool. */
const NOT_FOR_TOOLS =
  /^(IDEMPOTENCY|PRECONDITION|NOT_ACCEPTABLE|UNSUPPORTED|METHOD|EXPECTATION|HEADERS|URI|HOST|BODY|MALFORMED|CAMPAIGN|WEBHOOK|SHARE_LINK|EVENT_TICKET|AUTHENTICATION|TOO_MANY_STREAMS)/

t.test('no remedy names a header, and every named operation states that no tool calls it', async (t) => {
  const names = new Set(ALL_TOOLS.map(({ name }) => name))
  for (const code of PROBLEM_CODES.filter((one) => !NOT_FOR_TOOLS.test(one))) {
    const problem = Object.fromEntries(toProblem({ text: JSON.stringify(exampleProblem(code)) }))
    const remedy = String(problem.remedy)
    t.notMatch(remedy, /header|Retry-After|Idempotency-Key|If-Match/, code)
    for (const [operation] of remedy.matchAll(/`(?:GET|POST|PATCH|DELETE) [^`]+`(?! \(no tool)/g))
      t.fail(`${code}: ${operation}`)
    if (problem.tool !== undefined) t.ok(names.has(String(problem.tool)), code)
  }
})

t.test('names the tool of an operation, with a parameter or an ID', async (t) => {
  for (const path of ['{jobId}', PLAN_ID])
    t.equal(
      nameTools(`Cancel it with \`POST /v1/jobs/${path}/cancellation\`.`),
      'Cancel it with the tool `cancel`.',
    )
  t.equal(nameTools('Use `POST /v1/probes`.'), 'Use `POST /v1/probes` (no tool; ask the user).')
  const finding = { message: '`GET /v1/jobs/1`', remedy: 'Read `GET /v1/jobs/1`.' }
  t.strictSame(nameToolsIn({ findings: [finding] }), {
    findings: [{ message: '`GET /v1/jobs/1`', remedy: 'Read the tool `follow_job`.' }],
  })
})

t.test('the remedy of a missing rollback fits the reason, and names tools', async (t) => {
  const { app, rooms } = await fakeApp(t)
  const remedyOf = async (tool: string, facts: object) => {
    rooms.fault = new DomainError('ROLLBACK_NOT_AVAILABLE', { jobId: JOB_ID, reason: 'x', ...facts })
    return String(problemOf(await callTool(app, tool, TOOL_ROWS[tool] ?? {})).remedy)
  }
  t.match(await remedyOf('roll_back', { cause: 'notEnded' }), /cancel the job with the tool `cancel`/)
  t.match(await remedyOf('roll_back', { cause: 'unsupported', routes: ['a -> b'] }), /`facts\.routes` lists/)
  t.match(await remedyOf('execute', { cause: 'noAutomaticRollback' }), /^Omit `onFailure`/)
  rooms.fault = null
  const { result } = await callTool(app, 'read_plan', { planId: PLAN_ID, fields: ['rollback'] })
  t.ok(result?.structuredContent?.plan?.rollback)
})

t.test('a problem states how long to wait, and which tool to call next', async (t) => {
  const { app, rooms } = await fakeApp(t)
  rooms.fault = new DomainError('AZURE_THROTTLED', { what: 'reading', retryAfterSeconds: 17 })
  t.match(problemOf(await callTool(app, 'read_egress', TOOL_ROWS.read_egress ?? {})), {
    code: 'AZURE_THROTTLED',
    remedy: 'Retry after `retryAfterSeconds`.',
    retryAfterSeconds: 17,
  })
  rooms.fault = new DomainError('PLAN_STALE', { changed: [] })
  t.match(problemOf(await callTool(app, 'execute', TOOL_ROWS.execute ?? {})), { tool: 'plan' })
  const { app: limited } = await ownApp(t, { rateLimits: { reads: 1, writes: 1 } })
  await callTool(limited, 'read_plan', { planId: PLAN_ID })
  for (const planId of [PLAN_ID, 'invalid']) {
    const problem = problemOf(await callTool(limited, 'read_plan', { planId }))
    t.match(problem, { code: 'TOO_MANY_REQUESTS', remedy: /`retryAfterSeconds`/ })
    t.ok(problem.retryAfterSeconds > 0, planId)
  }
})
