import type { JsonObject } from '../../contract/json.ts'
import type { FieldChange } from '../../contract/steps.ts'
import { isSameRegion } from '../arm/regions.ts'
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

/** The location of new resources. */
export interface Placement {
  /** The ID of the resource group. */
  group: string
  /** `/subscriptions/…/resourceGroups/…/providers/Microsoft.Network`. */
  network: string
  location: string
  /** The name of the cluster, which is a part of the names of new resources. */
  cluster: string
}

/**
 * The resource group of the virtual network, because a gateway and a route table must be in its subscription. With a
 * managed virtual network, it is the resource group of the cluster. It is never the node resource group, which AKS
 * manages (node-resource-group-lockdown).
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

/** The purpose of new addresses. Addresses of a load balancer and of a gateway can exist at the same time. */
export type Purpose = 'lb' | 'nat' | 'aks-nat'

/** The name of a new resource: the usual prefix of its kind, the cluster, and the purpose. */
export function newResourceName(
  prefix: string,
  { cluster }: Placement,
  purpose?: Purpose,
  suffix = '',
): string {
  return `${prefix}-${cluster}-${purpose === undefined ? '' : `${purpose}-`}egress${suffix}`
}

/** Gateways, their addresses, and route tables must be in the region of the subnet (nat-overview, virtual-networks-udr-overview). */
export function regionConflicts(
  present: { id: string; location: string },
  location: string,
): Preparation['conflicts'] {
  return isSameRegion(present.location, location)
    ? []
    : [{ id: present.id, because: `its region is ${present.location}, not ${location}` }]
}

/** One resource that a plan creates or changes before it changes the cluster. It is one write in one step. */
export interface ResourceWrite {
  /** The part of the step key after `prepare-`; unique within the plan. */
  key: string
  title: string
  /** The resource that is sent to ARM. A route is a separate resource. */
  id: string
  /** The body of a resource that must not exist yet; null for a resource that is changed. */
  body: JsonObject | null
  /** The changes, which are applied to a new read of the resource. */
  changes: FieldChange[]
  /** The current values of the changed fields. They are compared before the write, and written back for the rollback. */
  former: FieldChange[]
  /** Whether the write attaches a resource to a subnet or changes a route. Such a write can move traffic. */
  isAttachment?: true
  /** Whether packets have another path or source address after this write than before it (UDR_CUTOVER_IS_ROUTE). */
  movesTraffic?: true
  /** The only destinations whose traffic the write moves, as parts of a sentence; undefined if it moves all traffic. */
  exceptions?: string[]
  because: string
}

/** The preparation of a plan, in order, and the network after it. */
export interface Preparation {
  writes: ResourceWrite[]
  /** Addresses that the target uses. With `userAssignedNATGateway`, they belong to the gateway. */
  publicIpIds: string[]
  publicIpPrefixIds: string[]
  /** The resources after the preparation: new resources, and existing resources with the requested name. */
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
  /** A clause without a period at its end. */
  because: string
  /** Why the job does not use the part; null if the network already matches the part. */
  reason: UnusedReason | null
}

/** `PREPARE_PART_UNUSED` has a remedy for each reason. */
export type UnusedReason =
  | 'tablesExist'
  | 'tableUnread'
  | 'gatewayUnread'
  | 'subnetsUnread'
  | 'otherType'
  | 'prefixRequested'
  | 'noGateway'
  | 'noResource'

interface PlannedNetwork {
  publicIps: PublicIpFacts[]
  publicIpPrefixes: PublicIpPrefixFacts[]
  natGateways: NatGatewayFacts[]
  routeTables: RouteTableFacts[]
  /** The associations of each subnet, by its lower-case ID. */
  attachments: Record<string, { natGatewayId?: string; routeTableId?: string }>
}

export function emptyPreparation(): Preparation {
  const planned = { publicIps: [], publicIpPrefixes: [], natGateways: [], routeTables: [], attachments: {} }
  return { writes: [], publicIpIds: [], publicIpPrefixIds: [], planned, conflicts: [], unused: [] }
}

/** The network that later parts of the preparation see includes the writes of earlier parts. */
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
