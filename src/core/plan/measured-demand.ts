import type { MeasuredKind, MeasuredResource } from '../../contract/demand.ts'
import { equalsArm } from '../arm/words.ts'
import { type Carrier, trafficCarriers } from '../egress/traffic-carriers.ts'
import { memoize } from '../lib/memoize.ts'
import type { DemandFacts, MetricPoint, MetricSeries } from '../snapshot/demand-facts.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'

/** The hours of a month in Azure's price pages. */
const HOURS_PER_MONTH = 730
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** The metrics of each kind (supported metrics of Azure Monitor): concurrent connections, by state, and bytes. */
const METRICS: Record<MeasuredKind, { concurrent: string | null; byState: string | null; bytes: string }> = {
  loadBalancer: { concurrent: 'UsedSnatPorts', byState: 'SnatConnectionCount', bytes: 'ByteCount' },
  natGateway: { concurrent: 'TotalConnectionCount', byState: 'SNATConnectionCount', bytes: 'ByteCount' },
  firewall: { concurrent: null, byState: null, bytes: 'DataProcessed' },
}

/** The measured values of each resource that carries traffic now; null if nothing was read. */
export const measuredResources = memoize((snapshot: Snapshot): MeasuredResource[] | null => {
  const demand = snapshot.surroundings?.demand
  if (demand === undefined) return null
  return carriersWithReads(snapshot, demand).map(({ carrier, resource }) =>
    resource === undefined ? unmeasured(carrier) : measure(resource, demand),
  )
})

type Resource = DemandFacts['resources'][number]

function carriersWithReads(
  snapshot: Snapshot,
  { resources }: DemandFacts,
): { carrier: Carrier; resource: Resource | undefined }[] {
  return trafficCarriers(snapshot).map((carrier) => ({
    carrier,
    resource: resources.find(({ id }) => equalsArm(id, carrier.id)),
  }))
}

/** A plan does not wait for a further round of reads. */
function unmeasured({ id, kind }: Carrier): MeasuredResource {
  return {
    id,
    kind,
    connections: null,
    peakPerNode: null,
    allocatedPorts: null,
    utilization: null,
    failedConnections: null,
    droppedPackets: null,
    gigabytes: null,
    unknown:
      'Azure Monitor was not read, because this resource was found only after reads of another subscription, or 4 other resources came first.',
  }
}

/**
 * The processed data of one month, extrapolated from the measured period. A resource that is younger than the period
 * counts from its first value. Null if a resource was not measured.
 */
export function gigabytesPerMonth(snapshot: Snapshot): number | null {
  const demand = snapshot.surroundings?.demand
  const carriers = demand === undefined ? [] : carriersWithReads(snapshot, demand)
  if (demand === undefined || carriers.length === 0) return null
  let sum = 0
  for (const { resource } of carriers) {
    if (resource === undefined) return null
    const { kind, read } = resource
    const series = 'facts' in read ? named(read.facts, METRICS[kind].bytes) : []
    const values = series.flatMap(({ points }) => points).filter(({ total }) => total !== null)
    const first = values.map(({ time }) => time).toSorted()[0]
    if (first === undefined) return null
    const hours = Math.max(1, (Date.parse(demand.to) - Date.parse(first)) / HOUR_MS)
    sum += (totalOf(values) / 1e9 / hours) * HOURS_PER_MONTH
  }
  return Math.round(sum * 10) / 10
}

function measure({ id, kind, read }: Resource, { to }: DemandFacts): MeasuredResource {
  const series = 'facts' in read ? read.facts : []
  const { concurrent, byState, bytes } = METRICS[kind]
  const connections = concurrent === null ? null : peakOf(concurrentValues(named(series, concurrent)))
  const utilization =
    kind === 'firewall' ? peakOf(valuesOf(named(series, 'SNATPortUtilization'), 'maximum')) : null
  const processed = pointsOf(named(series, bytes))
  const dropped = pointsOf(named(series, 'PacketDropCount'))
  const allocated = peakOf(concurrentValues(named(series, 'AllocatedSnatPorts')))
  return {
    id,
    kind,
    connections: connections === null ? null : rounded(connections),
    peakPerNode:
      kind === 'loadBalancer'
        ? (valuesOf(named(series, 'UsedSnatPorts'), 'maximum').toSorted((a, b) => b - a)[0] ?? null)
        : null,
    allocatedPorts: kind === 'loadBalancer' && allocated !== null ? Math.ceil(allocated.peak) : null,
    utilization,
    failedConnections: byState === null ? null : failuresOf(named(series, byState), to),
    droppedPackets: kind === 'natGateway' && dropped.length > 0 ? totalOf(dropped) : null,
    gigabytes: processed.length === 0 ? null : Math.round(totalOf(processed) / 1e7) / 100,
    unknown:
      'unread' in read
        ? `Azure Monitor could not be read (${read.unread.code}).`
        : connections === null && utilization === null
          ? 'Azure Monitor has no values for the period.'
          : null,
  }
}

function named(series: MetricSeries[], metric: string): MetricSeries[] {
  return series.filter((item) => equalsArm(item.metric, metric))
}

function pointsOf(series: MetricSeries[]): MetricPoint[] {
  return series.flatMap(({ points }) => points).filter(({ total }) => total !== null)
}

function totalOf(points: MetricPoint[]): number {
  return points.reduce((sum, { total }) => sum + (total ?? 0), 0)
}

function valuesOf(series: MetricSeries[], aggregation: 'maximum' | 'average'): number[] {
  return series.flatMap(({ points }) => points.flatMap((point) => point[aggregation] ?? []))
}

/**
 * The values of all nodes together. Samples are taken once a minute, so the sum over an interval is that many times
 * too large as the interval has minutes (load-balancer-standard-diagnostics).
 */
function concurrentValues(series: MetricSeries[]): number[] {
  return series.flatMap(({ grainMinutes, points }) =>
    points.flatMap(({ total }) => (total === null ? [] : [total / grainMinutes])),
  )
}

/** The largest value, and the value that 95 % of all values do not exceed (nearest rank). */
function peakOf(values: number[]): { peak: number; p95: number } | null {
  const sorted = values.toSorted((a, b) => a - b)
  const peak = sorted.at(-1)
  const p95 = sorted[Math.ceil(sorted.length * 0.95) - 1]
  return peak === undefined || p95 === undefined ? null : { peak, p95 }
}

function rounded({ peak, p95 }: { peak: number; p95: number }) {
  return { peak: Math.ceil(peak), p95: Math.ceil(p95) }
}

/** Connections in the state `Failed`. A resource without such a series had none, if it has series of other states. */
function failuresOf(series: MetricSeries[], to: string): MeasuredResource['failedConnections'] {
  if (series.length === 0) return null
  const failed = pointsOf(
    series.filter(({ dimensions }) =>
      Object.entries(dimensions).some(
        ([name, value]) => equalsArm(name, 'ConnectionState') && equalsArm(value, 'Failed'),
      ),
    ),
  )
  const dayAgo = Date.parse(to) - DAY_MS
  return {
    lastDay: totalOf(failed.filter(({ time }) => Date.parse(time) >= dayAgo)),
    total: totalOf(failed),
  }
}
