import type { MeasuredKind } from '../../contract/demand.ts'
import { idKey, lastSegment } from '../arm/resource-id.ts'
import { equalsArm } from '../arm/words.ts'
import { hasServices } from '../egress/outbound-resources.ts'
import { type Carrier, isExclusive } from '../egress/traffic-carriers.ts'
import { holdsAddress } from '../lib/cidr.ts'
import { HOUR_MS } from '../lib/durations.ts'
import { memoize } from '../lib/memoize.ts'
import type { DemandFacts, MetricSeries } from '../snapshot/demand-facts.ts'
import type { LoadBalancerFacts } from '../snapshot/network-facts.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { carriersWithReads, METRICS, named, pointsOf, totalOf } from './measured-demand.ts'

/** The hours of a month on the price pages of Azure. */
export const HOURS_PER_MONTH = 730

/** Values of less than a day are not extrapolated to a month, because they do not cover day and night. */
const MIN_HOURS = 24

/** The data in GB per month of a resource that currently carries traffic. */
export interface MonthlyData {
  /** Egress of the cluster, which moves to the new egress path. Null if unknown. */
  egress: number | null
  /** Inbound traffic of Services, which stays on the load balancer. Null if unknown. */
  inbound: number | null
  /** The sum of both. */
  total: number | null
  /** The number of hours with values; null without values. */
  hours: number | null
  /** The reason why a part is unknown; null if nothing is unknown. */
  because: string | null
}

/** The data of each resource that currently carries traffic, by resource ID in lower case. */
export const monthlyData = memoize((snapshot: Snapshot): ReadonlyMap<string, MonthlyData> => {
  const demand = snapshot.surroundings?.demand
  const carriers = demand === undefined ? [] : carriersWithReads(snapshot, demand)
  return new Map(
    carriers.map(({ carrier, resource }) => {
      const { bytes } = METRICS[carrier.kind]
      const series = resource !== undefined && 'facts' in resource.read ? resource.read.facts : []
      const code =
        resource !== undefined && 'unread' in resource.read
          ? resource.read.unread.code
          : resource?.missing?.find(({ metrics }) => metrics.some((metric) => equalsArm(metric, bytes)))?.code
      return [idKey(carrier.id), dataOf(carrier, { series: named(series, bytes), code }, snapshot, demand)]
    }),
  )
})

const NAMES: Record<MeasuredKind, string> = {
  loadBalancer: 'load balancer',
  natGateway: 'NAT gateway',
  firewall: 'firewall',
}

function dataOf(
  carrier: Carrier,
  { series, code }: { series: MetricSeries[]; code: string | undefined },
  snapshot: Snapshot,
  demand: DemandFacts | undefined,
): MonthlyData {
  const name = `the ${NAMES[carrier.kind]} \`${lastSegment(carrier.id)}\``
  const balancer = carrier.kind === 'loadBalancer' ? snapshot.loadBalancers[idKey(carrier.id)] : undefined
  const unknown = (because: string, hours: number | null = null): MonthlyData => ({
    egress: null,
    inbound: balancer !== undefined && hasServices(balancer) ? null : 0,
    total: null,
    hours,
    because,
  })
  const first = pointsOf(series)
    .map(({ time }) => time)
    .toSorted()[0]
  if (first === undefined || demand === undefined)
    return unknown(`Azure Monitor returned no data of ${name}${code === undefined ? '' : ` (${code})`}.`)
  if (!isExclusive(carrier, snapshot))
    return unknown(
      `The processed data of ${name} includes traffic that is not from this cluster, and the share of this cluster is unknown. Determine the share from the logs of the resource.`,
    )
  // A resource that is younger than the period counts from its first value.
  const hours = (Date.parse(demand.to) - Date.parse(first)) / HOUR_MS
  if (hours < MIN_HOURS)
    return unknown(
      `Azure Monitor has only ${Math.floor(hours)} h of data for ${name}, which is too little to estimate a month.`,
      hours,
    )
  const perMonth = (bytes: number) => (bytes / 1e9 / hours) * HOURS_PER_MONTH
  const total = perMonth(totalOf(pointsOf(series)))
  const { egress, inbound, isMixed } =
    balancer === undefined
      ? { egress: series, inbound: [], isMixed: false }
      : byDirection(series, balancer, snapshot)
  return {
    egress: isMixed ? null : perMonth(totalOf(pointsOf(egress))),
    inbound: isMixed ? null : perMonth(totalOf(pointsOf(inbound))),
    total,
    hours,
    because: isMixed
      ? `Addresses of ${name} carry egress and inbound traffic of Services, so the amount of data that changes its path is unknown.`
      : null,
  }
}

interface Directions {
  egress: MetricSeries[]
  inbound: MetricSeries[]
  /** Whether some bytes can be egress or inbound traffic. */
  isMixed: boolean
}

/** Splits the series of the addresses of a load balancer by the rules that use them. */
function byDirection(series: MetricSeries[], balancer: LoadBalancerFacts, snapshot: Snapshot): Directions {
  if (!hasServices(balancer)) return { egress: series, inbound: [], isMixed: false }
  const outbound = new Set(balancer.outboundRules.flatMap(({ frontendIds }) => frontendIds.map(idKey)))
  const services = new Set(balancer.loadBalancingRules.map(({ frontendId }) => idKey(frontendId)))
  const result: Directions = { egress: [], inbound: [], isMixed: false }
  for (const item of series) {
    const frontends = balancer.frontends
      .filter((frontend) => isAt(frontend, addressOf(item), snapshot))
      .map(({ id }) => idKey(id))
    const isOutbound = frontends.some((id) => outbound.has(id))
    const isInbound = frontends.some((id) => services.has(id))
    if (isOutbound !== isInbound) result[isOutbound ? 'egress' : 'inbound'].push(item)
    else if (totalOf(pointsOf([item])) > 0) result.isMixed = true
  }
  return result
}

function addressOf({ dimensions }: MetricSeries): string {
  return Object.entries(dimensions).find(([name]) => equalsArm(name, 'FrontendIPAddress'))?.[1] ?? ''
}

type Frontend = LoadBalancerFacts['frontends'][number]

function isAt({ publicIpId, publicIpPrefixId }: Frontend, address: string, snapshot: Snapshot): boolean {
  const single = snapshot.publicIps[idKey(publicIpId ?? '')]?.address ?? null
  const prefix = snapshot.publicIpPrefixes[idKey(publicIpPrefixId ?? '')]?.prefix ?? null
  return [single, prefix].some((held) => held !== null && holdsAddress(held, address))
}
