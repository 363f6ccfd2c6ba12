import type { MeasuredKind } from '../../contract/demand.ts'
import type { ReadResult } from './authorization-facts.ts'

/** One value of a metric, or null where Azure Monitor has none for the interval. */
export interface MetricPoint {
  /** The start of the interval. */
  time: string
  /** The sum of all samples, of which Azure Monitor takes one each minute for each instance of the resource. */
  total: number | null
  average: number | null
  /** The largest sample. */
  maximum: number | null
}

export interface MetricSeries {
  /** The name in the REST API, such as `UsedSnatPorts`. */
  metric: string
  /** The values of the dimensions by which the query was split. */
  dimensions: Record<string, string>
  grainMinutes: number
  points: MetricPoint[]
}

/** What Azure Monitor measured on the resources that carry the traffic of the cluster now. */
export interface DemandFacts {
  from: string
  to: string
  resources: {
    id: string
    kind: MeasuredKind
    /** All that could be read. It is unread only if nothing could. */
    read: ReadResult<MetricSeries[]>
    /** Metrics that could not be read although others could; absent if there are none. */
    missing?: MissingMetrics[]
  }[]
}

export interface MissingMetrics {
  metrics: string[]
  code: string
}

/** Values of metrics of one resource, one for each interval. */
export interface MetricsQuery {
  resourceId: string
  metrics: string[]
  /** RFC 3339. */
  from: string
  to: string
  grainMinutes: 1 | 5 | 30 | 60
  aggregations: ('total' | 'average' | 'maximum')[]
  /** A dimension that gets a series for each of its values. */
  splitBy: string | null
}
