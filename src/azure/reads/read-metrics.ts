import { isObject, type Json } from '../../contract/json.ts'
import type { MetricPoint, MetricSeries, MetricsQuery } from '../../core/snapshot/demand-facts.ts'
import { API_VERSIONS } from '../client/api-versions.ts'
import { type ArmRequests, requireResourceId } from '../client/arm-requests.ts'
import { BodyReader } from '../client/body-reader.ts'
import { faultOfBody, faultOfSize } from '../errors/fault-mapping.ts'

/**
 * A query for the values of a dimension returns 10 series unless `top` asks for more (Metrics - List). Nothing shows that it
 * omitted others. 100 series of 14 days by the hour are about 2 MB.
 */
export const MAX_SERIES = 100

/**
 * Metrics of one resource from Azure Monitor, available through Resource Manager (Metrics - List). A metric with an
 * error has no series. Rejects if a metric may have more series than the response, because their sum would be too small.
 */
export async function readMetrics(requests: ArmRequests, query: MetricsQuery): Promise<MetricSeries[]> {
  requireResourceId(query.resourceId)
  const { body } = await requests.get(`${query.resourceId}/providers/Microsoft.Insights/metrics`, {
    apiVersion: API_VERSIONS.metrics,
    ...(query.splitBy === null ? {} : { filter: `${query.splitBy} eq '*'` }),
    parameters: {
      ...(query.splitBy === null ? {} : { top: String(MAX_SERIES + 1) }),
      timespan: `${query.from}/${query.to}`,
      interval: INTERVALS[query.grainMinutes],
      metricnames: query.metrics.join(','),
      aggregation: query.aggregations.join(','),
    },
  })
  return new BodyReader(body)
    .list('value')
    .filter((metric) => !metric.has('errorCode') || metric.is('errorCode', 'Success'))
    .flatMap((metric) => {
      const name = metric.at('name').requiredString('value')
      const timeseries = metric.list('timeseries')
      if (timeseries.length > MAX_SERIES)
        throw faultOfSize(`the metric ${name} has more than ${MAX_SERIES} series`)
      return timeseries.map((series) => toSeries(name, series, query.grainMinutes))
    })
}

const INTERVALS = { 1: 'PT1M', 5: 'PT5M', 30: 'PT30M', 60: 'PT1H' } as const

function toSeries(metric: string, series: BodyReader, grainMinutes: number): MetricSeries {
  const dimensions = series
    .list('metadatavalues')
    .map((item) => [item.at('name').requiredString('value'), item.string('value') ?? ''] as const)
  return {
    metric,
    dimensions: Object.fromEntries(dimensions),
    grainMinutes,
    points: pointsOf(series.json('data')),
  }
}

function pointsOf(data: Json): MetricPoint[] {
  if (data === null) return []
  if (!Array.isArray(data)) throw faultOfBody('the values of a metric are not a list')
  return data.map(toPoint)
}

/** A response has thousands of points, so they are read without a `BodyReader` for each. */
function toPoint(point: Json): MetricPoint {
  if (!isObject(point) || typeof point.timeStamp !== 'string')
    throw faultOfBody('a value of a metric has no time')
  const { timeStamp: time, total, average, maximum } = point
  return { time, total: numberOf(total), average: numberOf(average), maximum: numberOf(maximum) }
}

/** No metric of an egress resource is larger: 100 Tbit/s are less than 1e17 bytes in an hour. */
const MAX_VALUE = 1e17

function numberOf(value: Json | undefined): number | null {
  if (value === undefined || value === null) return null
  if (typeof value === 'number' && value >= 0 && value <= MAX_VALUE) return value
  throw faultOfBody(`a value of a metric is not a number from 0 to ${MAX_VALUE}`)
}
