import type { JsonObject } from '../../contract/json.ts'
import type { FieldChange } from '../../contract/steps.ts'
import { parseResourceId } from '../arm/resource-id.ts'
import type { PlanningRequest } from '../request/plan-request.ts'
import type {
  NatGatewayFacts,
  PublicIpFacts,
  PublicIpPrefixFacts,
  RouteTableFacts,
} from '../snapshot/network-facts.ts'
import type { ClusterFacts } from '../snapshot/snapshot.ts'
import { subnetIdsOf } from '../snapshot/vnet-kind.ts'

/** Where new resources go. */
export interface Placement {
  /** The id of the resource group. */
  group: string
  /** `/subscriptions/…/resourceGroups/…/providers/Microsoft.Network`. */
  network: string
  location: string
  /** The cluster's name, from which names of new resources are made. */
  cluster: string
}

/**
 * Beside the virtual network, because a gateway and a route table have to lie in its subscription; in a managed
 * VNet beside the cluster, never in the node resource group, which is AKS's own (node-resource-group-lockdown).
 */
export function placementFor(request: Pick<PlanningRequest, 'prepare'>, cluster: ClusterFacts): Placement {
  const [subnetId] = subnetIdsOf(cluster)
  const beside = subnetId === undefined ? null : parseResourceId(subnetId)
  const { subscriptionId, resourceGroup } = beside ?? cluster
  const group = request.prepare?.resourceGroup ?? resourceGroup
  return {
    group: `/subscriptions/${subscriptionId}/resourceGroups/${group}`,
    network: `/subscriptions/${subscriptionId}/resourceGroups/${group}/providers/Microsoft.Network`,
    location: cluster.location,
    cluster: cluster.name,
  }
}

/** What new addresses are for: those of a load balancer and those of a gateway exist beside each other. */
export type Purpose = 'lb' | 'nat' | 'aks-nat'

/** The name of a new resource: its kind's usual prefix, the cluster, what it is for. */
export function newResourceName(
  prefix: string,
  { cluster }: Placement,
  purpose?: Purpose,
  suffix = '',
): string {
  return `${prefix}-${cluster}-${purpose === undefined ? '' : `${purpose}-`}egress${suffix}`
}

/** One resource that a plan makes or alters before the cluster is touched; one write, one step. */
export interface ResourceWrite {
  /** Follows `prepare-` in the step's key; unique within the plan. */
  key: string
  title: string
  /** The resource that is sent to ARM; a route is a resource of its own. */
  id: string
  /** The body of a resource that must not exist yet; null for a resource that is altered. */
  body: JsonObject | null
  /** What is altered, on a fresh reading of the resource. */
  changes: FieldChange[]
  /** What the altered fields show now: compared before the write, and written back to undo it. */
  former: FieldChange[]
  /** Whether packets take the new path as soon as this is done (UDR_CUTOVER_IS_ROUTE). */
  movesTraffic: boolean
  /** A gateway under a default route of the user's: it is put in the packets' way, and no packet takes it. */
  isOutranked?: boolean
  because: string
}

/** Everything that a plan prepares, in order, and the network as it will be then. */
export interface Preparation {
  writes: ResourceWrite[]
  /** Addresses that the target takes as its own; for `userAssignedNATGateway` they are the gateway's. */
  publicIpIds: string[]
  publicIpPrefixIds: string[]
  /** Resources as they will be: new ones, and those that stood there under the name already. */
  planned: PlannedNetwork
  /** Existing resources with the requested name that differ from the request. */
  conflicts: { id: string; because: string }[]
  /** Parts of the request that cause no write. */
  unused: UnusedPart[]
}

/** A part of `prepare` that causes no write. */
export interface UnusedPart {
  /** Such as `prepare.natGateway`. */
  part: string
  /** A clause without a full stop. */
  because: string
  /** Whether the network already is as the part asks. */
  isMet: boolean
}

interface PlannedNetwork {
  publicIps: PublicIpFacts[]
  publicIpPrefixes: PublicIpPrefixFacts[]
  natGateways: NatGatewayFacts[]
  routeTables: RouteTableFacts[]
  /** What each subnet gets, by its id in lower case. */
  attachments: Record<string, { natGatewayId?: string; routeTableId?: string }>
}

export function emptyPreparation(): Preparation {
  const planned = { publicIps: [], publicIpPrefixes: [], natGateways: [], routeTables: [], attachments: {} }
  return { writes: [], publicIpIds: [], publicIpPrefixIds: [], planned, conflicts: [], unused: [] }
}

/** Later parts see what earlier ones have planned. */
export function mergePreparations(parts: Preparation[]): Preparation {
  return {
    writes: parts.flatMap((part) => part.writes),
    publicIpIds: parts.flatMap((part) => part.publicIpIds),
    publicIpPrefixIds: parts.flatMap((part) => part.publicIpPrefixIds),
    planned: {
      publicIps: parts.flatMap((part) => part.planned.publicIps),
      publicIpPrefixes: parts.flatMap((part) => part.planned.publicIpPrefixes),
      natGateways: parts.flatMap((part) => part.planned.natGateways),
      routeTables: parts.flatMap((part) => part.planned.routeTables),
      attachments: Object.assign({}, ...parts.map((part) => part.planned.attachments)),
    },
    conflicts: parts.flatMap((part) => part.conflicts),
    unused: parts.flatMap((part) => part.unused),
  }
}
