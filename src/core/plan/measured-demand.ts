import type { MeasuredKind, MeasuredResource } from '../../contract/demand.ts'
import { equalsArm } from '../arm/words.ts'
import { type Carrier, isExclusive, trafficCarriers } from '../egress/traffic-carriers.ts'
import { DAY_MS } from '../lib/durations.ts'
import { memoize } from '../lib/memoize.ts'
import { listedCode } from '../lib/text.ts'
import type { DemandFacts, MetricPoint, MetricSeries } from '../snapshot/demand-facts.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'

/** The metrics of each kind (supported metrics of Azure Monitor): concurrent connections, by state, and bytes. */
export const METRICS: Record<
  MeasuredKind,
  { concurrent: string | null; byState: string | null; bytes: string }
> = {
  loadBalancer: { concurrent: 'UsedSnatPorts', byState: 'SnatConnectionCount', bytes: 'ByteCount' },
  natGateway: { concurrent: 'TotalConnectionCount', byState: 'SNATConnectionCount', bytes: 'ByteCount' },
  firewall: { concurrent: null, byState: null, bytes: 'DataProcessed' },
}

/** The measured values of each resource that currently carries traffic; null if nothing was read. */
export const measuredResources = memoize((snapshot: Snapshot): MeasuredResource[] | null => {
  const demand = snapshot.surroundings?.demand
  if (demand === undefined) return null
  return carriersWithReads(snapshot, demand).map(({ carrier, resource }) => ({
    ...((resource && measuredReads(demand).get(resource)) ?? unmeasured(carrier)),
    exclusive: isExclusive(carrier, snapshot),
  }))
})

type Resource = DemandFacts['resources'][number]

export function carriersWithReads(
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
      'This plan did not read the metrics of this resource. A plan reads the metrics of at most 4 resources, and only of resources that it finds before it reads metrics.',
  }
}

/** A plan and its rollback have different snapshots with the same thousands of values. */
const measuredReads = memoize(
  ({ resources, to }: DemandFacts) => new Map(resources.map((resource) => [resource, measure(resource, to)])),
)

function measure(resource: Resource, to: string): MeasuredResource {
  const { id, kind, read } = resource
  const series = 'facts' in read ? read.facts : []
  const { concurrent, byState, bytes } = METRICS[kind]
  const connections = concurrent === null ? null : concurrentUse(named(series, concurrent))
  const utilization =
    kind === 'firewall' ? peakOf(valuesOf(named(series, 'SNATPortUtilization'), 'maximum')) : null
  const processed = pointsOf(named(series, bytes))
  const dropped = pointsOf(named(series, 'PacketDropCount'))
  const perNode = peakOf(valuesOf(named(series, 'UsedSnatPorts'), 'maximum'))
  return {
    id,
    kind,
    connections,
    peakPerNode: perNode === null ? null : Math.ceil(perNode.peak),
    allocatedPorts: concurrentUse(named(series, 'AllocatedSnatPorts'))?.peak ?? null,
    utilization,
    failedConnections: byState === null ? null : failuresOf(named(series, byState), to),
    droppedPackets: kind === 'natGateway' && dropped.length > 0 ? totalOf(dropped) : null,
    gigabytes: processed.length === 0 ? null : Math.round(totalOf(processed) / 1e7) / 100,
    unknown: unknownOf(resource, connections === null && utilization === null),
  }
}

/** The reason why values are missing; null if none are missing. */
function unknownOf({ kind, read, missing = [] }: Resource, isEmpty: boolean): string | null {
  if ('unread' in read) return `Azure Monitor could not be read (${read.unread.code}).`
  const reasons = [
    ...missing.map(({ metrics, code }) => `Azure Monitor did not return ${listedCode(metrics)} (${code}).`),
    ...(isEmpty && missing.length === 0 ? ['Azure Monitor has no values for the period.'] : []),
    ...(kind === 'firewall'
      ? [
          'For Azure Firewall, Azure Monitor measures only the percentage of SNAT ports in use, not the number of ports or connections.',
        ]
      : []),
  ]
  return reasons.length === 0 ? null : reasons.join(' ')
}

export function named(series: MetricSeries[], metric: string): MetricSeries[] {
  return series.filter((item) => equalsArm(item.metric, metric))
}

/** The points with a sum. */
export function pointsOf(series: MetricSeries[]): MetricPoint[] {
  return series.flatMap(({ points }) => points).filter(({ total }) => total !== null)
}

export function totalOf(points: MetricPoint[]): number {
  return points.reduce((sum, { total }) => sum + (total ?? 0), 0)
}

function valuesOf(series: MetricSeries[], aggregation: 'maximum' | 'average'): number[] {
  const values: number[] = []
  for (const { points } of series)
    for (const { [aggregation]: value } of points) if (value !== null) values.push(value)
  return values
}

/**
 * The demand of all nodes together. Samples are taken once per minute, so the sum over an interval is divided by its
 * number of minutes (load-balancer-standard-diagnostics). Series of several protocols are not added, because each
 * protocol has separate ports. Short intervals show higher peaks, and the longest intervals cover the period.
 */
function concurrentUse(series: MetricSeries[]): { peak: number; p95: number } | null {
  const grains = [...new Set(series.map(({ grainMinutes }) => grainMinutes))]
  const uses = grains.map((grain) =>
    largestByTime(series.filter(({ grainMinutes }) => grainMinutes === grain)),
  )
  const longest = uses[grains.indexOf(Math.max(...grains))] ?? []
  const all = peakOf(uses.flat())
  const overPeriod = peakOf(longest) ?? all
  return all === null || overPeriod === null
    ? null
    : { peak: Math.ceil(all.peak), p95: Math.ceil(overPeriod.p95) }
}

/** For each interval, the value of the protocol with the larger value. */
function largestByTime(series: MetricSeries[]): number[] {
  const values = new Map<string, number>()
  for (const { grainMinutes, points } of series)
    for (const { time, total } of points)
      if (total !== null) values.set(time, Math.max(values.get(time) ?? 0, total / grainMinutes))
  return [...values.values()]
}

/** The largest value, and the value that 95 % of all values do not exceed (nearest rank). */
function peakOf(values: number[]): { peak: number; p95: number } | null {
  // Sorts numbers without a comparison function: 14 days have thousands of values.
  const sorted = Float64Array.from(values).sort()
  const peak = sorted.at(-1)
  const p95 = sorted[Math.ceil(sorted.length * 0.95) - 1]
  return peak === undefined || p95 === undefined ? null : { peak, p95 }
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
    lastDay: Math.round(totalOf(failed.filter(({ time }) => Date.parse(time) >= dayAgo))),
    total: Math.round(totalOf(failed)),
  }
}
