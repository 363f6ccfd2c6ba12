import type { MetricsQuery } from '../../azure/arm.ts'
import type { MeasuredKind } from '../../contract/demand.ts'
import { idKey } from '../../core/arm/resource-id.ts'
import { firewallAt } from '../../core/egress/next-hop-firewall.ts'
import { currentSide, egressPaths } from '../../core/egress/paths.ts'
import { distinctBy } from '../../core/lib/lists.ts'
import { assembleSnapshot } from '../../core/snapshot/assemble.ts'
import type { DemandFacts } from '../../core/snapshot/demand-facts.ts'
import type { Snapshot } from '../../core/snapshot/snapshot.ts'
import { type ReadContext, tryRead } from './read-context.ts'

const PERIOD_MS = 14 * 24 * 60 * 60_000
const GRAIN_MS = 15 * 60_000

/** A cluster has one load balancer; more gateways than this carry too little each to be worth the requests. */
const MAX_RESOURCES = 4

interface Carrier {
  id: string
  kind: MeasuredKind
}

type Query = Pick<MetricsQuery, 'metrics' | 'aggregations' | 'splitBy' | 'grainMinutes'>

/** Azure Monitor serves 15 min as the finest interval that keeps 14 days small; states are read by the hour. */
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
  return { metrics, aggregations: ['total', 'maximum'], splitBy: null, grainMinutes: 15 }
}

function byConnectionState(metric: string): Query {
  return { metrics: [metric], aggregations: ['total'], splitBy: 'ConnectionState', grainMinutes: 60 }
}

/**
 * The metrics of what carries the traffic now, over 14 days. Their resources are known from the network lists, so the
 * reads are in the second round, beside those of the firewall rules. A read that fails is reported with its reason.
 */
export async function readDemand(context: ReadContext, now: Date): Promise<DemandFacts> {
  const [cluster, network] = await Promise.all([context.cluster, context.network])
  const end = Math.floor(now.getTime() / GRAIN_MS) * GRAIN_MS
  const period = { from: toTime(end - PERIOD_MS), to: toTime(end) }
  const carriers = carriersOf(assembleSnapshot(period.to, cluster, network, [], null))
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

/** The load balancer, NAT gateways, and firewalls on the present egress paths. */
function carriersOf(snapshot: Snapshot): Carrier[] {
  const found = egressPaths(currentSide(snapshot)).flatMap(({ path, via }): Carrier[] => {
    if (via === null) return []
    if (path === 'loadBalancer') return [{ id: via, kind: 'loadBalancer' }]
    if (path === 'natGateway') return [{ id: via, kind: 'natGateway' }]
    const firewall = path === 'virtualAppliance' ? firewallAt(via, snapshot) : null
    return firewall === null ? [] : [{ id: firewall.id, kind: 'firewall' }]
  })
  return distinctBy(found, ({ id }) => idKey(id))
}

/** Without milliseconds, as the documentation of Azure Monitor shows times. */
function toTime(time: number): string {
  return new Date(time).toISOString().replace('.000Z', 'Z')
}
