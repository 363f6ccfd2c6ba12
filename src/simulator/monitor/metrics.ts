import { gatewayError, resourceNotFound } from '../arm/arm-error.ts'
import { type ArmHandler, assertSubscription } from '../arm/arm-request.ts'
import { idsAt, type JsonObject, numberAt, objectsAt, textAt } from '../lib/json.ts'
import type { World } from '../world/world.ts'

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS
const INTERVAL_MINUTES: Record<string, number> = {
  PT1M: 1,
  PT5M: 5,
  PT15M: 15,
  PT30M: 30,
  PT1H: 60,
  P1D: 1440,
}
const MAX_POINTS = 50_000

/**
 * The load of a resource. A test can set other values under `{resource}/providers/Microsoft.Insights/metrics/demand`.
 * `since` is the time of the first value, for a young resource.
 */
interface Demand {
  /** For TCP. */
  peakConnections: number
  udpConnections: number
  nodes: number
  allocatedPorts: number
  failedPerHour: number
  droppedPerMinute: number
  bytesPerMinute: number
  inboundBytesPerMinute: number
  utilization: number
  since: number
}

const USUAL: Demand = {
  peakConnections: 600,
  udpConnections: 60,
  nodes: 3,
  allocatedPorts: 3072,
  failedPerHour: 0,
  droppedPerMinute: 0,
  bytesPerMinute: 20_000_000,
  inboundBytesPerMinute: 5_000_000,
  utilization: 12,
  since: 0,
}

type ValueAt = (demand: Demand, level: number) => number

/** One metric: the value of a minute, for all instances of the resource together, and its largest single sample. */
interface Metric {
  unit: string
  total: ValueAt
  sample?: ValueAt
  /** The values of a dimension that splits it, each with its part of a minute. */
  splits?: Record<
    string,
    Record<string, ValueAt> | ((resource: JsonObject, world: World) => Record<string, ValueAt>)
  >
}

/** Ports and connections of TCP and UDP, which have separate ports. */
const connections = (dimension: string, protocols: [tcp: string, udp: string]): Metric => ({
  unit: 'Count',
  total: ({ peakConnections, udpConnections }, level) => (peakConnections + udpConnections) * level,
  sample: (demand, level) => (demand.peakConnections * level) / demand.nodes,
  splits: {
    [dimension]: {
      [protocols[0]]: ({ peakConnections }, level) => peakConnections * level,
      [protocols[1]]: ({ udpConnections }, level) => udpConnections * level,
    },
  },
})
const byState: Metric = {
  unit: 'Count',
  total: (demand, level) => demand.peakConnections * level,
  splits: {
    ConnectionState: {
      Attempted: (demand, level) => demand.peakConnections * level,
      Failed: ({ failedPerHour }) => failedPerHour / 60,
    },
  },
}
const allocated: ValueAt = ({ allocatedPorts }) => allocatedPorts
const bytes: Metric = { unit: 'Bytes', total: ({ bytesPerMinute }) => bytesPerMinute }

/** Addresses with an outbound rule share the bytes of the egress; each address of a Service has inbound bytes. */
function bytesByFrontend(balancer: JsonObject, world: World): Record<string, ValueAt> {
  const named = (list: string, ...path: string[]) =>
    objectsAt(balancer, 'properties', list).flatMap((rule) =>
      [...idsAt(rule, ...path), textAt(rule, ...path, 'id') ?? ''].map((id) => id.toLowerCase()),
    )
  const outbound = new Set(named('outboundRules', 'properties', 'frontendIPConfigurations'))
  const inbound = new Set(named('loadBalancingRules', 'properties', 'frontendIPConfiguration'))
  const frontends = objectsAt(balancer, 'properties', 'frontendIPConfigurations').map((frontend) => {
    const key = (textAt(frontend, 'id') ?? '').toLowerCase()
    const single = world.get(textAt(frontend, 'properties', 'publicIPAddress', 'id') ?? '')
    const prefix = world.get(textAt(frontend, 'properties', 'publicIPPrefix', 'id') ?? '')
    const address =
      textAt(single, 'properties', 'ipAddress') ?? textAt(prefix, 'properties', 'ipPrefix') ?? ''
    return { key, address: address.split('/')[0] ?? '' }
  })
  const count = frontends.filter(({ key }) => outbound.has(key)).length
  const parts = frontends.map(({ key, address }): [string, ValueAt] => [
    address,
    ({ bytesPerMinute, inboundBytesPerMinute }) =>
      (outbound.has(key) ? bytesPerMinute / count : 0) + (inbound.has(key) ? inboundBytesPerMinute : 0),
  ])
  return parts.length === 0 ? { '': bytes.total } : Object.fromEntries(parts)
}

/** The metrics of each type, as "Supported metrics" of Azure Monitor lists them. */
const METRICS: Record<string, Record<string, Metric>> = {
  'microsoft.network/loadbalancers': {
    UsedSnatPorts: connections('ProtocolType', ['TCP', 'UDP']),
    AllocatedSnatPorts: {
      unit: 'Count',
      total: ({ allocatedPorts }) => 2 * allocatedPorts,
      splits: { ProtocolType: { TCP: allocated, UDP: allocated } },
    },
    SnatConnectionCount: byState,
    ByteCount: { ...bytes, splits: { FrontendIPAddress: bytesByFrontend } },
  },
  'microsoft.network/natgateways': {
    TotalConnectionCount: connections('Protocol', ['6', '17']),
    SNATConnectionCount: byState,
    ByteCount: bytes,
    PacketDropCount: { unit: 'Count', total: ({ droppedPerMinute }) => droppedPerMinute },
  },
  'microsoft.network/azurefirewalls': {
    SNATPortUtilization: { unit: 'Percent', total: ({ utilization }, level) => utilization * level },
    DataProcessed: bytes,
  },
}

/** GET {resource}/providers/Microsoft.Insights/metrics, in the form of a recording of `az monitor metrics list`. */
export const listMetrics: ArmHandler = (world, request) => {
  assertSubscription(world, request.path)
  const scope = request.path.scope ?? ''
  const resource = world.get(scope)
  const [, type = '', name = ''] = /\/providers\/([^/]+\/[^/]+)\/([^/]+)$/.exec(scope) ?? []
  if (resource === undefined) throw resourceNotFound(type, name, request.path.resourceGroup ?? '')
  const supported = METRICS[type.toLowerCase()] ?? {}
  const { query } = request
  const names = (query.get('metricnames') ?? '').split(',').filter((name) => name !== '')
  const unknown = names.find((name) => metricOf(supported, name) === undefined)
  if (unknown !== undefined)
    throw gatewayError(400, 'BadRequest', `Failed to find metric configuration for metric: ${unknown}.`)
  const interval = query.get('interval') ?? 'PT1M'
  const minutes = INTERVAL_MINUTES[interval]
  const [start = Number.NaN, end = Number.NaN] = (query.get('timespan') ?? '').split('/').map(Date.parse)
  const count = (end - start) / MINUTE_MS / (minutes ?? 0)
  if (minutes === undefined || !(count > 0 && count <= MAX_POINTS))
    throw gatewayError(400, 'BadRequest', 'The time span or the interval is invalid.')
  const demand = demandOf(world.get(`${scope}/providers/Microsoft.Insights/metrics/demand`))
  const aggregations = (query.get('aggregation') ?? 'average').toLowerCase().split(',')
  const splitBy = /^(\w+) eq '\*'$/.exec(query.get('$filter') ?? '')?.[1]
  // Azure Monitor omits the other series without a sign of it (Metrics - List, `top`).
  const top = Number(query.get('top') ?? 10)
  const moments = () =>
    Array.from({ length: Math.floor(count) }, (_, index) => {
      const time = start + index * minutes * MINUTE_MS
      return { timeStamp: timeText(time), level: time < demand.since ? null : levelAt(time) }
    })
  const data = (
    times: ReturnType<typeof moments>,
    valueAt: (level: number) => number,
    sampleAt: (level: number) => number,
  ) =>
    times.map(({ timeStamp, level }): JsonObject => {
      const point: JsonObject = { timeStamp }
      if (level === null) return point
      if (aggregations.includes('total')) point.total = round(valueAt(level) * minutes)
      if (aggregations.includes('average')) point.average = round(sampleAt(level))
      if (aggregations.includes('maximum')) point.maximum = round(sampleAt(level))
      return point
    })
  const metrics = names.map((name) => {
    const [known = name, metric] = metricOf(supported, name) ?? []
    const parts = splitBy === undefined ? undefined : partsOf(metric, splitBy, resource, world)
    if (splitBy !== undefined && parts === undefined)
      throw gatewayError(
        400,
        'BadRequest',
        `Metric: ${known} does not support requested dimension: ${splitBy}.`,
      )
    return { known, metric, parts }
  })
  const toValue = (
    { known, metric, parts }: (typeof metrics)[number],
    times: ReturnType<typeof moments>,
  ): JsonObject => {
    const sample = (level: number) => (metric?.sample ?? metric?.total)?.(demand, level) ?? 0
    const timeseries: JsonObject[] =
      parts !== undefined
        ? Object.entries(parts)
            .slice(0, top)
            .map(([value, part]) => {
              const dimension = splitBy?.toLowerCase() ?? ''
              const share = metric?.sample === undefined ? 1 : 1 / demand.nodes
              return {
                metadatavalues: [{ name: { value: dimension, localizedValue: dimension }, value }],
                data: data(
                  times,
                  (level) => part(demand, level),
                  (level) => part(demand, level) * share,
                ),
              }
            })
        : [{ metadatavalues: [], data: data(times, (level) => metric?.total(demand, level) ?? 0, sample) }]
    return {
      id: `${textAt(resource, 'id')}/providers/Microsoft.Insights/metrics/${known}`,
      type: 'Microsoft.Insights/metrics',
      name: { value: known, localizedValue: known },
      displayDescription: known,
      unit: metric?.unit ?? 'Count',
      timeseries,
      errorCode: 'Success',
    }
  }
  // Only the parts depend on more than the query, the resource, and its demand.
  const values = metrics.map(({ parts = {} }) =>
    Object.entries(parts).map(([value, part]) => [value, part(demand, 1)]),
  )
  const location = textAt(resource, 'location')?.toLowerCase().replaceAll(' ', '') ?? ''
  const key = JSON.stringify([textAt(resource, 'id'), location, query.toString(), demand, values])
  const text = knownAnswer(key, () => {
    const times = moments()
    return JSON.stringify({
      cost: metrics.length * count,
      timespan: query.get('timespan'),
      interval,
      value: metrics.map((metric) => toValue(metric, times)),
      namespace: type,
      resourceregion: location,
    })
  })
  return { status: 200, headers: { 'content-type': 'application/json' }, text }
}

const MAX_ANSWERS = 64
const answers = new Map<string, string>()

/** The text of an answer, which has up to 300 KB and is the same for every query of the same half hour. */
function knownAnswer(key: string, build: () => string): string {
  const known = answers.get(key)
  if (known !== undefined) return known
  if (answers.size >= MAX_ANSWERS) answers.clear()
  const text = build()
  answers.set(key, text)
  return text
}

function partsOf(
  metric: Metric | undefined,
  dimension: string,
  resource: JsonObject,
  world: World,
): Record<string, ValueAt> | undefined {
  const known = Object.entries(metric?.splits ?? {}).find(
    ([name]) => name.toLowerCase() === dimension.toLowerCase(),
  )
  return typeof known?.[1] === 'function' ? known[1](resource, world) : known?.[1]
}

function metricOf(supported: Record<string, Metric>, name: string): [string, Metric] | undefined {
  return Object.entries(supported).find(([known]) => known.toLowerCase() === name.toLowerCase())
}

function demandOf(body: JsonObject | undefined): Demand {
  if (body === undefined) return USUAL
  const number = (name: keyof Demand) => numberAt(body, name) ?? USUAL[name]
  return {
    peakConnections: number('peakConnections'),
    udpConnections: number('udpConnections'),
    nodes: number('nodes'),
    allocatedPorts: number('allocatedPorts'),
    failedPerHour: number('failedPerHour'),
    droppedPerMinute: number('droppedPerMinute'),
    bytesPerMinute: number('bytesPerMinute'),
    inboundBytesPerMinute: number('inboundBytesPerMinute'),
    utilization: number('utilization'),
    since: Date.parse(textAt(body, 'since') ?? '') || 0,
  }
}

/** The load of a day between 0.4 at midnight and 1 at noon: the same every day, so that peaks do not depend on the date. */
function levelAt(time: number): number {
  return 0.7 - 0.3 * Math.cos(((time % DAY_MS) / DAY_MS) * 2 * Math.PI)
}

/** Without milliseconds, as Azure Monitor writes times. */
function timeText(time: number): string {
  return new Date(time).toISOString().replace('.000Z', 'Z')
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
