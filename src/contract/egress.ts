import { Type } from 'typebox'
import { enumOf, nullable, ref, string, strings } from './fields.ts'

/** What carries a subnet's packets out, strongest first (rulebook EFFECTIVE_PATH). */
export const EFFECTIVE_PATHS = [
  'virtualAppliance',
  'virtualNetworkGateway',
  'natGateway',
  'instancePublicIp',
  'loadBalancer',
  'defaultOutbound',
  'none',
  'mixed',
  'unknown',
] as const
export type EffectivePath = (typeof EFFECTIVE_PATHS)[number]

/** How the packets of a subnet, or of some of its pools, leave before and after. */
export interface PathChange {
  subnetId: string
  pools: string[]
  before: PathSide
  after: PathSide
}

export interface PathSide {
  path: EffectivePath
  /** What carries the packets: an ARM id, or the private address of an appliance; null where there is no such thing. */
  via: string | null
  /** Public addresses and CIDRs that the packets carry outside. */
  addresses: string[]
  /** Addresses beside them that do not exist yet. */
  toCome: number
  /** Whether addresses and `toCome` are all of them. */
  isComplete: boolean
}

export interface EgressIpChange {
  /** An address or a CIDR; null when it does not exist before the change. */
  address: string | null
  family: 'IPv4' | 'IPv6'
  change: 'kept' | 'added' | 'lost' | 'unknown'
  resourceId: string | null
  /** `prepare`: made by the plan's own preparation, so known before the cut-over; `apply`: only after it. */
  knownAt: 'plan' | 'prepare' | 'apply'
  /** Whether a lost address can be had again: true for the user's own, false for those that AKS releases. */
  recoverable: boolean
}

export interface AuthorizedRangesPlan {
  /**
   * `off`: no ranges; `enforced`: the API server admits only them and nodes reach it by the egress address;
   * `notApplicable`: private cluster; `nodesPrivate`: enforced, but nodes come in over the virtual network.
   */
  mode: 'off' | 'enforced' | 'notApplicable' | 'nodesPrivate'
  current: string[]
  /** Addresses of the new egress that no entry covers; ids of those that the plan makes itself where nothing adds them. */
  missing: string[]
  /** What the plan adds before the switch: `missing`, or nothing when the caller keeps the ranges. */
  add: string[]
  /** Public IPs and prefixes that the plan makes, whose addresses it adds as well once they are there; by id. */
  addPrepared: string[]
  /** Entries that only the former egress needed: to be narrowed later, never by this plan. */
  removeLater: string[]
  /** Entries at the overlap, when old and new stand together. */
  count: number
  limit: number
}

/** What one side of the change can carry in source ports (SNAT), for IPv4. */
export interface SnatSide {
  path: EffectivePath
  /** Public IPv4 addresses; null when they cannot be counted from ARM. */
  addresses: number | null
  /** Ports of all addresses together; null when unknown. */
  ports: number | null
  /** Ports that each node has at the peak: a fixed share on a load balancer, an even split elsewhere. */
  portsPerNode: number | null
  /** Nodes that fit; null where ports are shared on demand. */
  maxNodes: number | null
  /** How the numbers come about, in a sentence. */
  rule: string
}

/** Source ports before and after, with every pool at its largest and being upgraded. */
export interface Snat {
  nodes: { now: number; peak: number }
  before: SnatSide
  after: SnatSide
  /** Addresses after which no node has fewer ports than before; null where they are not the caller's choice. */
  suggestedIpCount: number | null
}

const ZONE_KINDS = ['zoneRedundant', 'zonal', 'noEgress', 'unknown'] as const

/** How one side of the change stands the loss of an availability zone. */
export interface ZoneSide {
  kind: (typeof ZONE_KINDS)[number]
  /** The zones that it is tied to; empty where it is tied to none, or to one that Azure does not name. */
  zones: string[]
  because: string
}

export interface ZoneResilience {
  /** The zones that the agent pools span; fewer than two means that nothing is lost by a zonal egress. */
  poolZones: string[]
  before: ZoneSide
  after: ZoneSide
}

export const SnatSideSchema = Type.Object(
  {
    path: enumOf(EFFECTIVE_PATHS),
    addresses: nullable(Type.Integer()),
    ports: nullable(Type.Integer()),
    portsPerNode: nullable(Type.Integer()),
    maxNodes: nullable(Type.Integer()),
    rule: string(),
  },
  { $id: 'SnatSide' },
)

export const SnatSchema = Type.Object(
  {
    nodes: Type.Object({ now: Type.Integer(), peak: Type.Integer() }),
    before: ref(SnatSideSchema),
    after: ref(SnatSideSchema),
    suggestedIpCount: nullable(Type.Integer(), {
      description:
        "Addresses after which no node has fewer ports than before; null where they are not the caller's choice.",
    }),
  },
  { $id: 'Snat', description: 'Source ports for outgoing connections, before and after.' },
)

export const ZoneSideSchema = Type.Object(
  {
    kind: enumOf(ZONE_KINDS, { description: '`zonal`: the loss of one zone takes all egress.' }),
    zones: strings('The zones that it is tied to, where they are known.'),
    because: string(),
  },
  { $id: 'ZoneSide' },
)

/** Tied to the core's type in test/routes/contract-types.test.ts. */
export const ZoneResilienceSchema = Type.Object(
  {
    poolZones: strings('The zones that the agent pools span.'),
    before: ref(ZoneSideSchema),
    after: ref(ZoneSideSchema),
  },
  { $id: 'ZoneResilience' },
)
