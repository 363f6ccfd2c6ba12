import t from 'tap'
import type { AccessPolicy } from '../../src/core/access/access-policy.ts'
import { DomainError } from '../../src/core/lib/errors.ts'
import { ALL_TOOLS } from '../../src/mcp/tools/all-tools.ts'
import { ACTION_BY_GRANT } from '../../src/routes/auth/caller.ts'
import { EXAMPLE_JOB } from '../../src/routes/examples/jobs.ts'
import { GRANTS } from '../../src/routes/operation.ts'
import { CLUSTER, ROWS } from '../routes/support/access-rows.ts'
import { fakeApp, JOB_ID, ownApp, PLAN_ID } from '../routes/support/fakes.ts'
import { AUDIENCE, startIssuer, TENANT, USER } from '../routes/support/issuer.ts'
import { callTool, problemOf, send } from './support/mcp-client.ts'
import { LISTS, PROMPT_ROWS, RESOURCE_ROWS, TOOL_ROWS } from './support/tool-rows.ts'

const issuer = await startIssuer(t)
const sign = await issuer.addKey('one')
const held: { policy: AccessPolicy | null } = { policy: null }
const deps = {
  authenticate: issuer.authenticate,
  policy: () => held.policy,
  signIn: { tenantId: TENANT, audience: AUDIENCE, authority: null },
}
const { app, rooms } = await fakeApp(t, deps)

const policyOf = (actions: ('read' | 'plan' | 'execute' | 'approve' | 'audit')[]): AccessPolicy => ({
  grants:
    actions.length === 0
      ? []
      : [
          {
            to: [{ oid: USER }],
            actions,
            on: [
              {
                subscriptionId: CLUSTER.subscriptionId,
                resourceGroup: CLUSTER.resourceGroup,
                clusterName: '*',
              },
            ],
          },
        ],
  approvals: [],
})

t.test('every tool has a row, and no tool approves a plan or reads the audit log', async (t) => {
  t.strictSame(ALL_TOOLS.map(({ name }) => name).toSorted(), Object.keys(TOOL_ROWS).toSorted())
  const grants = new Set(ALL_TOOLS.map(({ operation }) => operation.grant))
  t.strictSame([...grants].toSorted(), ['Egress.Execute', 'Egress.Plan', 'Egress.Read', 'public'])
})

for (const { name, operation, annotations } of ALL_TOOLS)
  t.test(`${name} has the access requirement of ${operation.operationId}`, async (t) => {
    const args = TOOL_ROWS[name] ?? {}
    held.policy = null
    rooms.calls.length = 0
    t.equal((await callTool(app, name, args)).status, 401, 'without a token')
    const expired = await sign({ roles: [...GRANTS] }, '-2m')
    t.equal((await callTool(app, name, args, expired)).status, 401, 'with an expired token')
    const row = ROWS[operation.operationId]
    if (row === undefined) {
      t.equal(operation.grant, 'public')
      const answer = await callTool(app, name, args, await sign({ roles: [] }))
      t.notOk(answer.result?.isError)
      return
    }
    const { grant, hidden } = row
    t.equal(annotations.readOnlyHint, grant === 'Egress.Read')
    t.equal(annotations.destructiveHint === true, grant === 'Egress.Execute')
    const others = GRANTS.filter((other) => other !== grant)
    const unfit = await callTool(app, name, args, await sign({ roles: others }))
    t.match(problemOf(unfit), { code: 'GRANT_MISSING', facts: { grant } })
    t.strictSame(rooms.calls, [], 'no module was asked')
    const fit = await sign({ roles: [grant] })
    t.notOk((await callTool(app, name, args, fit)).result?.isError, 'the role is enough')
    if (hidden === null) return
    rooms.calls.length = 0
    held.policy = policyOf([])
    t.match(problemOf(await callTool(app, name, args, fit)), { code: hidden })
    if (grant !== 'Egress.Read') {
      held.policy = policyOf(['read'])
      const denied = problemOf(await callTool(app, name, args, fit))
      t.match(denied, { code: 'CLUSTER_ACCESS_DENIED', facts: { action: ACTION_BY_GRANT[grant] } })
    }
    t.strictSame(rooms.calls, [])
  })

t.test('every resource and prompt has a row', async (t) => {
  const token = await sign({ roles: [] })
  held.policy = null
  const listed = async (method: string, member: string) => {
    const { result } = await send(app, method, {}, token)
    const list = (result as unknown as Record<string, { name: string }[]>)[member] ?? []
    return list.map(({ name }) => name).toSorted()
  }
  t.strictSame(
    await listed('resources/templates/list', 'resourceTemplates'),
    Object.keys(RESOURCE_ROWS).toSorted(),
  )
  t.strictSame(
    await listed('resources/list', 'resources'),
    [],
    'a resource outside of the templates needs a row',
  )
  t.strictSame(await listed('prompts/list', 'prompts'), Object.keys(PROMPT_ROWS).toSorted())
  const initialize = {
    protocolVersion: '2025-06-18',
    capabilities: {},
    clientInfo: { name: 'x', version: '1' },
  }
  const { result } = await send(app, 'initialize', initialize, token)
  const { capabilities } = result as unknown as { capabilities: object }
  t.strictSame(
    Object.keys(capabilities).toSorted(),
    ['prompts', 'resources', 'tools'],
    'nothing else to answer',
  )
})

for (const [name, { uri, operation }] of Object.entries(RESOURCE_ROWS))
  t.test(`the resource ${name} has the access requirement of ${operation ?? 'a valid token'}`, async (t) => {
    held.policy = null
    rooms.calls.length = 0
    t.equal((await send(app, 'resources/read', { uri })).status, 401)
    const { grant, hidden } = (operation === null ? undefined : ROWS[operation]) ?? {}
    const others = GRANTS.filter((other) => other !== grant)
    const unfit = await send(
      app,
      'resources/read',
      { uri },
      await sign({ roles: operation === null ? [] : others }),
    )
    t.strictSame(rooms.calls, [], 'no module was asked')
    if (grant === undefined) {
      t.match(unfit.result, { contents: [{ uri, mimeType: 'application/json', text: /outboundType/ }] })
      return
    }
    t.match(unfit.error, { data: { problem: { code: 'GRANT_MISSING', facts: { grant } } } })
    const fit = await sign({ roles: [grant] })
    const { result } = await send(app, 'resources/read', { uri }, fit)
    t.match(result, { contents: [{ uri, mimeType: 'text/markdown' }] })
    held.policy = policyOf([])
    rooms.calls.length = 0
    t.match((await send(app, 'resources/read', { uri }, fit)).error, { data: { problem: { code: hidden } } })
    t.strictSame(rooms.calls, [])
  })

t.test('lists and prompts need a valid token and no role', async (t) => {
  held.policy = policyOf([])
  const requests: [string, object][] = [
    ...LISTS.map((method): [string, object] => [method, {}]),
    ...Object.entries(PROMPT_ROWS).map(([name, args]): [string, object] => [
      'prompts/get',
      { name, arguments: args },
    ]),
  ]
  rooms.calls.length = 0
  for (const [method, params] of requests) {
    t.equal((await send(app, method, params)).status, 401, method)
    t.equal((await send(app, method, params, await sign({}, '-2m'))).status, 401, method)
    t.ok((await send(app, method, params, await sign({ roles: [] }))).result, method)
  }
  t.strictSame(rooms.calls, [], 'no module was asked')
})

t.test('a client without a token finds where to sign in', async (t) => {
  const { status, headers } = await send(app, 'tools/list', {})
  t.equal(status, 401)
  const url = 'http://localhost:80/.well-known/oauth-protected-resource/mcp'
  t.equal(headers['www-authenticate'], `Bearer resource_metadata="${url}"`)
  const invalid = await send(app, 'tools/list', {}, 'abc')
  t.equal(invalid.headers['www-authenticate'], `Bearer error="invalid_token", resource_metadata="${url}"`)
  for (const path of ['/.well-known/oauth-protected-resource', '/.well-known/oauth-protected-resource/mcp']) {
    const metadata = (await app.inject(path)).json()
    t.match(metadata, {
      resource: 'http://localhost:80/mcp',
      authorization_servers: [`https://login.microsoftonline.com/${TENANT}/v2.0`],
      bearer_methods_supported: ['header'],
    })
    t.strictSame(metadata.scopes_supported.length, 3)
  }
  const other = await app.inject('/v1/plans')
  t.equal(other.headers['www-authenticate'], 'Bearer', 'only for the endpoint of agents')
})

t.test(
  'the metadata of a registered URL has scopes with the same prefix, as Microsoft Entra ID requires',
  async (t) => {
    const mcpResource = 'https://planner.example/mcp'
    const { app } = await fakeApp(t, { ...deps, signIn: { ...deps.signIn, mcpResource } })
    const metadata = (await app.inject('/.well-known/oauth-protected-resource/mcp')).json()
    t.match(metadata, {
      resource: mcpResource,
      scopes_supported: ['Egress.Read', 'Egress.Plan', 'Egress.Execute'].map(
        (grant) => `${mcpResource}/${grant}`,
      ),
    })
    const { scopes_supported: unregistered } = (
      await fakeApp(t, deps).then(({ app }) => app.inject('/.well-known/oauth-protected-resource'))
    ).json()
    t.strictSame(unregistered[0], `api://${AUDIENCE}/Egress.Read`)
  },
)

t.test('an agent is audited as one, under the identity and the request ID of its caller', async (t) => {
  // An app of its own: calls without a token are audited at most 30 times a minute.
  const { app, rooms } = await fakeApp(t, deps)
  held.policy = null
  rooms.origins.length = 0
  const token = await sign({ roles: [...GRANTS] })
  await callTool(app, 'plan', TOOL_ROWS.plan ?? {}, token)
  t.match(rooms.origins, [
    { actor: { id: USER, kind: 'agent' }, operation: 'createPlan', userAgent: /^mcp / },
  ])
  rooms.origins.length = 0
  const clientInfo = { name: 'night-shift\u202e', version: '2' }
  const params = {
    name: 'plan',
    arguments: TOOL_ROWS.plan,
    _meta: { 'io.modelcontextprotocol/clientInfo': clientInfo },
  }
  await send(app, 'tools/call', params, token)
  t.match(rooms.origins[0]?.userAgent, /^night-shift\/2 /)
  rooms.origins.length = 0
  const rest = (agent?: string) =>
    app.inject({
      method: 'POST',
      url: '/v1/plans',
      headers: { authorization: `Bearer ${token}`, ...(agent === undefined ? {} : { 'x-agent': agent }) },
      payload: TOOL_ROWS.plan ?? {},
    })
  await rest('script/1')
  await rest()
  t.match(rooms.origins, [
    { actor: { kind: 'agent' }, userAgent: /^script\/1 / },
    { actor: { kind: /user|application/ } },
  ])
  rooms.refused.length = 0
  await callTool(app, 'execute', TOOL_ROWS.execute ?? {}, await sign({ roles: ['Egress.Read'] }))
  t.match(rooms.refused, [{ operation: 'createJob', code: 'GRANT_MISSING', actor: { kind: 'agent' } }])
  t.equal(rooms.refused.length, 1, 'once')
  await send(app, 'unknown/method', {}, token)
  t.equal(
    (
      await app.inject({
        method: 'POST',
        url: '/mcp',
        payload: {},
        headers: { authorization: `Bearer ${token}` },
      })
    ).statusCode,
    400,
  )
  t.equal(rooms.refused.length, 1, 'an invalid message is no rejected operation')
  await send(app, 'tools/list', {})
  t.match(rooms.refused.slice(1), [{ operation: 'mcp', code: 'AUTHENTICATION_REQUIRED' }])
})

t.test('a call of a tool is logged as its operation, under the request ID of the message', async (t) => {
  const lines: Record<string, unknown>[] = []
  const stream = { write: (line: string) => void lines.push(JSON.parse(line)) }
  const { app, rooms } = await ownApp(t, { logger: { level: 'info', stream } })
  rooms.fault = new Error('broken')
  const answer = await callTool(app, 'read_plan', { planId: PLAN_ID })
  t.match(problemOf(answer), {
    code: 'INTERNAL',
    status: 500,
    requestId: String(answer.headers['x-request-id']),
  })
  t.match(
    lines.filter(({ operationId }) => operationId === 'getPlan'),
    [{ code: 'INTERNAL', requestId: answer.headers['x-request-id'] }],
  )
})

t.test('executing a plan again returns the same job, and states that no argument was applied', async (t) => {
  const { app, rooms } = await ownApp(t)
  rooms.fault = null
  const first = await callTool(app, 'execute', TOOL_ROWS.execute ?? {})
  t.match(rooms.calls, [['accept', { planId: PLAN_ID, onlyOnce: true }]], 'also after a cancellation')
  t.match(first.result?.structuredContent?.job, { id: JOB_ID })
  const accept = rooms.jobs.accept
  Object.assign(rooms.jobs, {
    accept: async () => {
      throw new DomainError('PLAN_ALREADY_EXECUTED', { planId: PLAN_ID, jobId: JOB_ID })
    },
  })
  t.notOk(Object.hasOwn(first.result?.structuredContent?.job ?? {}, 'alreadyExecuted'))
  const other = { planId: PLAN_ID, acknowledge: [], reason: 'again', holdBeforeCutOver: true }
  const again = await callTool(app, 'execute', other)
  const alreadyExecuted = /arguments of this call were not applied.* hold.* schedule/
  t.match(again.result?.structuredContent?.job, { id: JOB_ID, alreadyExecuted })
  const status = await callTool(app, 'execute', { ...other, fields: ['status'] })
  t.match(status.result?.structuredContent?.job, { status: EXAMPLE_JOB.status, alreadyExecuted })
  rooms.job = { ...EXAMPLE_JOB, status: 'Canceled' }
  const canceled = await callTool(app, 'execute', TOOL_ROWS.execute ?? {})
  t.match(canceled.result?.structuredContent?.job, {
    id: JOB_ID,
    status: 'Canceled',
    alreadyExecuted: /canceled.* new plan/,
  })
  Object.assign(rooms.jobs, { accept })
})

t.test('executing a plan again returns the ID of the job to a token that may not read it', async (t) => {
  const { app, rooms } = await ownApp(t, deps)
  held.policy = null
  Object.assign(rooms.jobs, {
    accept: async () => {
      throw new DomainError('PLAN_ALREADY_EXECUTED', { planId: PLAN_ID, jobId: JOB_ID })
    },
  })
  const token = await sign({ roles: ['Egress.Execute'] })
  const { result } = await callTool(app, 'execute', TOOL_ROWS.execute ?? {}, token)
  t.notOk(result?.isError)
  const alreadyExecuted = /not applied.* could not be read: GRANT_MISSING/
  t.match(result?.structuredContent, { job: { id: JOB_ID, planId: PLAN_ID, alreadyExecuted }, more: [] })
  t.strictSame(Object.keys(result?.structuredContent?.job ?? {}), ['alreadyExecuted', 'id', 'planId'])
})

t.test('each request is counted once, against the limit of its operation', async (t) => {
  const { app } = await ownApp(t, { rateLimits: { reads: 3, writes: 1 } })
  t.notOk((await callTool(app, 'plan', TOOL_ROWS.plan ?? {})).result?.isError)
  t.match(problemOf(await callTool(app, 'plan', TOOL_ROWS.plan ?? {})), { code: 'TOO_MANY_REQUESTS' })
  t.notOk((await callTool(app, 'read_plan', { planId: PLAN_ID })).result?.isError)
  t.match(problemOf(await callTool(app, 'read_plan', { planId: 'x' })), { code: 'INVALID_REQUEST' })
  t.equal((await send(app, 'tools/list', {})).status, 200)
  t.equal((await send(app, 'tools/list', {})).status, 429)
  t.match(problemOf(await callTool(app, 'read_plan', { planId: 'x' })), { code: 'TOO_MANY_REQUESTS' })
})

t.test('the endpoint answers POST only, one message at a time, and nothing with MCP=off', async (t) => {
  const { app } = await ownApp(t)
  for (const method of ['GET', 'DELETE'] as const) {
    const answer = await app.inject({ method, url: '/mcp' })
    t.equal(answer.statusCode, 405)
  }
  const message = { jsonrpc: '2.0', id: 1, method: 'tools/list' }
  const batch = await app.inject({ method: 'POST', url: '/mcp', payload: [message, message] })
  t.equal(batch.statusCode, 400)
  const fromPage = await app.inject({
    method: 'POST',
    url: '/mcp',
    headers: { origin: 'https://other.example' },
    payload: message,
  })
  t.equal(fromPage.statusCode, 403)
  const off = await ownApp(t, { mcp: false })
  t.equal((await send(off.app, 'tools/list', {})).status, 404)
})
