import { sql } from 'kysely'
import t from 'tap'
import { ArmFault } from '../../src/azure/errors/arm-fault.ts'
import { clusterKey } from '../../src/core/access/access-policy.ts'
import { buildInventoryFacts } from '../../src/core/inventory/inventory-facts.ts'
import { writeNote } from '../../src/database/stores/inventory-writes.ts'
import { discardJobReading, saveJobReading } from '../../src/database/stores/job-readings.ts'
import { aStoredJob } from '../database/support/stored-job.ts'
import { DEMO_CLUSTERS, DEMO_GROUP, DEMO_SUBSCRIPTION } from '../support/demo.ts'
import { startInventory } from './support.ts'

const PAGE = { limit: 100, cursor: null }
const denied = () => {
  throw new ArmFault({ kind: 'denied', code: 'AuthorizationFailed', message: 'no' })
}
const missing = (name: string) => {
  throw new Error(`the inventory has no cluster ${name}`)
}
async function* none() {}

t.test('stores every cluster with the facts that a full snapshot of it has', async (t) => {
  const { demo, inventory, refresh, sent } = await startInventory(t)
  const ended = await refresh()
  t.match(ended, { status: 'succeeded', source: 'resourceGraph', clusters: DEMO_CLUSTERS.length, changed: 0 })
  const { items } = await inventory.list(PAGE)
  t.strictSame(
    items.map(({ name }) => name),
    [...DEMO_CLUSTERS].toSorted(),
  )
  for (const { asOf: _asOf, lastPlan, lastJob, campaign, ...facts } of items) {
    const expected = buildInventoryFacts(await demo.takeSnapshot(demo.ref(facts.name)))
    t.strictSame(facts, expected, facts.name)
    t.strictSame([lastPlan, lastJob, campaign], [null, null, null])
  }
  t.strictSame(sent, [], 'the first refresh is no news')
  const calls = await demo.requests()
  const queries = calls.filter(({ path }) => path.includes('ResourceGraph')).length
  t.ok(queries <= 8, `${queries} queries`)
})

t.test('reports a changed egress once, and a cluster as gone only when the provider says so', async (t) => {
  const { demo, inventory, refresh, replace, sent, changesOf } = await startInventory(t)
  await refresh()
  const [before] = (await inventory.list({ ...PAGE, address: '0.0.0.0/0' })).items
  if (before === undefined) return t.fail('no cluster has an address')
  const real = [] as string[]
  replace({
    async *findClusters() {
      yield { items: [], unreadable: [] }
    },
    isGone: async ({ name }) => {
      real.push(name)
      if (name === 'stopped') return true
      return name === 'failed' ? denied() : false
    },
  })
  const ended = await refresh()
  t.match(ended, { status: 'partial', clusters: 0, changed: 1, unconfirmed: DEMO_CLUSTERS.length - 1 })
  t.strictSame(real.toSorted(), [...DEMO_CLUSTERS].toSorted(), 'each is asked for')
  t.strictSame(sent, [['disappeared', 'stopped']])
  t.equal((await inventory.list(PAGE)).items.length, DEMO_CLUSTERS.length - 1)
  t.match(await changesOf('stopped'), [{ kind: 'disappeared', after: null }])
  replace({})
  await refresh()
  t.strictSame(sent.at(-1), ['appeared', 'stopped'])
  t.ok(demo.url)
})

t.test('reads the providers of each subscription where Resource Graph is denied', async (t) => {
  const { inventory, refresh, replace } = await startInventory(t)
  await refresh()
  const expected = (await inventory.list(PAGE)).items.map(({ asOf: _asOf, ...row }) => row)
  replace({ findNetwork: denied, findClusters: denied })
  const ended = await refresh()
  t.match(ended, { status: 'partial', source: 'providers', clusters: DEMO_CLUSTERS.length, changed: 0 })
  t.match(ended.unread, [{ what: 'Azure Resource Graph', code: 'AuthorizationFailed' }])
  t.strictSame(
    (await inventory.list(PAGE)).items.map(({ asOf: _asOf, ...row }) => row),
    expected,
  )
})

t.test('keeps what it cannot read: a denied subscription, a failed refresh', async (t) => {
  const { inventory, refresh, replace, sent } = await startInventory(t)
  await refresh()
  const rows = (await inventory.list(PAGE)).items
  replace({ findNetwork: denied, listClusters: denied, isGone: denied })
  t.match(await refresh(), { status: 'partial', clusters: 0, unconfirmed: DEMO_CLUSTERS.length })
  replace({
    findClusters: () => {
      throw new ArmFault({ kind: 'transient', code: 'ServiceUnavailable', message: 'down' })
    },
  })
  t.match(await refresh(), { status: 'failed', error: { code: 'ServiceUnavailable', message: 'down' } })
  t.strictSame((await inventory.list(PAGE)).items, rows)
  t.strictSame(sent, [])
})

t.test('reports a network that it cannot read as incomplete, not as a changed egress', async (t) => {
  const { inventory, refresh, replace, sent } = await startInventory(t)
  await refresh()
  replace({ findNetwork: none, isGone: async () => false })
  await refresh()
  const { items } = await inventory.list({ ...PAGE, flag: 'incomplete' })
  t.ok(items.length > 0)
  replace({})
  await refresh()
  t.strictSame(sent, [])
})

t.test('names the job that explains a changed egress, sends no message about it, and lists it', async (t) => {
  const { demo, deps, inventory, refresh, sent, changesOf } = await startInventory(t)
  await refresh()
  const db = deps.database.kysely
  const rows = (await inventory.list(PAGE)).items
  // Before the second refresh, both clusters have another address in the inventory.
  for (const name of ['lb-managed', 'lb-own-ips']) {
    const {
      asOf: _asOf,
      lastPlan: _plan,
      lastJob: _job,
      campaign: _campaign,
      ...facts
    } = rows.find((row) => row.name === name) ?? missing(name)
    const former = JSON.stringify({ ...facts, addresses: ['20.9.9.9'] })
    await sql`update inventory_clusters set facts = ${former} where name = ${name}`.execute(db)
    if (name === 'lb-own-ips') continue
    const egressIps = facts.addresses.map((address: string) => ({ address }))
    const jobId = await aStoredJob(db, {
      cluster_key: clusterKey(demo.ref(name)),
      status: 'Succeeded',
      to_type: 'loadBalancer',
      view: JSON.stringify({
        timestamps: { finishedAt: deps.now().toISOString() },
        result: { egressIps, authorizedIPRanges: [] },
      }),
    })
    t.context.jobId = jobId
  }
  t.equal((await refresh()).changed, 2)
  t.strictSame(sent, [['egressChanged', 'lb-own-ips']])
  t.match(await changesOf('lb-managed'), [{ kind: 'egressChanged', jobId: t.context.jobId }])
  t.match(await changesOf('lb-own-ips'), [{ kind: 'egressChanged', jobId: null }])
  const names = async (query: object) =>
    (await inventory.changes({ ...PAGE, ...query })).items.map(({ after }) => after?.name).toSorted()
  t.strictSame(await names({}), ['lb-managed', 'lb-own-ips'])
  t.strictSame(await names({ cause: 'job' }), ['lb-managed'])
  t.strictSame(await names({ cause: 'unexplained', kind: ['egressChanged', 'diverged'] }), ['lb-own-ips'])
  t.strictSame(await names({ kind: 'diverged' }), [])
  t.strictSame(await names({ changedAfter: new Date('2027-01-01') }), [])
  const reach = [{ ...demo.ref('lb-own-ips'), clusterName: 'lb-own-ips' }]
  t.strictSame(await names({ reach }), ['lb-own-ips'])
  t.strictSame(await names({ reach: [] }), [])
  // After a refresh has shown what the job left, another client adds an address and removes it.
  const [present] = (await inventory.list({ ...PAGE, name: 'lb-managed' })).items
  const {
    asOf: _asOf,
    lastPlan: _plan,
    lastJob: _job,
    campaign: _campaign,
    ...found
  } = present ?? missing('lb-managed')
  const wider = JSON.stringify({ ...found, addresses: [...found.addresses, '20.9.9.8'] })
  await sql`update inventory_clusters set facts = ${wider} where name = 'lb-managed'`.execute(db)
  await refresh()
  t.match(await changesOf('lb-managed'), [{ jobId: null }, { jobId: t.context.jobId }])
  await sql`delete from inventory_changes where job_id is null and cluster_key = ${clusterKey(demo.ref('lb-managed'))}`.execute(
    db,
  )
  const first = await inventory.changes({ limit: 1, cursor: null })
  const second = await inventory.changes({ limit: 1, cursor: first.next })
  t.strictSame([...first.items, ...second.items].map(({ after }) => after?.name).toSorted(), [
    'lb-managed',
    'lb-own-ips',
  ])
})

t.test('shows what a job has read, and reports the change when a refresh reads it too', async (t) => {
  const { demo, deps, inventory, refresh, sent, changesOf } = await startInventory(t)
  await refresh()
  const db = deps.database.kysely
  const key = clusterKey(demo.ref('lb-managed'))
  const [row] = (await inventory.list({ ...PAGE, name: 'lb-managed' })).items
  const {
    asOf: _asOf,
    lastPlan: _plan,
    lastJob: _job,
    campaign: _campaign,
    ...former
  } = row ?? missing('lb-managed')
  const typeOf = async () =>
    (await inventory.list({ ...PAGE, name: 'lb-managed' })).items[0]?.declared.outboundType
  const countOf = async (type: string) => (await inventory.summary()).byOutboundType[type] ?? 0
  const present = {
    ...former,
    declared: { ...former.declared, outboundType: 'managedNATGateway', natGatewaySku: 'Standard' },
    effective: 'natGateway' as const,
    addresses: ['20.8.8.8'],
  }
  const before = await countOf('loadBalancer')
  const read = () => db.transaction().execute((trx) => saveJobReading(trx, key, present, deps.now()))
  await read()
  t.equal(await typeOf(), 'managedNATGateway')
  t.equal(await countOf('loadBalancer'), before - 1, 'the summary is counted again')
  const byAddress = await inventory.list({ ...PAGE, address: '20.8.8.8' })
  t.strictSame(
    byAddress.items.map(({ name }) => name),
    ['lb-managed'],
  )
  t.equal((await refresh()).changed, 0, 'Resource Graph is behind')
  t.equal(await typeOf(), 'managedNATGateway', 'an older reading does not replace what the job has read')
  // The refresh after the job's change, seen from a baseline that is the change.
  await sql`update inventory_clusters set baseline = facts, facts = ${JSON.stringify(former)} where cluster_key = ${key}`.execute(
    db,
  )
  t.equal((await refresh()).changed, 1)
  t.strictSame(sent, [['egressChanged', 'lb-managed']])
  t.match(await changesOf('lb-managed'), [{ before: present, after: former }])
  t.equal((await refresh()).changed, 0, 'once')
  await read()
  await db.transaction().execute((trx) => discardJobReading(trx, key, true))
  t.equal(await typeOf(), 'loadBalancer', 'a job that reverted its change takes its reading back')
  await read()
  await db.transaction().execute((trx) => discardJobReading(trx, key, false))
  t.equal(await typeOf(), 'managedNATGateway', 'what a failed job has left is unknown')
  await refresh()
  t.equal(await typeOf(), 'loadBalancer', 'so the next refresh decides')
  t.equal((await refresh()).changed, 0)
  await read()
  for (let minute = 0; minute < 16; minute++) deps.now()
  await refresh()
  t.equal(await typeOf(), 'loadBalancer', 'after some time, a refresh is right')
})

t.test('reports a newer list of required endpoints once', async (t) => {
  const { deps, refresh, sent } = await startInventory(t)
  await refresh()
  await writeNote(deps.database.kysely, 'endpoints-as-of', '2026-01-01')
  await refresh()
  await refresh()
  t.match(sent, [['endpoints', /^2026-01-01 2026-/]])
})

t.test('lists, counts, and pages by every filter, and only within the scope', async (t) => {
  const { inventory, refresh } = await startInventory(t)
  await refresh()
  const all = (await inventory.list(PAGE)).items
  const names = async (filter: object) =>
    (await inventory.list({ ...PAGE, ...filter })).items.map(({ name }) => name)
  const expect = (matches: (row: (typeof all)[number]) => boolean) =>
    all.filter(matches).map(({ name }) => name)
  t.strictSame(
    await names({ subscriptionId: DEMO_SUBSCRIPTION.toUpperCase() }),
    expect(() => true),
  )
  t.strictSame(
    await names({ resourceGroup: DEMO_GROUP.toUpperCase() }),
    expect(() => true),
  )
  t.strictSame(
    await names({ location: 'East US' }),
    expect(({ location }) => location === 'eastus'),
  )
  t.strictSame(
    await names({ path: 'natGateway' }),
    expect(({ effective }) => effective === 'natGateway'),
  )
  t.strictSame(await names({ flag: 'stopped' }), ['stopped'])
  for (const [pattern, matches] of [
    ['LB-Managed', /^lb-managed$/],
    ['lb-*', /^lb-/],
    ['*managed*', /managed/],
    ['lb_managed', /^lb_managed$/],
    ['lb-manage%', /^$/],
  ] as const)
    t.strictSame(
      await names({ name: pattern }),
      expect(({ name }) => matches.test(name)),
      pattern,
    )
  t.strictSame(await names({ outboundType: 'managedNATGatewayV2' }), ['natv2-managed'])
  t.strictSame(await names({ tag: 'no-such-tag' }), [])
  for (const [name = '', value] of Object.entries(all[0]?.tags ?? {})) {
    t.ok((await names({ tag: name.toUpperCase() })).includes(all[0]?.name ?? ''))
    t.ok((await names({ tag: `${name}=${value}` })).includes(all[0]?.name ?? ''))
    t.strictSame(await names({ tag: `${name}=${value}x` }), [])
  }
  const [address = ''] = all[0]?.addresses ?? []
  t.ok((await names({ address })).includes(all[0]?.name ?? ''))
  for (const sort of ['name', '-name', 'path', '-path', 'outboundType', '-location'] as const) {
    const paged: string[] = []
    for (let cursor: string | null = null, more = true; more; more = cursor !== null) {
      const page = await inventory.list({ sort, limit: 7, cursor })
      paged.push(...page.items.map(({ name }) => name))
      cursor = page.next
    }
    t.equal(new Set(paged).size, all.length, `${sort}: each cluster once`)
  }
  const reach = [{ subscriptionId: '*', resourceGroup: DEMO_GROUP, clusterName: 'udr-*' }]
  t.strictSame(await names({ reach }), ['udr-byo', 'udr-private'])
  t.match(await inventory.summary(reach), { clusters: 2, byOutboundType: { userDefinedRouting: 2 } })
  t.match(await inventory.summary([]), { clusters: 0, oldestAsOf: null })
  const summary = await inventory.summary()
  t.equal(summary.clusters, all.length)
  t.strictSame(summary.byLocation, { eastus: all.length })
  t.equal(summary.byFlag.stopped, 1)
})
