import Fastify from 'fastify'
import type { JWTPayload } from 'jose'
import t, { type Test } from 'tap'
import type { Action } from '../../../src/contract/me.ts'
import type { AccessPolicy } from '../../../src/core/access/access-policy.ts'
import { authorize, enforceAccessPolicy } from '../../../src/routes/auth/authorize.ts'
import { ACTION_BY_GRANT } from '../../../src/routes/auth/caller.ts'
import { GRANTS, type OperationInfo } from '../../../src/routes/operation.ts'
import { ALL_OPERATIONS } from '../../../src/routes/operations/all-operations.ts'
import { handleError } from '../../../src/routes/server/error-handler.ts'
import { CLUSTER, EGRESS, PLAN, ROWS, type Row } from '../support/access-rows.ts'
import { documentOf, operationsOf } from '../support/document.ts'
import { aCaller, CAMPAIGN_ID, FakeModules, fakeApp, JOB_ID, PLAN_ID } from '../support/fakes.ts'
import { AUDIENCE, CLIENT, type Sign, startIssuer, USER, unsigned } from '../support/issuer.ts'

const { subscriptionId, resourceGroup } = CLUSTER
const NOBODY = '01990000-0000-7000-8000-00000000dead'
/** Operations that every authenticated caller may call. */
const SIGNED_IN = ['getMe']
/** Operations that reveal nothing of anybody's clusters. */
const PUBLIC = ['getHealth', 'getReadiness', 'listFindings', 'getFinding', 'listProblems', 'getProblem']

/** For operators, and not part of the contract: the document does not contain it. */
const UNDOCUMENTED = ['getMetrics', 'getHome']
/** Pages that a browser without a token may open; they then show nothing of any cluster. */
const FOR_VISITORS = ['getHome']

/** A policy that lets the user of the issuer do these things on the clusters of this resource group. */
function policyOf(actions: readonly Action[], group: string = resourceGroup): AccessPolicy {
  const on = [{ subscriptionId, resourceGroup: group, clusterName: '*' }]
  return { grants: actions.length === 0 ? [] : [{ to: [{ oid: USER }], actions, on }], approvals: [] }
}

/** The app behind a real issuer, with a policy that a test can exchange. */
async function startGuarded(t: Test) {
  const issuer = await startIssuer(t)
  const sign = await issuer.addKey('one')
  const held: { policy: AccessPolicy | null } = { policy: null }
  const { app, rooms } = await fakeApp(t, {
    authenticate: issuer.authenticate,
    policy: () => held.policy,
    metrics: async () => 'figures',
  })
  const ask = async (request: Row['request'], token?: string, accept = 'application/json') => {
    const answer = await app.inject({
      ...request,
      headers: { accept, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
    })
    const code: string | undefined = answer.statusCode < 400 ? undefined : answer.json().code
    return { status: answer.statusCode, code, answer }
  }
  return { issuer, sign, held, app, rooms, ask }
}

const all = await startGuarded(t)

/** The same for every test of this file, without a policy and without calls. */
function guarded() {
  all.held.policy = null
  for (const told of [all.rooms.calls, all.rooms.origins, all.rooms.refused]) told.length = 0
  return all
}

t.test('every operation is in the table of this test or is public', async (t) => {
  const { app } = await fakeApp(t)
  const ids = operationsOf(documentOf(app)).map(({ operation }) => operation.operationId ?? '')
  const documented = Object.keys(ROWS).filter((id) => !UNDOCUMENTED.includes(id))
  const open = [...PUBLIC, ...SIGNED_IN]
  t.strictSame(ids.filter((id) => !open.includes(id)).toSorted(), documented.toSorted())
  const grants = ALL_OPERATIONS.map(({ operationId, grant }) => [operationId, grant] as const)
  t.strictSame(
    Object.fromEntries(grants),
    Object.fromEntries([
      ...PUBLIC.map((id) => [id, 'public']),
      ...SIGNED_IN.map((id) => [id, 'signedIn']),
      ...Object.entries(ROWS).map(([id, { grant }]) => [id, grant]),
    ]),
  )
})

/** Invalid tokens, and the response to each. */
const BAD: [
  what: string,
  token: (sign: Sign, claims: JWTPayload) => Promise<string | undefined>,
  code: string,
][] = [
  ['no token', async () => undefined, 'AUTHENTICATION_REQUIRED'],
  ['an expired token', (sign, claims) => sign(claims, '-2m'), 'TOKEN_INVALID'],
  ['a token of another tenant', (sign, claims) => sign({ ...claims, tid: NOBODY }), 'TOKEN_INVALID'],
  ['a token for another service', (sign, claims) => sign({ ...claims, aud: NOBODY }), 'TOKEN_INVALID'],
  ['a token of another issuer', (sign, claims) => sign({ ...claims, iss: 'https://a.b/' }), 'TOKEN_INVALID'],
  ['alg none', async (_sign, claims) => unsigned({ ...claims, aud: AUDIENCE }), 'TOKEN_INVALID'],
]

for (const [id, { grant, request, hidden }] of Object.entries(ROWS))
  t.test(`${id} asks its caller for ${grant} on the cluster`, async (t) => {
    const { sign, held, rooms, ask } = guarded()
    for (const [what, token, code] of FOR_VISITORS.includes(id) ? BAD.slice(1) : BAD) {
      const answer = await ask(request, await token(sign, { roles: [...GRANTS] }))
      t.strictSame([answer.status, answer.code], [401, code], what)
      t.match(answer.answer.headers['www-authenticate'], /^Bearer/)
    }
    const others = GRANTS.filter((each) => each !== grant)
    const unfit = await ask(request, await sign({ roles: others }))
    t.strictSame([unfit.status, unfit.code], [403, 'GRANT_MISSING'], `with ${others}`)
    t.equal(rooms.calls.length, 0, 'nothing was done for any of them')

    const fit = await sign({ roles: [grant] })
    t.ok((await ask(request, fit)).status < 300, 'without a policy the role is enough')
    held.policy = policyOf([ACTION_BY_GRANT[grant]])
    t.ok((await ask(request, fit)).status < 300, 'with a policy that grants it on the cluster too')
    if (hidden === null) return
    rooms.calls.length = 0
    for (const policy of [
      policyOf([]),
      policyOf([ACTION_BY_GRANT[grant]], 'rg-other'),
      policyOf(['audit']),
    ]) {
      held.policy = policy
      const answer = await ask(request, fit)
      t.strictSame([answer.status, answer.code], [404, hidden], 'a cluster that the caller may not see')
    }
    if (grant !== 'Egress.Read') {
      held.policy = policyOf(['read'])
      const seen = await ask(request, fit)
      t.strictSame(
        [seen.status, seen.code],
        [403, 'CLUSTER_ACCESS_DENIED'],
        'one that the caller may only see',
      )
      t.strictSame(seen.answer.json().facts, { action: ACTION_BY_GRANT[grant] })
    }
    t.equal(rooms.calls.length, 0, 'no room was asked for what the caller may not')
  })

t.test('returns the same response for a plan or job of another caller as for an unknown one', async (t) => {
  const { sign, held, ask } = guarded()
  const token = await sign({ roles: [...GRANTS] })
  const unknown = '01990000-0000-7000-8000-00000000ffff'
  const comparable = ({ answer }: Awaited<ReturnType<typeof ask>>, id: string) => {
    const { date: _date, 'x-request-id': requestId = '', ...headers } = answer.headers
    return { headers, body: answer.body.replaceAll(id, 'ID').replaceAll(String(requestId), 'REQUEST') }
  }
  let compared = 0
  for (const [name, { request, hidden }] of Object.entries(ROWS)) {
    const id = [PLAN_ID, JOB_ID].find((each) => String(request.url).includes(each))
    if (hidden === null || id === undefined) continue
    const elsewhere = { ...request, url: String(request.url).replace(id, unknown) }
    for (const accept of ['application/json', 'text/html']) {
      held.policy = policyOf([])
      const foreign = comparable(await ask(request, token, accept), id)
      const missing = comparable(await ask(elsewhere, token, accept), unknown)
      // Some fake modules know every ID.
      if (!missing.body.includes(hidden)) continue
      t.strictSame(foreign, missing, `${name} as ${accept}`)
      compared++
    }
  }
  t.ok(compared > 20)
})

t.test('the home page shows a browser without a token only public links', async (t) => {
  const { sign, rooms, ask, held } = guarded()
  const { status, answer } = await ask({ method: 'GET', url: '/' })
  t.equal(status, 200)
  t.match(answer.payload, 'Not signed in')
  t.match(answer.payload, 'href="/docs"')
  t.notMatch(answer.payload, /\/v1\/|<script/)
  t.strictSame(rooms.calls, [], 'no module was asked')
  t.strictSame(rooms.refused, [], 'a visit is no rejected call')
  const otherScheme = await all.app.inject({ url: '/', headers: { authorization: 'Basic abc' } })
  t.equal(otherScheme.statusCode, 401)
  held.policy = policyOf(['read'])
  await ask({ method: 'GET', url: '/' }, await sign({ roles: ['Egress.Read'] }))
  t.ok(rooms.calls.length >= 5)
  for (const [method, query, reach] of rooms.calls)
    t.match(
      method === 'summary' ? { reach: query } : method === 'getCampaign' ? { reach } : query,
      { reach: [{ resourceGroup }] },
      `${method} is limited to the scope of the caller`,
    )
})

t.test('getMe shows every authenticated caller its permissions and their limits', async (t) => {
  const { sign, held, ask } = guarded()
  const me = { method: 'GET', url: '/v1/me' } as const
  for (const [what, token, code] of BAD) {
    const answer = await ask(me, await token(sign, { roles: [...GRANTS] }))
    t.strictSame([answer.status, answer.code], [401, code], what)
  }
  const bodyOf = async (claims: JWTPayload) => (await ask(me, await sign(claims))).answer.json()
  const permitted = (body: { actions: { action: string; permitted: boolean }[] }) =>
    body.actions.filter((item) => item.permitted).map((item) => item.action)
  const nobody = await bodyOf({ roles: [] })
  t.match(nobody, { id: USER, permissions: [], hasAccessPolicy: false, groupsMissing: false })
  t.strictSame(permitted(nobody), [], 'also a caller without any role')
  const everywhere = await bodyOf({ roles: ['Egress.Read', 'Egress.Approve'] })
  t.strictSame(permitted(everywhere), ['read', 'approve'])
  t.ok(
    everywhere.actions.every(
      (item: { permitted: boolean; allClusters: boolean }) => item.permitted === item.allClusters,
    ),
  )
  held.policy = policyOf(['plan'])
  const limited = await bodyOf({ roles: [...GRANTS] })
  t.strictSame(permitted(limited), ['read', 'plan'])
  t.match(limited.actions[0], {
    action: 'read',
    permission: 'Egress.Read',
    allClusters: false,
    clusters: [{ subscriptionId, resourceGroup, clusterName: '*' }],
  })
  const groupId = '77777777-7777-7777-7777-777777777777'
  const on = [{ subscriptionId: '*', resourceGroup: '*', clusterName: '*' }]
  held.policy = { grants: [{ to: [{ groupId }], actions: ['read'], on }], approvals: [] }
  const overage = await bodyOf({ roles: [...GRANTS], _claim_names: { groups: 'src1' } })
  t.match(overage, { groupsMissing: true })
  t.strictSame(permitted(overage), [])
})

t.test(
  'a resource that the caller may not read gets the same response as a missing one, byte by byte',
  async (t) => {
    const { sign, held, app } = guarded()
    const token = await sign({ roles: [...GRANTS] })
    held.policy = policyOf([])
    const shown = async (url: string, accept: string) => {
      const headers = { authorization: `Bearer ${token}`, 'x-request-id': 'one', accept }
      const { statusCode, headers: answered, payload } = await app.inject({ url, headers })
      t.equal(statusCode, 404, url)
      const text = JSON.stringify([{ ...answered, date: '', 'content-length': '' }, payload])
      return text.replaceAll(NOBODY, 'ID').replaceAll(PLAN_ID, 'ID').replaceAll(JOB_ID, 'ID')
    }
    const reads = Object.values(ROWS).filter(
      ({ request, hidden }) => request.method === 'GET' && hidden !== null,
    )
    const urls = reads.map(({ request }) => request.url).filter((url) => url !== EGRESS)
    t.ok(urls.length >= 5)
    for (const url of urls)
      for (const accept of ['*/*', 'text/html', 'text/event-stream', 'image/png'])
        t.equal(
          await shown(url, accept),
          await shown(url.replaceAll(PLAN_ID, NOBODY).replaceAll(JOB_ID, NOBODY), accept),
          `${url} ${accept}`,
        )
  },
)

t.test('lists are filtered in their query, and unfiltered for callers who may read everything', async (t) => {
  const { sign, held, rooms, ask } = guarded()
  const token = await sign({ roles: [...GRANTS] })
  const reachOfCall = async (url: string) => {
    rooms.calls.length = 0
    t.equal((await ask({ method: 'GET', url }, token)).status, 200)
    const [, query] = rooms.calls[0] ?? []
    return (query as { reach?: unknown }).reach
  }
  for (const [url, action] of [
    ['/v1/plans', 'read'],
    ['/v1/jobs', 'read'],
    ['/v1/campaigns', 'read'],
    [`/v1/campaigns/${CAMPAIGN_ID}/members`, 'read'],
    ['/v1/audit', 'audit'],
  ] as const) {
    held.policy = null
    t.equal(await reachOfCall(url), undefined)
    held.policy = policyOf([action])
    t.strictSame(await reachOfCall(url), [{ subscriptionId, resourceGroup, clusterName: '*' }])
    held.policy = policyOf(action === 'read' ? ['audit'] : ['read', 'plan', 'execute', 'approve'])
    t.strictSame(await reachOfCall(url), [], 'nothing for another action')
  }
})

t.test('pages for people ask every module only for what the caller may see', async (t) => {
  const { sign, held, rooms, ask } = guarded()
  const token = await sign({ roles: [...GRANTS] })
  held.policy = policyOf(['read'])
  const reach = [{ subscriptionId, resourceGroup, clusterName: '*' }]
  for (const url of [`/v1/campaigns/${CAMPAIGN_ID}`, '/v1/campaigns', '/v1/clusters']) {
    rooms.calls.length = 0
    const { status, answer } = await ask({ method: 'GET', url }, token, 'text/html')
    t.equal(status, 200)
    t.match(answer.payload, '<!doctype html>', url)
    for (const [method, ...given] of rooms.calls)
      t.strictSame(
        given.map((item) => (item as { reach?: unknown }).reach ?? item).at(-1),
        reach,
        `${url} asks ${method} for the scope of the caller`,
      )
  }
})

t.test('an application has its grants only when it calls on its own behalf', async (t) => {
  const { sign, held, ask } = guarded()
  const on = [{ subscriptionId: '*', resourceGroup: '*', clusterName: '*' }]
  held.policy = { grants: [{ to: [{ appId: CLIENT }], actions: ['read'], on }], approvals: [] }
  const url = `/v1/plans/${PLAN_ID}`
  t.equal((await ask({ method: 'GET', url }, await sign({ roles: ['Egress.Read'] }))).status, 200)
  t.equal((await ask({ method: 'GET', url }, await sign({ scp: 'Egress.Read' }))).status, 404)
})

t.test('returns a separate problem for missing groups in the token if the policy uses groups', async (t) => {
  const { sign, held, ask } = guarded()
  const on = [{ subscriptionId: '*', resourceGroup: '*', clusterName: '*' }]
  const groupId = '77777777-7777-7777-7777-777777777777'
  held.policy = { grants: [{ to: [{ groupId }], actions: ['read'], on }], approvals: [] }
  const member = await sign({ scp: 'Egress.Read', groups: [groupId] })
  const overage = await sign({ scp: 'Egress.Read', _claim_names: { groups: 'src1' } })
  for (const url of [`/v1/plans/${PLAN_ID}`, '/v1/plans', '/v1/jobs']) {
    t.equal((await ask({ method: 'GET', url }, member)).status, 200)
    const answer = await ask({ method: 'GET', url }, overage)
    t.strictSame([answer.status, answer.code], [403, 'TOKEN_GROUPS_OVERAGE'])
    t.match(answer.answer.json().remedy, /Groups assigned to the application/)
  }
  held.policy = policyOf(['read'])
  const answer = await ask({ method: 'GET', url: `/v1/plans/${PLAN_ID}` }, overage)
  t.equal(answer.status, 200, 'a policy without groups does not need them')
})

t.test('health, documents, and unknown paths require no authentication', async (t) => {
  const { app } = guarded()
  const open = [
    '/healthz',
    '/readyz',
    '/docs/',
    '/docs/static/swagger-ui.css',
    '/openapi.json',
    '/problems',
    '/findings',
  ]
  for (const url of open) t.equal((await app.inject(url)).statusCode, 200, url)
  t.equal((await app.inject('/v1/nothing')).statusCode, 404)
})

t.test('denies an operation without a subject to every caller', async (t) => {
  const rooms = new FakeModules()
  const app = Fastify()
  app.setErrorHandler(handleError)
  authorize(app, async () => aCaller(GRANTS))
  enforceAccessPolicy(app, rooms)
  const answer = async () => 'let through'
  const operation: OperationInfo = { operationId: 'getPlan', grant: 'Egress.Read', subject: 'path' }
  app.get('/unbound', { config: { operation } }, answer)
  app.get('/unknown/:planId', { config: {} }, answer)
  app.get('/nameless/:planId', answer)
  app.get('/bound/:planId', { config: { operation } }, answer)
  for (const url of ['/unbound', `/unknown/${PLAN_ID}`, `/nameless/${PLAN_ID}`])
    t.match(
      (await app.inject(url)).json(),
      { status: 403, code: 'GRANT_MISSING', facts: { grant: 'nobody' } },
      url,
    )
  t.equal((await app.inject(`/bound/${PLAN_ID}`)).payload, 'let through', 'its path says what it is about')
})

t.test('passes the caller, address, and request ID to the modules', async (t) => {
  const { sign, app, rooms } = guarded()
  const token = await sign({ scp: 'Egress.Plan', preferred_username: 'ann@example.com' })
  const headers = { authorization: `Bearer ${token}`, 'user-agent': 'portal/1', 'x-request-id': 'r-1' }
  await app.inject({ method: 'POST', url: '/v1/plans', payload: PLAN, headers, remoteAddress: '192.0.2.7' })
  t.equal(rooms.calls.at(-1)?.[2], 'ann@example.com')
  t.strictSame(rooms.origins, [
    {
      actor: { id: USER, kind: 'user', name: 'ann@example.com', appId: CLIENT },
      operation: 'createPlan',
      address: '192.0.2.7',
      userAgent: 'portal/1',
      requestId: 'r-1',
    },
  ])
})

t.test('the policy limits the resource groups in which a plan may create resources', async (t) => {
  const { sign, held, rooms, ask } = guarded()
  const token = await sign({ roles: ['Egress.Plan'], oid: USER })
  const asked = async () => {
    rooms.calls.length = 0
    t.equal((await ask({ method: 'POST', url: '/v1/plans', payload: PLAN }, token)).status, 201)
    const [, planned] = rooms.calls[0] ?? []
    return (planned as { preparationGroups?: unknown } | undefined)?.preparationGroups
  }
  t.strictSame(await asked(), [], 'only in the groups of the cluster without a policy')
  held.policy = policyOf(['plan'])
  t.strictSame(await asked(), [])
  const prepareIn = [{ subscriptionId, resourceGroup: 'rg-egress' }]
  held.policy = { ...held.policy, grants: held.policy.grants.map((grant) => ({ ...grant, prepareIn })) }
  t.strictSame(await asked(), prepareIn)
})
