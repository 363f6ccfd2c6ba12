import type { MeasuredKind } from '../../contract/demand.ts'
import { aksLoadBalancerId } from '../../core/arm/resource-id.ts'
import { type Carrier, trafficCarriers } from '../../core/egress/traffic-carriers.ts'
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

type Query = Pick<MetricsQuery, 'metrics' | 'aggregations' | 'splitBy' | 'grainMinutes'>

/** An interval of 30 min keeps the answer for 14 days small; states are read by the hour. */
const QUERIES: Record<MeasuredKind, Query[]> = {
  loadBalancer: [
    values('UsedSnatPorts', 'AllocatedSnatPorts', 'ByteCount'),
    byConnectionState('SnatConnectionCount'),
  ],
  natGateway: [
    values('TotalConnectionCount', 'ByteCount', 'PacketDropCount'),
    byConnectionState('SNATConnectionCount'),
  ],
  firewall: [values('SNATPortUtilization', 'DataProcessed')],
}

function values(...metrics: string[]): Query {
  return { metrics, aggregations: ['total', 'maximum'], splitBy: null, grainMinutes: 30 }
}

function byConnectionState(metric: string): Query {
  return { metrics: [metric], aggregations: ['total'], splitBy: 'ConnectionState', grainMinutes: 60 }
}

/**
 * The metrics of what carries the traffic now, over 14 days. The cluster and the lists of its subscription show the
 * resources, so the reads are in the second round. They add none. A failed read is reported with its reason.
 */
export async function readDemand(context: ReadContext, now: Date): Promise<DemandFacts> {
  const [cluster, network] = await Promise.all([context.cluster, context.ownNetwork])
  const end = Math.floor(now.getTime() / GRAIN_MS) * GRAIN_MS
  const period = { from: toTime(end - PERIOD_MS), to: toTime(end) }
  const carriers = candidates(assembleSnapshot(period.to, cluster, network, [], null))
  const resources = carriers.slice(0, MAX_RESOURCES).map(async ({ id, kind }) => {
    const read = await tryRead(`Microsoft.Insights/metrics of ${id}`, async () => {
      const queries = QUERIES[kind].map((query) =>
        context.arm.readMetrics({ resourceId: id, ...period, ...query }, context.options),
      )
      return (await Promise.all(queries)).flat()
    })
    return { id, kind, read }
  })
  return { ...period, resources: await Promise.all(resources) }
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
