import { ArmFault } from '../../azure/errors/arm-fault.ts'
import type { ClusterRef } from '../../contract/cluster.ts'
import type { Probe, ProbeStatus } from '../../contract/probe.ts'
import { applyProbeEvent, MAX_PROBE_MS, type ProbeRun, toNodeProbes } from '../../core/probe/probe-run.ts'
import { StaleRevisionError } from '../../database/stores/job-store.ts'
import {
  claimUnfinishedProbes,
  type ProbeRow,
  probeRow,
  updateProbe,
} from '../../database/stores/probe-store.ts'
import { elapsedMs, type JobsDeps, type TickOrder } from '../deps.ts'
import { advanceProbe } from './advance-probe.ts'
import { type ProbeWish, prepareProbe } from './prepare-probe.ts'

/** A probe without a job, as stored in the database. */
export interface StoredProbe {
  cluster: ClusterRef
  wish: ProbeWish
  /** Null until the cluster has been read. */
  run: ProbeRun | null
}

const RETRY_MS = 10_000

/** Runs one tick of the probe with this ID, if the probe exists and still has this revision. */
export async function runProbeTick(deps: JobsDeps, { jobId: id, revision }: TickOrder): Promise<void> {
  const row = await probeRow(deps.database.kysely, id)
  if (row === null || row.revision !== revision || row.status === 'Succeeded' || row.status === 'Failed')
    return
  const tick = new ProbeTick(deps, row)
  try {
    await tick.run()
  } catch (error) {
    if (error instanceof StaleRevisionError) return
    deps.logger.error({ probeId: id, err: error }, 'probe tick failed')
    await tick.retryOrEnd(
      error instanceof ArmFault
        ? `${error.code}: ${error.message}`
        : 'An internal error of this service ended the probe.',
    )
  }
}

class ProbeTick {
  readonly #deps: JobsDeps
  #row: ProbeRow
  #stored: StoredProbe

  constructor(deps: JobsDeps, row: ProbeRow) {
    this.#deps = deps
    this.#row = row
    this.#stored = JSON.parse(row.run) as StoredProbe
  }

  async run(): Promise<void> {
    const { cluster, wish, run } = this.#stored
    if (run === null) {
      const prepared = await prepareProbe(this.#deps, this.#row.id, cluster, wish)
      await this.#store('Running', prepared, null)
      return
    }
    const hasEnded = await advanceProbe(this.#deps, run, async (events, nextAt) => {
      const next = events.reduce(applyProbeEvent, this.#stored.run ?? run)
      await this.#store('Running', next, nextAt)
      return next
    })
    if (hasEnded) await this.#end(run)
  }

  /** Reads have the same time limit as run-commands. */
  async retryOrEnd(reason: string): Promise<void> {
    const { now, waitScale } = this.#deps
    const view = JSON.parse(this.#row.view) as Probe
    const isOverdue = elapsedMs(this.#deps, view.createdAt) > MAX_PROBE_MS
    if (isOverdue) await this.#store('Failed', this.#stored.run, null, reason)
    else
      await this.#store(this.#row.status, this.#stored.run, new Date(now().getTime() + RETRY_MS / waitScale))
  }

  async #end(run: ProbeRun): Promise<void> {
    const nodes = toNodeProbes(run)
    const isMeasured = nodes.some(({ status }) => status === 'completed')
    const isUnanswered = nodes.some((node) => node.isUnanswered || node.isUnreadable)
    await this.#store(
      isMeasured || !isUnanswered ? 'Succeeded' : 'Failed',
      run,
      null,
      isMeasured ? undefined : 'No node was measured.',
    )
    this.#deps.logger.info({ probeId: this.#row.id, isMeasured }, 'probe ended')
  }

  async #store(status: ProbeStatus, run: ProbeRun | null, nextAt: Date | null, note?: string): Promise<void> {
    const { database, queue, now } = this.#deps
    const isFinal = status === 'Succeeded' || status === 'Failed'
    const stored = { ...this.#stored, run }
    const former = JSON.parse(this.#row.view) as Probe
    const view: Probe = {
      ...former,
      status,
      finishedAt: isFinal ? now().toISOString() : null,
      nodes: run === null ? former.nodes : toNodeProbes(run),
      notes: [...(run === null ? former.notes : run.notes), ...(note === undefined ? [] : [note])],
    }
    const change = { status, run: JSON.stringify(stored), view: JSON.stringify(view) }
    const { id, revision } = this.#row
    await database.kysely.transaction().execute(async (trx) => {
      await updateProbe(trx, this.#row, { ...change, next_tick_at: isFinal ? null : (nextAt ?? now()) })
      if (!isFinal) await queue.order(trx, { version: 1, jobId: id, revision: revision + 1 }, nextAt)
    })
    this.#row = { ...this.#row, ...change, revision: revision + 1 }
    this.#stored = stored
  }
}

/** Orders a tick for every unfinished probe whose tick was due before `before`; null means every unfinished probe. */
export async function sweepProbes(deps: JobsDeps, before: Date | null): Promise<void> {
  await deps.database.kysely.transaction().execute(async (trx) => {
    for (const { id, revision } of await claimUnfinishedProbes(trx, before, deps.now()))
      await deps.queue.order(trx, { version: 1, jobId: id, revision }, null)
  })
}
