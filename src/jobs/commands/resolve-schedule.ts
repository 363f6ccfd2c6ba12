import { type ArmFault, toRefusal } from '../../azure/errors/arm-fault.ts'
import type { ClusterRef } from '../../contract/cluster.ts'
import type { MaintenanceConfiguration } from '../../contract/maintenance.ts'
import {
  CLUSTER_WINDOW,
  type MaintenanceWindow,
  type RequestedWindow,
  type Schedule,
} from '../../contract/schedule.ts'
import { nextStart, toRecurringWindow } from '../../core/job/schedule.ts'
import { DAY_MS } from '../../core/lib/durations.ts'
import { DomainError } from '../../core/lib/errors.ts'
import { clusterWindowOf } from '../../core/maintenance/maintenance-windows.ts'
import { formatOffset, nextOpening, offsetAt } from '../../core/maintenance/openings.ts'
import type { JobsDeps } from '../deps.ts'
import type { RequestedSchedule } from '../jobs.ts'

/** The members of a schedule that a request sets. */
export type ScheduleChange = Partial<Schedule>

/** The requested members in the form that a job stores. The window of the cluster is read now. */
export async function resolveSchedule(
  deps: JobsDeps,
  cluster: ClusterRef,
  { notBefore, window, giveUpAt }: RequestedSchedule,
): Promise<ScheduleChange> {
  return {
    ...(notBefore === undefined ? {} : { notBefore }),
    ...(giveUpAt === undefined ? {} : { giveUpAt }),
    ...(window === undefined ? {} : await resolveWindow(deps, cluster, window)),
  }
}

async function resolveWindow(
  deps: JobsDeps,
  cluster: ClusterRef,
  window: NonNullable<RequestedSchedule['window']> | null,
): Promise<Pick<Schedule, 'window' | 'clusterWindow'>> {
  if (window === CLUSTER_WINDOW)
    return { window: null, clusterWindow: await readClusterWindow(deps, cluster) }
  return { window: window === null ? null : toWindow(window, deps.now()), clusterWindow: null }
}

async function readClusterWindow(deps: JobsDeps, cluster: ClusterRef): Promise<MaintenanceConfiguration> {
  const configurations = await deps.arm.listMaintenanceConfigurations(cluster).catch((error: unknown) => {
    throw toUnreadable(error, cluster)
  })
  const window = clusterWindowOf(configurations)
  if (window === null)
    throw scheduleImpossible('window', 'the cluster has no planned maintenance window whose time is known')
  return window
}

/** A denied read rejects the request with a reason. Any other error is handled like an error of any read of Azure. */
function toUnreadable(error: unknown, cluster: ClusterRef): unknown {
  return (error as Partial<ArmFault>).kind === 'denied'
    ? scheduleImpossible(
        'window',
        'this service has no permission to read the maintenance configurations of the cluster (Microsoft.ContainerService/managedClusters/maintenanceConfigurations/read)',
      )
    : toRefusal(error, cluster)
}

/** The window with its offset at the next opening, so that callers can show it without a time zone database. */
function toWindow({ timeZone, utcOffset, ...window }: RequestedWindow, now: Date): MaintenanceWindow {
  if (timeZone === undefined) return { ...window, utcOffset: utcOffset ?? '+00:00' }
  const zoned = { ...window, timeZone, utcOffset: '+00:00' }
  const opens = nextOpening(toRecurringWindow(zoned), now.getTime()) ?? now.getTime()
  return { ...zoned, utcOffset: formatOffset(offsetAt(timeZone, opens)) }
}

const NO_LIMITS: Schedule = { notBefore: null, window: null, giveUpAt: null }

/** The schedule after a change; null if it no longer contains a limit. */
export function mergeSchedule(present: Schedule | null, change: ScheduleChange): Schedule | null {
  const { clusterWindow, ...merged } = { ...NO_LIMITS, ...present, ...change }
  if (clusterWindow != null) return { ...merged, clusterWindow }
  const { notBefore, window, giveUpAt } = merged
  return notBefore === null && window === null && giveUpAt === null ? null : merged
}

/** A plan for a later time would be stale by then, and would hold the cluster's lock until then. */
const MAX_DAYS_AHEAD = 31

/** Rejects times that have passed, are too far ahead, or leave no time to start. */
export function assertSchedulePossible(schedule: Schedule | null, now: Date): void {
  if (schedule === null) return
  const { notBefore, giveUpAt } = schedule
  const latest = new Date(now.getTime() + MAX_DAYS_AHEAD * DAY_MS)
  if (notBefore !== null && new Date(notBefore) > latest)
    throw scheduleImpossible('notBefore', `notBefore is more than ${MAX_DAYS_AHEAD} days ahead`)
  if (giveUpAt !== null && new Date(giveUpAt) <= now)
    throw scheduleImpossible('giveUpAt', 'giveUpAt is in the past')
  const start = nextStart(schedule, now)
  if (
    start === null ||
    start.getTime() - Math.max(now.getTime(), Date.parse(notBefore ?? '') || 0) > MAX_DAYS_AHEAD * DAY_MS
  )
    throw scheduleImpossible('window', `the window does not open within ${MAX_DAYS_AHEAD} days`)
  if (giveUpAt !== null && start >= new Date(giveUpAt))
    throw scheduleImpossible(
      'giveUpAt',
      `the earliest possible start is ${start.toISOString()}, which is not before giveUpAt`,
    )
}

function scheduleImpossible(parameter: string, reason: string): DomainError {
  return new DomainError('SCHEDULE_IMPOSSIBLE', { parameter, reason }, [`/${parameter}`])
}
