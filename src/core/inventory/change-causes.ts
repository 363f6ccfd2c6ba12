import type { InventoryFacts } from '../../contract/inventory.ts'
import type { JobResult, JobStatus } from '../../contract/job.ts'
import type { UndatedChange } from './inventory-changes.ts'
import { typeKeyOf } from './inventory-keys.ts'

/** The data of a job that can explain a change of its cluster. */
export interface CausingJob {
  id: string
  status: JobStatus
  /** The outbound types of its plan. */
  from: string
  to: string
  /** Null while it runs. */
  finishedAt: Date | null
  result: JobResult | null
}

/** Azure Resource Graph may show the state of a cluster from some minutes ago. */
const MAX_READING_LAG_MS = 3_600_000

/**
 * The ID of the job that explains a change; null if none does. `job` is the last job of the cluster that runs or
 * succeeded, and `readAt` the time of the previous reading; null if that time is unknown. A job that succeeded explains
 * only the addresses that it read at its end. A failed job explains nothing: a person must check what it left behind.
 */
export function causeOf(
  { before, after }: Pick<UndatedChange, 'before' | 'after'>,
  job: CausingJob | undefined,
  readAt: Date | null,
): string | null {
  if (job === undefined || before === null || after === null) return null
  const { id, status, from, to, finishedAt, result } = job
  const type = typeKeyOf(after)
  if (status === 'Running') return type === from || type === to ? id : null
  if (status !== 'Succeeded' || result === null || finishedAt === null) return null
  const isEarlier = readAt !== null && finishedAt.getTime() < readAt.getTime() - MAX_READING_LAG_MS
  return !isEarlier && type === to && areOfResult(before, after, result) ? id : null
}

/** A refresh shows a job's change this long after the job at the latest. */
const MAX_OUTDATED_MS = 900_000

/**
 * Whether a reading shows the cluster as it was before the change of a job. Azure Resource Graph is some minutes behind. A
 * refresh may also have read the cluster before. `present` is what the job has read at `jobReadAt`.
 */
export function isBeforeChange(
  reading: InventoryFacts,
  { before, present, jobReadAt }: { before: InventoryFacts; present: InventoryFacts; jobReadAt: Date },
  now: Date,
): boolean {
  const ageMs = now.getTime() - jobReadAt.getTime()
  return (
    ageMs < MAX_OUTDATED_MS &&
    egressKey(reading) === egressKey(before) &&
    egressKey(reading) !== egressKey(present)
  )
}

function egressKey(facts: InventoryFacts): string {
  return JSON.stringify([typeKeyOf(facts), facts.effective, facts.addresses])
}

function areOfResult(before: InventoryFacts, after: InventoryFacts, { egressIps }: JobResult): boolean {
  const present = new Set(egressIps.map(({ address }) => address))
  const added = after.addresses.filter((address) => !before.addresses.includes(address))
  const lost = before.addresses.filter((address) => !after.addresses.includes(address))
  return added.every((address) => present.has(address)) && !lost.some((address) => present.has(address))
}
