import type { AddressStage, EgressIpChange } from '../../contract/egress.ts'
import type { JobResult, PreparedAddress } from '../../contract/job.ts'
import type { Plan } from '../../contract/plan.ts'
import { sharesAddress } from '../allow-lists/address-range.ts'
import { idKey } from '../arm/resource-id.ts'
import { equalsArm } from '../arm/words.ts'
import { type JobState, mayHaveWritten } from './job-state.ts'
import { trafficMovingSteps } from './rollback-steps.ts'

/** The address changes of a plan with what its job has found out so far. */
export interface ActualAddresses {
  stage: AddressStage
  egressIps: EgressIpChange[]
}

/**
 * The address changes with the actual addresses: the addresses that the job has created and, at its end, the addresses
 * that the cluster uses. Only addresses that the job has read are certain. Between the cutover and the next read,
 * removed addresses are unknown. If the job ended there, `later` has the addresses that a later job of the cluster read.
 */
export function actualAddresses(
  plan: Pick<Plan, 'steps' | 'cutOver' | 'egressIps' | 'to'>,
  state: JobState,
  later: JobResult | null = null,
): ActualAddresses {
  const prepared = state.observed.prepared ?? []
  const rows = plan.egressIps.map((row) => withPreparedAddress(row, prepared))
  const found = latestAddresses(state)
  if (found !== null) return { stage: 'confirmed', egressIps: compare(rows, found, state.rollback !== null) }
  if (trafficMovingSteps(plan).some(({ key }) => mayHaveWritten(state, key))) {
    if (later !== null && state.finishedAt !== null) {
      const isReverted = !hasTarget(later, plan)
      return { stage: 'confirmed', egressIps: compare(rows, later.egressIps, isReverted) }
    }
    return { stage: 'unconfirmed', egressIps: rows.map(toUnconfirmed) }
  }
  if (state.finishedAt !== null) return { stage: 'confirmed', egressIps: rows.flatMap(toUnchanged) }
  return { stage: prepared.length === 0 ? 'planned' : 'prepared', egressIps: rows }
}

/** Whether the cluster has the outbound type of the plan. */
export function hasTarget({ outboundType }: JobResult, { to }: Pick<Plan, 'to'>): boolean {
  return equalsArm(outboundType, to.outboundType)
}

function withPreparedAddress(row: EgressIpChange, prepared: PreparedAddress[]): EgressIpChange {
  const { address, resourceId } = row
  if (address !== null || resourceId === null) return row
  const created = prepared.find((item) => idKey(item.resourceId) === idKey(resourceId))
  return created === undefined ? row : { ...row, address: created.address }
}

/** The addresses that the job has read last; null before the first read, and during a rollback, which changes them. */
function latestAddresses({ observed, rollback, steps }: JobState): JobResult['egressIps'] | null {
  const isCurrent = rollback === null || steps['undo-discover-egress-ips']?.status === 'Succeeded'
  return isCurrent ? (observed.egressIps ?? null) : null
}

/** Compares the addresses before the job with those that the cluster uses now. */
function compare(
  rows: EgressIpChange[],
  found: JobResult['egressIps'],
  isReverted: boolean,
): EgressIpChange[] {
  const known = rows.filter(({ address }) => address !== null)
  const compared = known.map((row) => fateOf(row, found.some(isSameAs(row)), isReverted))
  const others = found.filter((ip) => !known.some((row) => isSameAs(row)(ip)))
  const hidden = rows.filter(({ address, change }) => address === null && change === 'unknown')
  return [...compared, ...others.map((ip) => toDiscovered(ip, rows)), ...hidden]
}

function isSameAs({ address: mine }: EgressIpChange): (other: { address: string }) => boolean {
  return ({ address }) => mine !== null && sharesAddress(address, mine)
}

function fateOf(row: EgressIpChange, isInUse: boolean, isReverted: boolean): EgressIpChange {
  switch (row.change) {
    case 'kept':
      if (!isInUse) return { ...row, change: 'unknown' }
      return isReverted ? toKept(row) : row
    case 'lost':
    case 'unknown':
      return isInUse ? toKept(row) : { ...row, change: 'lost' }
    case 'added':
      if (isInUse) return row
      return isReverted ? toUnused(row) : { ...row, change: 'unknown' }
  }
}

/** An address that only Azure knew before. Its row in the plan has no address. */
function toDiscovered(ip: JobResult['egressIps'][number], rows: EgressIpChange[]): EgressIpChange {
  const planned = rows.find(
    ({ address, change, family }) => address === null && change === 'added' && family === ip.family,
  )
  return {
    ...ip,
    change: 'added',
    knownAt: 'apply',
    recoverable: true,
    ...(planned?.usedAfter === undefined ? {} : { usedBefore: [], usedAfter: planned.usedAfter }),
  }
}

/** The cluster still uses the address as before. */
function toKept({ usedBefore, gainsTraffic: _, ...row }: EgressIpChange): EgressIpChange {
  return {
    ...row,
    change: 'kept',
    recoverable: true,
    ...(usedBefore === undefined ? {} : { usedBefore, usedAfter: usedBefore }),
  }
}

/** A new address that exists, and that no traffic uses: a firewall has no reason to allow it. */
function toUnused(row: EgressIpChange): EgressIpChange {
  return { ...row, change: 'lost', recoverable: true, usedBefore: [], usedAfter: [] }
}

/** The job ended before the cutover, so addresses in use stay in use, and new addresses are not needed. */
function toUnchanged(row: EgressIpChange): EgressIpChange[] {
  if (row.change === 'added') return row.address === null ? [] : [toUnused(row)]
  if (row.change !== 'unknown') return [toKept(row)]
  // An address that only the new egress would have used, or that AKS would have decided about and no traffic used.
  return row.usedBefore?.length === 0 ? [] : [toKept(row)]
}

function toUnconfirmed(row: EgressIpChange): EgressIpChange {
  return row.change === 'lost' ? { ...row, change: 'unknown' } : row
}
