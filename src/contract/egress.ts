import { type Static, Type } from 'typebox'
import { AZURE_MODES, ClusterRefSchema } from './cluster.ts'
import { enumOf, nullable, ref, string, strings, uuid } from './fields.ts'

/** What carries a subnet's packets out, strongest first. */
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

/** Versions of IP. */
export const IP_FAMILIES = ['IPv4', 'IPv6'] as const

const PathSideSchema = Type.Object({
  path: enumOf(EFFECTIVE_PATHS),
  via: nullable(Type.String(), {
    description: 'What carries the packets: an ARM id, or the private address of an appliance.',
  }),
  addresses: strings('Public addresses and CIDRs that the packets carry outside.'),
  toCome: Type.Integer({ description: 'Addresses beside them that do not exist yet.' }),
  isComplete: Type.Boolean({ description: 'Whether these are all of them.' }),
})
export type PathSide = Static<typeof PathSideSchema>

/** How the packets of a subnet, or of some of its pools, leave before and after. */
export const PathChangeSchema = Type.Object(
  { subnetId: string(), pools: strings(), before: PathSideSchema, after: PathSideSchema },
  { $id: 'PathChange' },
)
export type PathChange = Static<typeof PathChangeSchema>

/** One address, or the CIDR of a prefix, before and after the change. */
export const EgressIpChangeSchema = Type.Object(
  {
    address: nullable(Type.String(), { description: 'Null when it does not exist before the change.' }),
    family: enumOf(IP_FAMILIES),
    change: enumOf(['kept', 'added', 'lost', 'unknown']),
    resourceId: nullable(Type.String()),
    knownAt: enumOf(['plan', 'prepare', 'apply'], {
      description:
        '`plan`: known now. `prepare`: the plan makes it, so it is known before the cut-over. `apply`: known only after the change.',
    }),
    // Customer-provided addresses are recoverable; AKS-managed ones are not.
    recoverable: Type.Boolean({ description: 'Whether a lost address can be had again.' }),
  },
  { $id: 'EgressIpChange' },
)
export type EgressIpChange = Static<typeof EgressIpChangeSchema>

/**
 * `off`: no authorized IP ranges. `enforced`: the API server allows only them, and nodes reach it by the egress address.
 * `notApplicable`: a private cluster. `nodesPrivate`: enforced, but nodes connect over the virtual network.
 */
export const RANGES_MODES = ['off', 'enforced', 'notApplicable', 'nodesPrivate'] as const

/** The authorized IP ranges of the API server, before and after the change. */
export const AuthorizedRangesPlanSchema = Type.Object(
  {
    mode: enumOf(RANGES_MODES),
    current: strings(),
    // Resource ids for addresses that the plan creates, unless the plan adds them.
    missing: strings('Addresses of the new egress that no entry covers.'),
    // `missing`, or nothing when the caller keeps the ranges.
    add: strings('What the plan adds before the switch.'),
    addPrepared: strings(
      'Ids of public IPs and prefixes that the plan makes and whose addresses it adds then.',
    ),
    removeLater: strings('Entries that only the former egress needed; never removed by this plan.'),
    count: Type.Integer({ description: 'Entries when old and new stand together.' }),
    limit: Type.Integer(),
  },
  { $id: 'AuthorizedRangesPlan' },
)
export type AuthorizedRangesPlan = Static<typeof AuthorizedRangesPlanSchema>

/** The source ports (SNAT) of one side of the change, for IPv4. */
export const SnatSideSchema = Type.Object(
  {
    path: enumOf(EFFECTIVE_PATHS),
    // Null when ARM does not show the number of addresses.
    addresses: nullable(Type.Integer()),
    ports: nullable(Type.Integer()),
    // A fixed share on a load balancer, an even split at the peak elsewhere.
    portsPerNode: nullable(Type.Integer()),
    // Null where nodes share ports on demand.
    maxNodes: nullable(Type.Integer()),
    rule: string(),
  },
  { $id: 'SnatSide' },
)
export type SnatSide = Static<typeof SnatSideSchema>

/** Source ports before and after, with every pool at its maximum and during an upgrade. */
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
export type Snat = Static<typeof SnatSchema>

const ZONE_KINDS = ['zoneRedundant', 'zonal', 'noEgress', 'unknown'] as const

/** What the loss of an availability zone does to one side of the change. */
export const ZoneSideSchema = Type.Object(
  {
    kind: enumOf(ZONE_KINDS, { description: '`zonal`: the loss of one zone takes all egress.' }),
    zones: strings('The zones that it is tied to, where they are known.'),
    because: string(),
  },
  { $id: 'ZoneSide' },
)
export type ZoneSide = Static<typeof ZoneSideSchema>

/** With fewer than two zones of pools, a zonal egress loses nothing. */
export const ZoneResilienceSchema = Type.Object(
  {
    poolZones: strings('The zones that the agent pools span.'),
    before: ref(ZoneSideSchema),
    after: ref(ZoneSideSchema),
  },
  { $id: 'ZoneResilience' },
)
export type ZoneResilience = Static<typeof ZoneResilienceSchema>

/**
 * What a change of one address requires of a firewall. `allowWhenKnown`: the address does not exist before the change.
 * `checkAfter`: the result is unknown at plan time.
 */
export const ADDRESS_ADVICE = ['keep', 'allowBefore', 'allowWhenKnown', 'removeAfter', 'checkAfter'] as const
export type AddressAdvice = (typeof ADDRESS_ADVICE)[number]

/** A change of one address with the advice for a firewall. */
export const IpChangeSchema = Type.Object(
  {
    ...EgressIpChangeSchema.properties,
    cidr: nullable(string(), { description: 'The address with its prefix length; null when not known yet.' }),
    advice: enumOf(ADDRESS_ADVICE, {
      description:
        'What to do on a firewall. `allowBefore` and `removeAfter`: before and after the change. `allowWhenKnown`: the address does not exist yet. `checkAfter`: nobody can say before.',
    }),
  },
  { $id: 'IpChange' },
)
export type IpChange = Static<typeof IpChangeSchema>

/** The address changes of a plan as a document of its own. */
export const IpChangesSchema = Type.Object(
  {
    planId: uuid('The plan.'),
    azure: enumOf(AZURE_MODES, { description: 'Whether these are addresses of real clusters.' }),
    cluster: ref(ClusterRefSchema),
    items: Type.Array(ref(IpChangeSchema)),
  },
  { $id: 'IpChanges' },
)
export type IpChangesReport = Static<typeof IpChangesSchema>
