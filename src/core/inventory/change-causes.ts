import type { EgressIpChange } from '../../contract/egress.ts'
import type { InventoryChange, InventoryFacts } from '../../contract/inventory.ts'
import type { Job, JobResult } from '../../contract/job.ts'
import type { Plan } from '../../contract/plan.ts'
import { toCidr, uncovered } from '../lib/cidr.ts'
import type { UndatedChange } from './inventory-changes.ts'
import { typeKeyOf } from './inventory-facts.ts'

/** The data of a job that can explain a change of its cluster. */
export interface CausingJob extends Pick<Job, 'id' | 'status' | 'steps' | 'result'> {
  /** The outbound types of its plan. */
  from: string
  to: string
  /** Whether the job waits before its cutover. */
  isHeld: boolean
  /** Null while it runs. */
  finishedAt: Date | null
  /** The plan of a job that runs; null for a job that has ended. */
  plan: Pick<Plan, 'cutOver' | 'egressIps'> | null
}

/** The earlier readings of a cluster. */
export interface FormerReadings {
  /** The time of the previous reading; null if it is unknown. */
  readAt: Date | null
  /** The recorded changes of the cluster since the job ended. */
  changes: readonly Pick<InventoryChange, 'before' | 'after'>[]
}

/** A refresh shows a job's change this long after the job at the latest: Azure Resource Graph is some minutes behind. */
export const MAX_OUTDATED_MS = 900_000

/**
 * The ID of the job that explains a change; null if none does. `job` is the last job of the cluster that runs or
 * succeeded. A job that succeeded explains only the addresses and ranges that it read at its end, and only until an earlier
 * reading has shown them: each later change is from outside. A running job explains what its plan states for the
 * steps that have begun. A failed job explains nothing: a person must check what it left behind.
 */
export function causeOf(
  { kind, before, after }: Pick<UndatedChange, 'kind' | 'before' | 'after'>,
  job: CausingJob | undefined,
  former: FormerReadings,
): string | null {
  if (job === undefined || before === null || after === null) return null
  const explains = job.status === 'Running' ? explainsWhileRunning : explainsAtItsEnd
  return explains(job, kind, before, after, former) ? job.id : null
}

function explainsAtItsEnd(
  { status, to, finishedAt, result }: CausingJob,
  kind: UndatedChange['kind'],
  before: InventoryFacts,
  after: InventoryFacts,
  { readAt, changes }: FormerReadings,
): boolean {
  if (status !== 'Succeeded' || result === null || finishedAt === null) return false
  const isOld = readAt !== null && finishedAt.getTime() < readAt.getTime() - MAX_OUTDATED_MS
  const shown = [before, ...changes.flatMap((change) => [change.before, change.after])]
  if (isOld || shown.some((facts) => facts !== null && shows(facts, to, result))) return false
  const isEgress = typeKeyOf(after) === to && movesEgress(before, after) && areOfResult(before, after, result)
  if (kind !== 'rangesUncovered' && kind !== 'rangesCovered') return isEgress
  const isChanged = isEgress || before.authorizedRanges.count !== after.authorizedRanges.count
  const covers = uncovered(result.authorizedIPRanges, addressesOf(result).map(toCidr)).length === 0
  return isChanged && hasRangesOf(after, result) && covers === (kind === 'rangesCovered')
}

/** Whether a reading shows the cluster as the job left it. Prefixes of the static egress gateway are not addresses of nodes. */
function shows(facts: InventoryFacts, to: string, result: JobResult): boolean {
  const present = addressesOf(result)
  return (
    typeKeyOf(facts) === to &&
    present.every((address) => facts.addresses.includes(address)) &&
    facts.addresses.every((address) => present.includes(address) || address.includes('/')) &&
    hasRangesOf(facts, result)
  )
}

function hasRangesOf({ authorizedRanges }: InventoryFacts, { authorizedIPRanges }: JobResult): boolean {
  return authorizedRanges.count === authorizedIPRanges.length
}

function addressesOf({ egressIps }: JobResult): string[] {
  return egressIps.map(({ address }) => address)
}

/** Addresses that only one of two readings shows. */
function differencesOf(before: InventoryFacts, after: InventoryFacts) {
  return {
    added: after.addresses.filter((address) => !before.addresses.includes(address)),
    lost: before.addresses.filter((address) => !after.addresses.includes(address)),
  }
}

function movesEgress(before: InventoryFacts, after: InventoryFacts): boolean {
  const { added, lost } = differencesOf(before, after)
  return typeKeyOf(before) !== typeKeyOf(after) || added.length + lost.length > 0
}

function areOfResult(before: InventoryFacts, after: InventoryFacts, result: JobResult): boolean {
  const present = new Set(addressesOf(result))
  const { added, lost } = differencesOf(before, after)
  return added.every((address) => present.has(address)) && !lost.some((address) => present.has(address))
}

/** Steps that add authorized IP ranges. */
const WIDENING = ['widen-authorized-ranges', 'authorize-discovered-ips']

function explainsWhileRunning(
  { from, to, isHeld, steps, plan }: CausingJob,
  kind: UndatedChange['kind'],
  before: InventoryFacts,
  after: InventoryFacts,
): boolean {
  if (plan === null) return false
  const hasBegun = (keys: readonly (string | null)[]) =>
    steps.some(({ key, status }) => keys.includes(key) && (status === 'Running' || status === 'Succeeded'))
  if (kind === 'rangesCovered') return hasBegun(WIDENING)
  const hasMoved = !isHeld && hasBegun([plan.cutOver.step, 'change-outbound-type'])
  const isEgress =
    [from, to].includes(typeKeyOf(after)) && movesEgress(before, after) && arePlanned(before, after, plan)
  if (!hasMoved || !isEgress) return false
  if (kind !== 'rangesUncovered') return true
  // Addresses that AKS creates are authorized after the change only.
  const authorizes = steps.some(
    ({ key, status }) => key === 'authorize-discovered-ips' && status !== 'Succeeded',
  )
  return authorizes && after.authorizedRanges.count >= before.authorizedRanges.count
}

/** Whether the plan states these additions and losses. Addresses that it could not know are counted. */
function arePlanned(
  before: InventoryFacts,
  after: InventoryFacts,
  { egressIps }: Pick<Plan, 'egressIps'>,
): boolean {
  const { added, lost } = differencesOf(before, after)
  const isRow = (address: string, changes: EgressIpChange['change'][]) =>
    egressIps.some((row) => changes.includes(row.change) && row.address === address)
  const unknown = egressIps.filter(({ address, change }) => change === 'added' && address === null).length
  return (
    added.filter((address) => !isRow(address, ['added'])).length <= unknown &&
    lost.every((address) => isRow(address, ['lost', 'unknown']))
  )
}

/**
 * Whether a reading shows the cluster as it was before the change of a job, or in the middle of the change. Azure Resource
 * Graph is some minutes behind. A refresh may also have read the cluster before. `present` is what the job has read at
 * `jobReadAt`, `former` are the earlier states.
 */
export function isOutdated(
  reading: InventoryFacts,
  { former, present, jobReadAt }: { former: InventoryFacts[]; present: InventoryFacts; jobReadAt: Date },
  now: Date,
): boolean {
  if (now.getTime() - jobReadAt.getTime() >= MAX_OUTDATED_MS) return false
  if (egressKey(reading) === egressKey(present)) return false
  return former.some((facts) => egressKey(facts) === egressKey(reading)) || isMiddle(reading, former, present)
}

/** Whether a reading has a former type and only known addresses. A job changes the type last. */
function isMiddle(reading: InventoryFacts, former: InventoryFacts[], present: InventoryFacts): boolean {
  const types = former.map(typeKeyOf)
  const known = [present, ...former].flatMap(({ addresses }) => addresses)
  return (
    typeKeyOf(reading) !== typeKeyOf(present) &&
    types.includes(typeKeyOf(reading)) &&
    reading.addresses.every((address) => known.includes(address))
  )
}

function egressKey(facts: InventoryFacts): string {
  return JSON.stringify([typeKeyOf(facts), facts.effective, facts.addresses])
}
