import t from 'tap'
import { Refusal } from '../../../src/core/refusal.ts'
import type { Authenticate, Grant } from '../../../src/routes/auth/caller.ts'
import { REQUIRED_GRANTS } from '../../../src/routes/auth/required-grants.ts'
import { documentOf, operationsOf } from '../document.ts'
import { CLUSTER, fakeApp, JOB_ID, PLAN_ID } from '../fakes.ts'

const GRANTS: Grant[] = ['Egress.Read', 'Egress.Plan', 'Egress.Execute']

/** Operations that reveal nothing of anybody's clusters. */
const PUBLIC = ['getHealth', 'getReadiness', 'listProblems', 'getProblem']

/** Takes `Bearer A,B` as a proven caller with the grants A and B. */
const authenticate: Authenticate = async (authorization) => {
  if (authorization === undefined) throw new Refusal('AUTHENTICATION_REQUIRED')
  return { name: 'tester', grants: new Set(authorization.replace('Bearer ', '').split(',')) }
}

const PARAMETERS: Record<string, string> = {
  subscriptionId: CLUSTER.subscriptionId,
  resourceGroup: CLUSTER.resourceGroup,
  clusterName: CLUSTER.name,
  planId: PLAN_ID,
  jobId: JOB_ID,
  name: 'plan-stale',
}

const BODIES: Record<string, object> = {
  createPlan: { cluster: CLUSTER, target: { outboundType: 'managedNATGateway' } },
  createJob: { planId: PLAN_ID, acknowledge: ['EGRESS_IP_LOST'] },
}

t.test('every operation asks its caller for exactly its grant', async (t) => {
  const { app, rooms } = await fakeApp(t, { authenticate })
  for (const { path, method, operation } of operationsOf(documentOf(app))) {
    const id = operation.operationId ?? ''
    if (PUBLIC.includes(id)) continue
    const url = path.replace(/\{(\w+)\}/g, (_, name: string) => PARAMETERS[name] ?? name)
    const ask = (authorization?: string) =>
      app.inject({
        method: method.toUpperCase() as 'GET',
        url,
        headers: authorization === undefined ? {} : { authorization },
        ...(BODIES[id] === undefined ? {} : { payload: BODIES[id] }),
      })
    const wanted = REQUIRED_GRANTS[id]
    t.ok(wanted, `${id} has a grant`)
    rooms.calls.length = 0
    const unproven = await ask()
    t.strictSame(
      [unproven.statusCode, unproven.json().code],
      [401, 'AUTHENTICATION_REQUIRED'],
      `${id} unproven`,
    )
    const others = GRANTS.filter((grant) => grant !== wanted).join(',')
    const unfit = await ask(`Bearer ${others}`)
    t.strictSame([unfit.statusCode, unfit.json().code], [403, 'GRANT_MISSING'], `${id} with ${others}`)
    t.equal(rooms.calls.length, 0, `${id} did nothing for either`)
    const fit = await ask(`Bearer ${wanted}`)
    t.ok(fit.statusCode < 300, `${id} with ${wanted} answers ${fit.statusCode}`)
  }
})

t.test('health, documents and unknown paths ask nobody', async (t) => {
  const { app } = await fakeApp(t, { authenticate })
  for (const url of [
    '/healthz',
    '/readyz',
    '/docs/',
    '/docs/static/swagger-ui.css',
    '/openapi.json',
    '/problems',
  ])
    t.equal((await app.inject(url)).statusCode, 200, url)
  t.equal((await app.inject('/v1/nothing')).statusCode, 404)
})

t.test('a 401 says how to prove oneself, and the actor is the proven caller', async (t) => {
  const { app, rooms } = await fakeApp(t, { authenticate })
  t.match((await app.inject('/v1/plans')).headers['www-authenticate'], /^Bearer/)
  const body = BODIES['createPlan'] as object
  await app.inject({
    method: 'POST',
    url: '/v1/plans',
    payload: body,
    headers: { authorization: 'Bearer Egress.Plan' },
  })
  t.equal(rooms.calls.at(-1)?.[2], 'tester')
})
