import { CompiledQuery, createQueryId, type KyselyPlugin, type RootOperationNode, sql } from 'kysely'
import t from 'tap'
import { type ClusterScope, inScope } from '../../../src/core/access/access-policy.ts'
import type { Queries } from '../../../src/database/engine/database.ts'
import { Cursors } from '../../../src/database/stores/cursors.ts'
import { listJobViews } from '../../../src/database/stores/job-store.ts'
import { listPlanRows, type PlanQuery } from '../../../src/database/stores/plan-store.ts'
import { ClusterScopes } from '../../../src/database/stores/visible-clusters.ts'
import { SUBSCRIPTION } from '../../support/a-cluster.ts'
import { everyEngine, openMigrated } from '../../support/databases.ts'

const NOW = new Date('2026-09-01T00:30:00Z')
const CLUSTERS = 40
const on = { subscriptionId: SUBSCRIPTION, resourceGroup: '*', clusterName: '*' }

/** Plans of many clusters in turn. The first cluster has the oldest plans, and no other ones. */
async function addPlans(db: Queries, count: number): Promise<void> {
  await sql`insert into plans (id, cluster_key, subscription_id, resource_group, cluster_name, from_type, to_type,
      made_status, state, created_at, expires_at, created_by, document)
    select ('01990000-0000-7000-8000-' || lpad(number::text, 12, '0'))::uuid,
      '/subscriptions/' || ${SUBSCRIPTION}::text || '/resourcegroups/rg-' || (cluster % 7)
        || '/providers/microsoft.containerservice/managedclusters/aks-' || cluster,
      ${SUBSCRIPTION}, 'rg-' || (cluster % 7), 'aks-' || cluster, 'loadBalancer', 'none',
      case when number % 3 = 0 then 'blocked' else 'applicable' end,
      case when number % 5 = 0 then 'executed' else 'open' end,
      ${NOW}, ${NOW}::timestamptz + (number % 2 - 0.5) * interval '1 hour', 'ada', '{}'
    from (select number, case when number <= 20 then 0 else 1 + number % ${CLUSTERS - 1} end as cluster
      from generate_series(1, ${count}) as number) as made`.execute(db)
  await sql`analyze`.execute(db)
}

/** How the database executes the queries of `read`. */
async function planOf(db: Queries, read: (db: Queries) => Promise<unknown>): Promise<string> {
  const seen: RootOperationNode[] = []
  const look: KyselyPlugin = {
    transformQuery({ node }) {
      seen.push(node)
      return node
    },
    transformResult: async ({ result }) => result,
  }
  await read(db.withPlugin(look))
  const lines: string[] = []
  for (const node of seen) {
    const { sql, parameters } = db.getExecutor().compileQuery(node, createQueryId())
    const explained = CompiledQuery.raw(`explain ${sql}`, [...parameters])
    const { rows } = await db.executeQuery<Record<string, string>>(explained)
    lines.push(...rows.map((row) => row['QUERY PLAN'] ?? ''))
  }
  return lines.join('\n')
}

for (const engine of await everyEngine()) {
  t.test(`on ${engine.name}`, async (t) => {
    const { kysely: db } = await openMigrated(engine.open(t))
    await addPlans(db, 2_500)
    const scopes = new ClusterScopes(db)
    const idsOf = async (query: Partial<PlanQuery>, scope?: ClusterScope, after: string | null = null) => {
      const visible = await scopes.resolve(scope)
      const rows = await listPlanRows(db, { limit: 100, ...query, after, visible }, NOW)
      return rows.map(({ id }) => id)
    }

    t.test('a subscription or a resource group narrows the scope', async (t) => {
      const within = async (part: object, scope?: ClusterScope) =>
        [await scopes.resolveWithin(scope, part)].flat().length
      t.equal(await within({ subscriptionId: SUBSCRIPTION.toUpperCase() }), CLUSTERS)
      t.equal(await within({ subscriptionId: '99999999-9999-9999-9999-999999999999' }), 0)
      t.equal(await within({ resourceGroup: 'RG-0' }), 6)
      t.equal(await within({ resourceGroup: 'rg-%' }), 0)
      t.equal(await within({ resourceGroup: 'rg-0' }, [{ ...on, clusterName: 'aks-7' }]), 1)
      t.equal(await within({ resourceGroup: 'rg-0' }, [{ ...on, clusterName: 'aks-1' }]), 0)
    })

    t.test('lists the resources in scope, in the same order and with every filter', async (t) => {
      const scopesOfCallers: ClusterScope[] = [
        [on],
        [{ ...on, clusterName: 'aks-0' }],
        [{ ...on, clusterName: 'AKS-7' }],
        [
          { ...on, resourceGroup: 'rg-3' },
          { ...on, subscriptionId: '*', clusterName: '*-1*' },
        ],
        [{ ...on, clusterName: 'aks_7' }],
        [],
      ]
      const filters: Partial<PlanQuery>[] = [
        {},
        { status: 'expired' },
        { status: 'applicable' },
        { status: 'blocked' },
        { status: 'stale' },
        { cluster: { subscriptionId: SUBSCRIPTION, resourceGroup: 'rg-0', name: 'aks-7' } },
      ]
      for (const scope of scopesOfCallers)
        for (const filter of filters) {
          const unscoped = await listPlanRows(db, { limit: 2_500, ...filter, after: null }, NOW)
          const expected = unscoped.filter((row) => inScope(scope, row.cluster_key)).map(({ id }) => id)
          const text = JSON.stringify([scope, filter])
          t.strictSame(await idsOf(filter, scope), expected.slice(0, 101), text)
          const after = expected[Math.floor(expected.length / 2)]
          if (after === undefined) continue
          const rest = expected.slice(expected.indexOf(after) + 1)
          t.strictSame(await idsOf(filter, scope, after), rest.slice(0, 101), `second page: ${text}`)
        }
    })

    t.test('a cluster is visible with its first plan', async (t) => {
      const scope = [{ ...on, clusterName: 'aks-new' }]
      const page = async () =>
        (
          await cursors.page('plans', { limit: 10, cursor: null, reach: scope }, (query) =>
            listPlanRows(db, query, NOW),
          )
        ).items.length
      const cursors = new Cursors(db)
      t.equal(await page(), 0)
      await sql`insert into plans select (jsonb_populate_record(plans, jsonb_build_object(
          'id', '01990000-0000-7000-8000-aaaaaaaaaaaa',
          'cluster_key', replace(cluster_key, cluster_name, 'aks-new')))).*
        from plans where cluster_name = 'aks-8' limit 1`.execute(db)
      t.equal(await page(), 1)
    })

    t.test('a filter by the outbound types reads an index, however rare the types are', async (t) => {
      await sql`insert into jobs (id, plan_id, cluster_key, status, revision, log_length, created_at, created_by,
          from_type, to_type, labels, view)
        select id, id, cluster_key, 'Succeeded', 1, 1, created_at, created_by, from_type, to_type, labels, '{}'
        from plans`.execute(db)
      await sql`analyze`.execute(db)
      const filters = [{ from: 'block' }, { to: 'block' }, { from: 'none', to: 'loadBalancer' }]
      for (const filter of filters) {
        const query = { limit: 100, after: null, ...filter }
        const lists = [
          await planOf(db, (queries) => listPlanRows(queries, query, NOW)),
          await planOf(db, (queries) => listJobViews(queries, query)),
        ]
        for (const text of lists)
          t.match(text, /Index Scan.* using (plans|jobs)_by_(from_type|to_type|types) /)
      }
    })

    t.test('a policy of 200 patterns does not multiply the cost of a list', async (t) => {
      await sql`truncate plans cascade`.execute(db)
      await addPlans(db, 10_000)
      const none = Array.from({ length: 199 }, (_, index) => ({ ...on, resourceGroup: `*-team-${index}-*` }))
      const scope = [...none, { ...on, clusterName: 'aks-0' }]
      const leastMs = async (read: () => Promise<unknown>) => {
        const times: number[] = []
        for (let run = 0; run < 9; run++) {
          const begun = performance.now()
          await read()
          times.push(performance.now() - begun)
        }
        return Math.min(...times)
      }
      t.equal((await idsOf({}, scope)).length, 20)
      const ratio = (await leastMs(() => idsOf({}, scope))) / (await leastMs(() => idsOf({})))
      t.ok(ratio < 12, `${ratio} times a list without a policy`)
    })
  })
}
