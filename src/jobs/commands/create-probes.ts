import { createHash } from 'node:crypto'
import { toRefusal } from '../../azure/errors/arm-fault.ts'
import type { Probe } from '../../contract/probe.ts'
import { clusterKey } from '../../core/access/access-policy.ts'
import { DomainError } from '../../core/lib/errors.ts'
import { auditAllowed } from '../../database/audit/audit-log.ts'
import { Cursors } from '../../database/stores/cursors.ts'
import { insertProbe, listProbeViews, probeRow } from '../../database/stores/probe-store.ts'
import type { JobsDeps } from '../deps.ts'
import type { Probes } from '../jobs.ts'
import type { StoredProbe } from '../probes/probe-tick.ts'

/** Implements probes of nodes. */
export function createProbes(deps: JobsDeps): Probes {
  const db = deps.database.kysely
  const cursors = new Cursors(db)
  const getText = async (probeId: string) => {
    const row = await probeRow(db, probeId)
    if (row === null) throw new DomainError('PROBE_NOT_FOUND', { probeId })
    const isFinished = row.status === 'Succeeded' || row.status === 'Failed'
    // Ticks that change nothing visible to callers must not change the version.
    const version = createHash('sha256').update(row.view).digest('hex').slice(0, 16)
    return { text: row.view, version, isFinished, isHeld: false }
  }
  return {
    async accept({ cluster, by, ...wish }, { origin, hook } = {}) {
      const { facts } = await deps.arm.getCluster(cluster).catch((error: unknown) => {
        throw toRefusal(error, cluster)
      })
      const { subscriptionId, resourceGroup, name } = facts
      const id = deps.newId()
      const createdAt = deps.now()
      const key = clusterKey(cluster)
      const probe: Probe = {
        id,
        cluster: { subscriptionId, resourceGroup, name },
        azure: deps.azure,
        status: 'NotStarted',
        createdBy: by,
        createdAt: createdAt.toISOString(),
        finishedAt: null,
        nodes: [],
        notes: [],
      }
      const stored: StoredProbe = { cluster, wish, run: null }
      await db.transaction().execute(async (trx) => {
        await insertProbe(trx, {
          id,
          cluster_key: key,
          status: probe.status,
          created_at: createdAt,
          created_by: by,
          created_by_id: origin?.actor?.id ?? null,
          next_tick_at: createdAt,
          run: JSON.stringify(stored),
          view: JSON.stringify(probe),
        })
        await deps.queue.order(trx, { version: 1, jobId: id, revision: 1 }, null)
        await hook?.(trx, probe)
        await auditAllowed(trx, deps, origin, { clusterId: key, planId: null, jobId: null, reason: null })
      })
      deps.logger.info({ probeId: id, cluster: facts.id }, 'probe accepted')
      return probe
    },
    getText,
    async list(query) {
      const { items, next } = await cursors.page('probes', query, (filter) => listProbeViews(db, filter))
      return { items: items.map(({ view }) => JSON.parse(view) as Probe), next }
    },
    clusterKey: async (probeId) => (await probeRow(db, probeId))?.cluster_key ?? null,
  }
}
