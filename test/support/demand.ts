import type { MeasuredKind } from '../../src/contract/demand.ts'
import { trafficCarriers } from '../../src/core/egress/traffic-carriers.ts'
import type { DemandFacts, MetricSeries } from '../../src/core/snapshot/demand-facts.ts'
import type { Snapshot } from '../../src/core/snapshot/snapshot.ts'
import { NETWORK, NODE_GROUP } from './a-cluster.ts'
import { withRights } from './permissions.ts'

export const BALANCER = `${NODE_GROUP}/${NETWORK}/loadBalancers/kubernetes`
export const FROM = '2026-08-18T00:00:00Z'
export const TO = '2026-09-01T00:00:00Z'
const GRAIN_MS = 15 * 60_000
const DAY_INTERVALS = 96

/** A series with the values of consecutive intervals, the last of which ends the period. */
export function aSeries(
  metric: string,
  values: { total?: number | null; maximum?: number | null }[],
  dimensions: Record<string, string> = {},
): MetricSeries {
  const begin = Date.parse(TO) - values.length * GRAIN_MS
  return {
    metric,
    dimensions,
    grainMinutes: 15,
    points: values.map(({ total = null, maximum = null }, index) => ({
      time: new Date(begin + index * GRAIN_MS).toISOString(),
      total,
      average: null,
      maximum,
    })),
  }
}

/** The snapshot with what Azure Monitor measured on one resource. */
export function measuredBy(
  snapshot: Snapshot,
  series: MetricSeries[] | DemandFacts['resources'][number]['read'],
  kind: MeasuredKind = 'loadBalancer',
  id = BALANCER,
): Snapshot {
  const read = Array.isArray(series) ? { facts: series } : series
  const demand = { from: FROM, to: TO, resources: [{ id, kind, read }] }
  return { ...snapshot, surroundings: { ...(snapshot.surroundings ?? withRights()), demand } }
}

/** A load balancer with this peak of all nodes, and of one node. */
export function busyBalancer(peak: number, perNode: number, failed = 0): MetricSeries[] {
  return [
    aSeries('UsedSnatPorts', [{ total: peak * 15, maximum: perNode }]),
    aSeries('ByteCount', Array(DAY_INTERVALS).fill({ total: 1e7 })),
    aSeries('SnatConnectionCount', [{ total: failed }], { connectionstate: 'Failed' }),
  ]
}

/** The snapshot with this much data of a month through what carries the traffic: 73 h of values, a tenth of a month. */
export function withData(
  snapshot: Snapshot,
  gigabytes: number,
  dimensions: Record<string, string> = {},
): Snapshot {
  const [carrier] = trafficCarriers(snapshot)
  if (carrier === undefined) return snapshot
  const values = Array.from({ length: 73 * 4 }, () => ({ total: (gigabytes / 10 / (73 * 4)) * 1e9 }))
  const metric = carrier.kind === 'firewall' ? 'DataProcessed' : 'ByteCount'
  return measuredBy(snapshot, [aSeries(metric, values, dimensions)], carrier.kind, carrier.id)
}
