import type { FieldChange } from '../cluster-write.ts'
import type { JsonObject } from '../json.ts'
import type {
  NatGatewayFacts,
  PublicIpFacts,
  PublicIpPrefixFacts,
  RouteTableFacts,
} from '../network-facts.ts'

/** One resource that a plan makes or alters before the cluster is touched; one write, one step. */
export interface ResourceWrite {
  /** Follows `prepare-` in the step's key; unique within the plan. */
  key: string
  title: string
  /** The resource that is sent to ARM; a route is a resource of its own. */
  id: string
  /** The body of a resource that must not exist yet; null for one that is altered. */
  body: JsonObject | null
  /** What is altered, on a fresh reading of the resource. */
  changes: FieldChange[]
  /** What the altered fields show now: compared before the write, and written back to undo it. */
  former: FieldChange[]
  /** Whether packets take the new path as soon as this is done (rulebook UANAT_ATTACH_IS_THE_CUTOVER, UDR_CUTOVER_IS_ROUTE). */
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
  /** Resources that stand under the wanted name and are something else than was asked for. */
  conflicts: { id: string; because: string }[]
}

export interface PlannedNetwork {
  publicIps: PublicIpFacts[]
  publicIpPrefixes: PublicIpPrefixFacts[]
  natGateways: NatGatewayFacts[]
  routeTables: RouteTableFacts[]
  /** What each subnet gets, by its id in lower case. */
  attachments: Record<string, { natGatewayId?: string; routeTableId?: string }>
}

export function noPreparation(): Preparation {
  const planned = { publicIps: [], publicIpPrefixes: [], natGateways: [], routeTables: [], attachments: {} }
  return { writes: [], publicIpIds: [], publicIpPrefixIds: [], planned, conflicts: [] }
}

/** Later parts see what earlier ones have planned. */
export function joined(parts: Preparation[]): Preparation {
  return {
    writes: parts.flatMap((each) => each.writes),
    publicIpIds: parts.flatMap((each) => each.publicIpIds),
    publicIpPrefixIds: parts.flatMap((each) => each.publicIpPrefixIds),
    planned: {
      publicIps: parts.flatMap((each) => each.planned.publicIps),
      publicIpPrefixes: parts.flatMap((each) => each.planned.publicIpPrefixes),
      natGateways: parts.flatMap((each) => each.planned.natGateways),
      routeTables: parts.flatMap((each) => each.planned.routeTables),
      attachments: Object.assign({}, ...parts.map((each) => each.planned.attachments)),
    },
    conflicts: parts.flatMap((each) => each.conflicts),
  }
}
