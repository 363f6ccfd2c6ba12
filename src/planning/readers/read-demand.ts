import type { MeasuredKind } from '../../contract/demand.ts'
import { aksLoadBalancerId } from '../../core/arm/resource-id.ts'
import { type Carrier, trafficCarriers } from '../../core/egress/traffic-carriers.ts'
import { DAY_MS } from '../../core/lib/durations.ts'
import { assembleSnapshot } from '../../core/snapshot/assemble.ts'
import type { DemandFacts, MetricsQuery } from '../../core/snapshot/demand-facts.ts'
import { declaredEgress } from '../../core/snapshot/network-profile.ts'
import type { Snapshot } from '../../core/snapshot/snapshot.ts'
import { unseenSubnetIds } from '../../core/snapshot/vnet-kind.ts'
import { type ReadContext, tryRead } from './read-context.ts'

const PERIOD_MS = 14 * 24 * 60 * 60_000
const GRAIN_MS = 30 * 60_000

/** A cluster has one load balancer; more gateways than this carry too little each to be worth the requests. */
const MAX_RESOURCES = 4

type Query = Pick<MetricsQuery, 'metrics' | 'aggregations' | 'splitBy' | 'grainMinutes'> & {
  isLastDay?: true
}

/**
 * SNAT ports exist for TCP and UDP separately (load-balancer-outbound-connections), so what uses them is split by
 * protocol. The bytes of a load balancer are split by address, because some addresses carry inbound traffic only.
 */
const QUERIES: Record<MeasuredKind, Query[]> = {
  loadBalancer: [
    overPeriod(['UsedSnatPorts'], 'ProtocolType'),
    ofLastDay(['UsedSnatPorts', 'AllocatedSnatPorts'], 'ProtocolType'),
    byTheHour(['ByteCount'], 'FrontendIPAddress'),
    byTheHour(['SnatConnectionCount'], 'ConnectionState'),
  ],
  natGateway: [
    overPeriod(['TotalConnectionCount'], 'Protocol'),
    ofLastDay(['TotalConnectionCount'], 'Protocol'),
    byTheHour(['ByteCount', 'PacketDropCount'], null),
    byTheHour(['SNATConnectionCount'], 'ConnectionState'),
  ],
  firewall: [
    {
      metrics: ['SNATPortUtilization', 'DataProcessed'],
      aggregations: ['total', 'maximum'],
      splitBy: null,
      grainMinutes: 30,
    },
  ],
}

/**
 * Intervals of 5 min. Azure Monitor keeps intervals of 1 min for 93 days (data-platform-metrics), but those of 14 days
 * are 20,160 values for each series, which is too much for one plan.
 */
function overPeriod(metrics: string[], splitBy: string): Query {
  return { metrics, aggregations: ['total', 'maximum'], splitBy, grainMinutes: 5 }
}

/** Intervals of 1 min, as load-balancer-standard-diagnostics advises, which show bursts. */
function ofLastDay(metrics: string[], splitBy: string): Query {
  return { metrics, aggregations: ['total'], splitBy, grainMinutes: 1, isLastDay: true }
}

function byTheHour(metrics: string[], splitBy: string | null): Query {
  return { metrics, aggregations: ['total'], splitBy, grainMinutes: 60 }
}

/**
 * The metrics of what carries the traffic now, over 14 days. The cluster and the lists of its subscription show the
 * resources, so the reads are in the second round. They add none. A failed read is reported with its reason.
 */
export async function readDemand(context: ReadContext, now: Date): Promise<DemandFacts> {
  const [cluster, network] = await Promise.all([context.cluster, context.ownNetwork])
  const end = Math.floor(now.getTime() / GRAIN_MS) * GRAIN_MS
  const period = { from: toTime(end - PERIOD_MS), to: toTime(end) }
  const lastDay = { from: toTime(end - DAY_MS), to: period.to }
  const carriers = candidates(assembleSnapshot(period.to, cluster, network, [], null))
  const resources = carriers.slice(0, MAX_RESOURCES).map(async ({ id, kind }) => {
    const reads = QUERIES[kind].map(async ({ isLastDay, ...query }) => ({
      metrics: query.metrics,
      read: await tryRead(`Microsoft.Insights/metrics of ${id}`, () =>
        context.arm.readMetrics(
          { resourceId: id, ...(isLastDay ? lastDay : period), ...query },
          context.options,
        ),
      ),
    }))
    return { id, kind, ...mergeReads(await Promise.all(reads)) }
  })
  return { ...period, resources: await Promise.all(resources) }
}

type Resource = DemandFacts['resources'][number]

/** A query that fails hides its own metrics only. */
function mergeReads(reads: { metrics: string[]; read: Resource['read'] }[]): Omit<Resource, 'id' | 'kind'> {
  const known = reads.flatMap(({ read }) => ('facts' in read ? [read.facts] : []))
  const [first] = reads
  if (known.length === 0 && first !== undefined) return { read: first.read }
  const missing = reads.flatMap(({ metrics, read }) =>
    'facts' in read ? [] : [{ metrics, code: read.unread.code }],
  )
  return { read: { facts: known.flat() }, ...(missing.length === 0 ? {} : { missing }) }
}

/**
 * What carries the traffic, as far as the first round shows it. A network in another subscription is read later. Then the
 * load balancer that the cluster declares is read. The plan uses it only if it is on a path.
 */
function candidates(snapshot: Snapshot): Carrier[] {
  const carriers = trafficCarriers(snapshot)
  const { cluster, subnets } = snapshot
  const isUnseen = unseenSubnetIds(cluster, subnets).length > 0
  return isUnseen && declaredEgress(cluster).outboundType === 'loadBalancer'
    ? [...carriers, { id: aksLoadBalancerId(cluster), kind: 'loadBalancer' }]
    : carriers
}

/** Without milliseconds, as the documentation of Azure Monitor shows times. */
function toTime(time: number): string {
  return new Date(time).toISOString().replace('.000Z', 'Z')
}
