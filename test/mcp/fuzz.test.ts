import fc from 'fast-check'
import t from 'tap'
import { countTokens } from '../../src/mcp/results.ts'
import { inlined } from '../../src/mcp/schemas.ts'
import { ALL_TOOLS } from '../../src/mcp/tools/all-tools.ts'
import { UNTRUSTED_NOTE } from '../../src/mcp/untrusted.ts'
import { arbitraryOf } from '../fuzz/document/arbitrary-of.ts'
import { filled } from '../fuzz/document/template.ts'
import { fakeApp, JOB_ID, PLAN_ID, SUBSCRIPTION } from '../routes/support/fakes.ts'
import { propertyRuns } from '../support/property-runs.ts'
import { callTool, problemOf, send, sendModern } from './support/mcp-client.ts'
import { TOOL_ROWS } from './support/tool-rows.ts'

const IDS: Record<string, unknown> = {
  planId: PLAN_ID,
  jobId: JOB_ID,
  acknowledgementsRequired: ['EGRESS_IP_LOST'],
}

/** Arguments that the schema of the tool accepts, with IDs that exist, as the fuzz run makes requests of the document. */
const fill = (name: string, of: string | number) =>
  name === '$now' ? new Date(Date.now() + Number(of) * 1_000).toISOString() : (IDS[String(of)] ?? 'none')

/** What the schema cannot say. */
const FIXED: Record<string, object> = {
  follow_job: { waitSeconds: 0 },
  explain_finding: { code: 'EGRESS_IP_LOST' },
}

for (const { name, input } of ALL_TOOLS)
  t.test(`${name} answers all valid arguments without an error of the server`, async (t) => {
    const { app } = await fakeApp(t)
    const args: fc.Arbitrary<{ maxTokens?: number }> = arbitraryOf(inlined(input) as never, '').map(
      (value) => ({ ...(filled(value, fill) as object), ...FIXED[name] }),
    )
    let successes = 0
    await fc.assert(
      fc.asyncProperty(args, async (given) => {
        const answer = await callTool(app, name, given)
        const text = answer.result?.content[0]?.text ?? ''
        const fault = (what: string) => new Error(`${what}: ${answer.status} ${answer.text.slice(0, 2_000)}`)
        if (answer.status === 400 && /\\ud[89a-f]/.test(JSON.stringify(given))) return
        if (answer.status !== 200 || answer.result === undefined) throw fault('no result')
        if (!text.startsWith(`{"note":"${UNTRUSTED_NOTE}"`)) throw fault('not marked')
        const both = countTokens(text) + countTokens(JSON.stringify(answer.result.structuredContent ?? ''))
        if (both > (given.maxTokens ?? 8_000)) throw fault('too large')
        if (answer.result.isError !== true) successes += 1
        else if (problemOf(answer).status >= 500) throw fault('an error of the server')
      }),
      { numRuns: propertyRuns(0.15), examples: [[TOOL_ROWS[name] ?? {}]] },
    )
    t.ok(successes > 0, 'some of them succeed')
  })

const METHODS = [
  ...['initialize', 'ping', 'tools/list', 'tools/call', 'resources/list', 'resources/templates/list'],
  ...['resources/read', 'resources/subscribe', 'prompts/list', 'prompts/get', 'completion/complete'],
  ...[
    'logging/setLevel',
    'server/discover',
    'subscriptions/listen',
    'tasks/get',
    'notifications/initialized',
  ],
  ...['notifications/cancelled', '', '__proto__'],
]
const VERSIONS = ['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25', '2026-07-28', '1999-01-01', 'x', '']

/** Parameters as clients send them, each of them perhaps wrong. */
const anything = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom('__proto__', '\u0000', -0, 1e308))
const parameters = fc.record(
  {
    name: fc.oneof(fc.constantFrom(...ALL_TOOLS.map((tool) => tool.name), 'plan_migration_safely'), anything),
    arguments: fc.oneof(fc.constant({ cluster: 'lb-managed' }), anything),
    uri: fc.oneof(
      fc.constantFrom(
        ...[`egress://plans/${PLAN_ID}`, `egress://jobs/${JOB_ID}?part=99`, 'egress://tools/plan'],
        ...['egress://tools/../plans', `egress://plans/${PLAN_ID}?part=0`, 'file:///etc/passwd'],
      ),
      anything,
    ),
    protocolVersion: fc.oneof(fc.constantFrom(...VERSIONS), anything),
    capabilities: fc.oneof(fc.constant({}), anything),
    clientInfo: fc.oneof(fc.constant({ name: 'fuzz', version: '1' }), anything),
    cursor: anything,
    _meta: fc.oneof(
      fc.record({
        progressToken: anything,
        'io.modelcontextprotocol/protocolVersion': fc.oneof(fc.constantFrom(...VERSIONS), anything),
        'io.modelcontextprotocol/clientInfo': anything,
        'io.modelcontextprotocol/clientCapabilities': anything,
      }),
      anything,
    ),
  },
  { requiredKeys: [] },
)
const message = fc.record(
  {
    jsonrpc: fc.oneof({ weight: 6, arbitrary: fc.constant('2.0') }, { weight: 1, arbitrary: anything }),
    id: fc.oneof(fc.integer(), fc.string(), anything),
    method: fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom(...METHODS) },
      { weight: 1, arbitrary: anything },
    ),
    params: fc.oneof({ weight: 6, arbitrary: parameters }, { weight: 1, arbitrary: anything }),
  },
  { requiredKeys: ['jsonrpc', 'method'] },
)
/** Answered with 200 and with 400 in every run: random messages are rarely valid. */
const PING = '{"jsonrpc":"2.0","id":1,"method":"ping"}'
const HALF_OF_A_MESSAGE = '{"jsonrpc":"2.0","id":1,'
const body = fc.oneof(
  { weight: 12, arbitrary: message.map((value) => JSON.stringify(value)) },
  { weight: 1, arbitrary: fc.array(message, { maxLength: 3 }).map((batch) => JSON.stringify(batch)) },
  {
    weight: 1,
    arbitrary: fc.oneof(
      anything.map((value) => JSON.stringify(value)),
      fc.string(),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(HALF_OF_A_MESSAGE, '[]', '', 'null', `"${'x'.repeat(300_000)}"`),
  },
)
const headers = fc.record(
  {
    accept: fc.constantFrom('application/json', 'text/event-stream', '*/*', 'text/html', ''),
    'content-type': fc.constantFrom(
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/json; charset=x',
    ),
    'mcp-protocol-version': fc.constantFrom(...VERSIONS),
    'mcp-method': fc.constantFrom(...METHODS),
    'mcp-name': fc.constantFrom('plan', 'none', '=?base64?x?='),
    'mcp-session-id': fc.constantFrom('1', 'x'.repeat(500)),
    'last-event-id': fc.constantFrom('1', 'x'),
  },
  { requiredKeys: [] },
)

for (const [era, sendIn] of [
  ['the revisions before 2026-07-28', send],
  ['revision 2026-07-28', sendModern],
] as const)
  t.test(`invalid parameters of each method are reported as such, in ${era}`, async (t) => {
    const { app } = await fakeApp(t)
    const sendOne = (method: string, params: unknown) => sendIn(app, method, params)
    for (const method of METHODS)
      for (const params of [
        undefined,
        {},
        { cursor: 5 },
        { uri: 5 },
        { name: 5 },
        { capabilities: 5 },
        { _meta: 5 },
        [],
        'x',
        null,
      ]) {
        const { status, error, text } = await sendOne(method, params)
        t.ok(
          status < 500 && error?.code !== -32603,
          `${method} ${JSON.stringify(params)} ${text.slice(0, 300)}`,
        )
      }
    for (const [method, params, message] of [
      ['resources/read', {}, /^params\.uri: /],
      ['resources/read', { uri: 5 }, /^params\.uri: /],
      ['tools/list', { cursor: 5 }, /^params\.cursor: /],
      ['tools/call', { name: 5 }, /^params\.name: /],
      ['tools/call', { name: 'plan', arguments: 5 }, /^params\.arguments: /],
    ] as const)
      t.match((await sendOne(method, params)).error, { code: -32602, message }, method)
    const { error } = await send(app, 'initialize', {})
    t.match(error, { code: -32602, message: /^params\.protocolVersion: / })
  })

t.test('deeply nested arguments are invalid', async (t) => {
  const { app } = await fakeApp(t)
  for (const depth of [60, 5_000, 100_000]) {
    const nested = `${'['.repeat(depth)}${']'.repeat(depth)}`
    const payload = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"plan","arguments":{"cluster":${nested}}}}`
    const headers = { accept: 'application/json, text/event-stream', 'content-type': 'application/json' }
    const answer = await app.inject({ method: 'POST', url: '/mcp', headers, payload })
    t.ok(answer.statusCode < 500 && !answer.payload.includes('-32603'), answer.payload.slice(0, 300))
  }
})

t.test('a text with half of a surrogate pair is invalid', async (t) => {
  const { app } = await fakeApp(t)
  const cluster = { subscriptionId: SUBSCRIPTION, resourceGroup: '\ud800)', name: 'lb-managed' }
  for (const name of ['read_egress', 'compare_targets'])
    t.equal((await callTool(app, name, { cluster })).status, 400, name)
})

t.test('no message ends in an error of the server', async (t) => {
  const { app } = await fakeApp(t)
  const statuses = new Map<number, number>()
  await fc.assert(
    fc.asyncProperty(body, headers, async (payload, given) => {
      const answer = await app.inject({
        method: 'POST',
        url: '/mcp',
        headers: {
          accept: 'application/json, text/event-stream',
          'content-type': 'application/json',
          ...given,
        },
        payload,
      })
      const { statusCode, payload: text } = answer
      statuses.set(statusCode, (statuses.get(statusCode) ?? 0) + 1)
      if (statusCode >= 500 || text.includes('"code":-32603'))
        throw new Error(`${statusCode} ${text.slice(0, 1_000)}`)
      if (countTokens(text) > 8_500) throw new Error(`too large: ${text.slice(0, 1_000)}`)
    }),
    {
      numRuns: propertyRuns(2),
      examples: [
        [PING, {}],
        [HALF_OF_A_MESSAGE, {}],
      ],
    },
  )
  t.ok((statuses.get(200) ?? 0) > 0 && (statuses.get(400) ?? 0) > 0, JSON.stringify([...statuses]))
})
