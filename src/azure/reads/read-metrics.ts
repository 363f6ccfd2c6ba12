import type { MetricPoint, MetricSeries } from '../../core/snapshot/demand-facts.ts'
import type { MetricsQuery } from '../arm.ts'
import { API_VERSIONS } from '../client/api-versions.ts'
import type { ArmRequests } from '../client/arm-requests.ts'
import { BodyReader } from '../client/body-reader.ts'
import { requireResourceId } from '../client/resource-path.ts'

/**
 * Metrics of one resource from Azure Monitor, which serves them on Resource Manager (Metrics - List). A metric with an
 * error of its own has no series.
 */
export async function readMetrics(requests: ArmRequests, query: MetricsQuery): Promise<MetricSeries[]> {
  requireResourceId(query.resourceId)
  const { body } = await requests.get(`${query.resourceId}/providers/Microsoft.Insights/metrics`, {
    apiVersion: API_VERSIONS.metrics,
    ...(query.splitBy === null ? {} : { filter: `${query.splitBy} eq '*'` }),
    parameters: {
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
      return metric.list('timeseries').map((series) => toSeries(name, series, query.grainMinutes))
    })
}

const INTERVALS = { 15: 'PT15M', 60: 'PT1H' } as const

function toSeries(metric: string, series: BodyReader, grainMinutes: number): MetricSeries {
  const dimensions = series
    .list('metadatavalues')
    .map((item) => [item.at('name').requiredString('value'), item.string('value') ?? ''] as const)
  return {
    metric,
    dimensions: Object.fromEntries(dimensions),
    grainMinutes,
    points: series.list('data').map(toPoint),
  }
}

function toPoint(point: BodyReader): MetricPoint {
  return {
    time: point.requiredString('timeStamp'),
    total: point.number('total'),
    average: point.number('average'),
    maximum: point.number('maximum'),
  }
}
