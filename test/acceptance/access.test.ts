import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { sql } from 'kysely'
import t from 'tap'
import { openDatabase } from '../../src/database/engine/database.ts'
import { AUDIENCE, TENANT } from '../routes/support/issuer.ts'
import { DEMO_GROUP, DEMO_SUBSCRIPTION } from '../support/demo.ts'
import { startService } from '../support/processes.ts'
import { as, guardedService, person } from './support/guarded-service.ts'
import { planFor } from './support/requests.ts'
import { type Answer, listOf, service, temporaryFolder, until } from './support/service.ts'

const [ANN, BOB, CY, DEE] = ['a', 'b', 'c', 'd'].map(person) as [string, string, string, string]

const on = (clusterName: string) => [
  { subscriptionId: DEMO_SUBSCRIPTION, resourceGroup: DEMO_GROUP, clusterName },
]
const grant = (oid: string, actions: string[], clusterName: string) => ({
  to: [{ oid }],
  actions,
  on: on(clusterName),
})
const POLICY = {
  version: 1,
  grants: [
    grant(ANN, ['read', 'plan', 'execute'], 'lb-managed'),
    grant(BOB, ['approve', 'audit'], '*'),
    grant(CY, ['read', 'plan', 'execute'], 'nat-*'),
  ],
  approvals: [{ on: on('lb-*'), requireApproval: true }],
}

const code = ({ status, body }: Answer) => [status, String(body.code)]
const verify = (settings: Record<string, string>, ...more: string[]) =>
  promisify(execFile)(process.execPath, ['src/admin.ts', 'verify-audit', ...more], {
    env: { ...process.env, ...settings },
  }).then(
    ({ stdout }) => ({ code: 0, text: stdout }),
    (error) => ({ code: Number(error.code), text: String(error.stderr) }),
  )

t.test(
  'two callers change a cluster, a third cannot see it, and the audit log records every call',
  async (t) => {
    const { planner, settings, policyFile, sign } = await guardedService(t, POLICY)
    const [ann, bob, cy] = [
      await as(planner, sign, ANN),
      await as(planner, sign, BOB),
      await as(planner, sign, CY),
    ]

    const made = await ann.post('/v1/plans', planFor('lb-managed', 'managedNATGateway'))
    t.equal(made.status, 201)
    const plan = `/v1/plans/${made.body.id}`
    const order = { planId: made.body.id, acknowledge: made.body.acknowledgementsRequired, reason: 'CHG-1' }
    t.match(made.body, { approval: 'pending' })
    t.strictSame(code(await ann.post('/v1/jobs', order)), [409, 'APPROVAL_MISSING'])
    t.match((await bob.get('/v1/plans?approval=pending')).body, { items: [{ id: made.body.id }] })
    t.match((await bob.get('/v1/me')).body, { name: 'b@example.com', hasAccessPolicy: true })
    t.strictSame(code(await ann.post(`${plan}/approvals`, {})), [403, 'CLUSTER_ACCESS_DENIED'])
    t.strictSame(code(await bob.post('/v1/jobs', order)), [403, 'CLUSTER_ACCESS_DENIED'])
    t.equal((await bob.post(`${plan}/approvals`, { reason: 'CHG-1' })).status, 201)
    t.equal((await bob.post(`${plan}/approvals`, {})).status, 200, 'again is no error')
    t.match((await ann.get(`${plan}/approvals`)).body, { required: true, given: true })
    const accepted = await ann.post('/v1/jobs', order)
    t.equal(accepted.status, 202)
    t.match(accepted.body, { approvals: [{ by: 'b@example.com' }], createdBy: 'a@example.com' })
    const job = `/v1/jobs/${accepted.body.id}`
    const shared = await ann.post(`${plan}/share-links`, {})
    t.equal(shared.status, 201)
    const link = { authorization: `ShareLink ${shared.body.secret}` }
    t.equal((await planner.get(plan, link)).status, 200, 'opened without a token')

    for (const [method, path] of [
      ['get', plan],
      ['get', `${plan}/approvals`],
      ['delete', plan],
      ['post', `${plan}/approvals`],
      ['get', `${plan}/share-links`],
    ] as const)
      t.strictSame(code(await cy[method](path, {})), [404, 'PLAN_NOT_FOUND'], `${method} ${path}`)
    for (const [method, path] of [
      ['get', job],
      ['get', `${job}/events`],
      ['post', `${job}/cancellation`],
      ['post', `${job}/rollback-plan`],
    ] as const)
      t.strictSame(code(await cy[method](path)), [404, 'JOB_NOT_FOUND'], `${method} ${path}`)
    t.strictSame(code(await cy.post('/v1/jobs', order)), [404, 'PLAN_NOT_FOUND'])
    const foreign = await cy.post('/v1/plans', planFor('lb-managed', 'none'))
    const missing = await cy.post('/v1/plans', planFor('nat-missing', 'none'))
    t.strictSame(code(foreign), [404, 'CLUSTER_NOT_FOUND'])
    t.strictSame(
      Object.keys(foreign.body.facts ?? {}),
      Object.keys(missing.body.facts ?? {}),
      'as of one that Azure does not have',
    )
    t.strictSame((await cy.get('/v1/plans')).body, { items: [], next: null })
    t.strictSame((await cy.get('/v1/jobs')).body, { items: [], next: null })
    t.strictSame((await cy.get('/v1/audit')).body, { items: [], next: null })
    t.equal(listOf((await bob.get('/v1/plans')).body.items).length, 1)

    await until(
      async () => (await ann.get(job)).body,
      ({ status }) => String(status) === 'Succeeded',
    )
    const rows = listOf((await bob.get('/v1/audit?limit=100')).body.items).toReversed()
    t.match(rows.slice(0, 7), [
      { sequence: 1, operation: 'createPlan', outcome: 'allowed', actor: { id: ANN, kind: 'user' } },
      { operation: 'createJob', outcome: 'refused', code: 'APPROVAL_MISSING', reason: 'CHG-1' },
      { operation: 'approvePlan', outcome: 'refused', code: 'CLUSTER_ACCESS_DENIED', actor: { id: ANN } },
      { operation: 'createJob', outcome: 'refused', actor: { id: BOB } },
      { operation: 'approvePlan', outcome: 'allowed', actor: { id: BOB }, reason: 'CHG-1' },
      { operation: 'approvePlan', outcome: 'allowed', actor: { id: BOB } },
      { operation: 'createJob', outcome: 'allowed', jobId: accepted.body.id, planId: made.body.id },
    ])
    t.ok(listOf(rows[6]?.armRequestIds).length > 0, "Azure's request ids")
    t.match(rows[6], { address: '127.0.0.1', clusterId: /managedclusters\/lb-managed$/ })
    const ofCy = listOf((await bob.get(`/v1/audit?actor=${CY}&limit=100`)).body.items)
    t.equal(ofCy.length, 7, 'what was tried on hidden clusters, for those who audit these')

    const narrowed = { ...POLICY, grants: POLICY.grants.slice(0, 2) }
    await writeFile(policyFile, JSON.stringify(narrowed))
    process.kill(planner.process.pid, 'SIGHUP')
    await until(
      async () => (await cy.get(`/v1/clusters/${DEMO_SUBSCRIPTION}/${DEMO_GROUP}/nat-byo/egress`)).status,
      (status) => status === 404,
    )
    await writeFile(policyFile, '{')
    process.kill(planner.process.pid, 'SIGHUP')
    await until(
      async () => planner.process.lines.some((line) => line.includes('the previous policy still applies')),
      (is) => is,
    )
    t.equal((await ann.get(plan)).status, 200, 'a broken file changes nothing')

    const running = await verify(settings)
    t.match(running, { code: 1, text: /Another process uses/ }, 'the embedded database supports one process')
    await planner.process.stop()
    await writeFile(policyFile, JSON.stringify(POLICY))
    const sound = await verify(settings)
    t.match(sound, { code: 0, text: /intact: \d+ rows, last hash [0-9a-f]{64}/ })
    const hash = / ([0-9a-f]{64})\./.exec(sound.text)?.[1] ?? ''
    t.match(await verify(settings, hash), { code: 0 })
    const database = await openDatabase({ dataDir: join(settings.DATA_DIR, 'database'), databaseUrl: null })
    await sql`alter table audit_log disable trigger all`.execute(database.kysely)
    await sql`update audit_log set actor_name = 'nobody' where sequence = 4`.execute(database.kysely)
    await database.close()
    t.match(await verify(settings), { code: 1, text: /first invalid row is 4: its content/ })
  },
)

t.test('an invalid access policy prevents startup, and every error is reported', async (t) => {
  const folder = await temporaryFolder(t)
  const settings = {
    DATA_DIR: join(folder, 'data'),
    AUTH_MODE: 'entra',
    ENTRA_TENANT_ID: TENANT,
    ENTRA_AUDIENCE: AUDIENCE,
    ACCESS_POLICY_FILE: join(folder, 'access.json'),
  }
  const failure = async () =>
    startService(settings).then(
      (started) => started.kill().then(() => 'it started'),
      (error: Error) => error.message,
    )
  t.match(await failure(), /ended with 78[\s\S]*cannot be read \(ENOENT\)\. Check the path/)
  await writeFile(settings.ACCESS_POLICY_FILE, '{ "version": 1, }')
  t.match(await failure(), /ended with 78[\s\S]*The file is not valid JSON/)
  const wrong = {
    version: 1,
    grants: [{ to: [{ oid: DEE }], actions: ['own'], on: [{ subscriptionId: 'x' }] }],
  }
  await writeFile(settings.ACCESS_POLICY_FILE, JSON.stringify(wrong))
  const words = await failure()
  t.match(words, /ended with 78/)
  t.match(words, /\/grants\/0\/actions\/0 must be an action\. Use one of read, plan/)
  t.match(words, /\/grants\/0\/on\/0\/subscriptionId must be a subscription ID\. Use the GUID/)
})

t.test('roles alone authorize callers without a policy file, and the log states this', async (t) => {
  const settings = { AUTH_MODE: 'entra', ENTRA_TENANT_ID: TENANT, ENTRA_AUDIENCE: AUDIENCE }
  const planner = await service(t, settings)
  const warned = (text: RegExp) =>
    planner.process.lines.some((line) => line.includes('"level":40') && text.test(line))
  t.ok(warned(/ACCESS_POLICY_FILE is not set: each role/))
  t.ok(warned(/ENTRA_USER_ROLES is set to optional: users without an app role/))
  t.strictSame(code(await planner.get('/v1/plans')), [401, 'AUTHENTICATION_REQUIRED'])
})

t.test('does not verify a missing audit log', async (t) => {
  const folder = await temporaryFolder(t)
  t.match(await verify({ DATA_DIR: folder }), { code: 1, text: /No database exists in/ })
})
