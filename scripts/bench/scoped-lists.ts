import { sql } from 'kysely'
import type { AccessPolicy } from '../../src/core/access/access-policy.ts'
import type { Database } from '../../src/database/engine/database.ts'
import { type Figure, median } from './measure.ts'
import { ask, startWorld } from './world.ts'

const ROWS = 100_000
const PAGE = 100
const CLUSTERS = 1_000
const ROUNDS = 15
const SUBSCRIPTION = '11111111-1111-1111-1111-111111111111'

/** Who may see what: each policy has 200 patterns, of which one or two match a cluster. */
const POLICIES: Record<string, string[]> = {
  'every cluster visible': ['aks-*'],
  'two clusters visible, with old plans only': ['aks-0', 'aks-1'],
}
const LISTS = [
  '/v1/plans?limit=100',
  '/v1/plans?limit=100&status=expired',
  '/v1/plans?limit=100&status=stale',
]

/** Lists of plans of a caller with 200 patterns: with 100,000 plans, against a database with one page of plans. */
export async function scopedLists(): Promise<Figure[]> {
  const held: { policy: AccessPolicy | null } = { policy: null }
  const world = await startWorld(undefined, { policy: () => held.policy })
  try {
    const times: Record<string, number[]> = {}
    for (const rows of [PAGE, ROWS]) {
      await addPlans(world.database, rows)
      for (const [name, clusters] of Object.entries(POLICIES)) {
        held.policy = policyOf(clusters)
        for (const list of LISTS) {
          const key = `GET ${list}, ${name}`
          times[key] = [...(times[key] ?? []), await medianMs(`${world.url}${list}`)]
        }
      }
    }
    return Object.entries(times).map(([name, [few = Number.NaN, many = Number.NaN]]) => ({
      name,
      value: many / few,
      unit: 'times',
      atMost: 3,
      note: `${many.toFixed(1)} against ${few.toFixed(1)} ms`,
    }))
  } finally {
    await world.close()
  }
}

function policyOf(clusters: string[]): AccessPolicy {
  const others = Array.from({ length: 200 - clusters.length }, (_, index) => `*-team-${index}-*`)
  const on = [...clusters, ...others].map((clusterName) => ({
    subscriptionId: SUBSCRIPTION,
    resourceGroup: '*',
    clusterName,
  }))
  // The caller of a service without authentication.
  return { grants: [{ to: [{ oid: 'anonymous' }], actions: ['read'], on }], approvals: [] }
}

async function medianMs(url: string): Promise<number> {
  const times: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const begun = performance.now()
    await ask(url)
    times.push(performance.now() - begun)
  }
  return median(times)
}

/** Replaces all plans. The first plans belong to two clusters, which have no later ones. */
async function addPlans({ kysely }: Database, rows: number): Promise<void> {
  await sql`truncate plans cascade`.execute(kysely)
  await sql`insert into plans (id, cluster_key, subscription_id, resource_group, cluster_name, from_type, to_type,
      made_status, state, created_at, expires_at, created_by, document)
    select ('01990000-0000-7000-8000-' || lpad(number::text, 12, '0'))::uuid,
      '/subscriptions/' || ${SUBSCRIPTION}::text || '/resourcegroups/rg/providers/microsoft.containerservice/managedclusters/aks-'
        || cluster, ${SUBSCRIPTION}, 'rg', 'aks-' || cluster, 'loadBalancer', 'none', 'applicable', 'executed',
      now(), now(), 'bench', '{}'
    from (select number, case when number <= ${PAGE} then number % 2 else 2 + number % ${CLUSTERS - 2} end as cluster
      from generate_series(1, ${rows}) as number) as made`.execute(kysely)
  await sql`vacuum analyze plans`.execute(kysely)
}
