import { type Static, Type } from 'typebox'
import { AZURE_MODES, ClusterRefSchema } from './cluster.ts'
import { MeasuredSnatSchema } from './demand.ts'
import { enumOf, nullable, ref, string, strings, uuid } from './fields.ts'
import { PLAN_STATUSES } from './plan-status.ts'

/** Egress paths of a subnet, in order of precedence. */
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
export type IpFamily = (typeof IP_FAMILIES)[number]

/**
 * How sure an egress path is. `possible`: something that ARM does not show, such as a route learned over BGP, may
 * override it. `unknown`: what decides could not be read.
 */
export const PATH_CERTAINTIES = ['certain', 'possible', 'unknown'] as const
export type PathCertainty = (typeof PATH_CERTAINTIES)[number]

const PathSideSchema = Type.Object({
  path: enumOf(EFFECTIVE_PATHS),
  via: nullable(Type.String(), {
    description: 'The resource that provides egress: an ARM ID, or the private IP address of an appliance.',
  }),
  addresses: strings('Public addresses and CIDRs that destinations see as the source.'),
  toCome: Type.Integer({ description: 'The number of further addresses that do not exist yet.' }),
  isComplete: Type.Boolean({ description: 'Whether `addresses` is complete.' }),
  certainty: Type.Optional(
    enumOf(PATH_CERTAINTIES, {
      description:
        '`possible`: something that ARM does not show, such as a route learned over BGP, may override the path. `unknown`: what determines the path could not be read. Omitted in plans of earlier versions.',
    }),
  ),
  snatPorts: Type.Optional(
    nullable(Type.Integer(), {
      description:
        'The SNAT ports of all addresses of an IPv4 path together. Other paths with the same addresses share the ports. Null if the number is unknown. Omitted for IPv6, and in plans of earlier versions.',
    }),
  ),
})
export type PathSide = Static<typeof PathSideSchema>

/**
 * The egress path of a subnet, or of some of its pools, to one class of destinations, before and after the change. Every
 * subnet has a row for the internet in each family; further rows are exceptions from it.
 */
export const PathChangeSchema = Type.Object(
  {
    subnetId: string(),
    pools: strings(),
    // Omitted in plans of earlier versions, which have rows for the internet only.
    family: Type.Optional(enumOf(IP_FAMILIES)),
    destination: Type.Optional(
      string(
        '`internet`: every destination without a separate row. `apiServer`: the public address of the API server. Otherwise the address prefix or service tag of a route.',
      ),
    ),
    before: PathSideSchema,
    after: PathSideSchema,
  },
  { $id: 'PathChange' },
)
export type PathChange = Static<typeof PathChangeSchema>

/** A path that uses an address as its source address. */
const AddressUseSchema = Type.Object({
  subnetId: nullable(Type.String(), { description: 'Null if no subnet of the cluster is visible.' }),
  family: enumOf(IP_FAMILIES),
  destination: string(
    'As in `paths`: `internet`, `apiServer`, or the address prefix or service tag of a route.',
  ),
})
export type AddressUse = Static<typeof AddressUseSchema>

/** One address, or the CIDR of a prefix, before and after the change. */
export const EgressIpChangeSchema = Type.Object(
  {
    address: nullable(Type.String(), {
      description: 'The address or the CIDR. Null if it does not exist before the change.',
    }),
    family: enumOf(IP_FAMILIES),
    change: enumOf(['kept', 'added', 'lost', 'unknown']),
    resourceId: nullable(Type.String()),
    knownAt: enumOf(['plan', 'prepare', 'apply'], {
      description:
        '`plan`: known now. `prepare`: the plan creates the address, so it is known before the cutover. `apply`: known only after the change.',
    }),
    // Customer-provided addresses are recoverable; AKS-managed ones are not.
    recoverable: Type.Boolean({ description: 'Whether a lost address can be recovered.' }),
    usedBefore: Type.Optional(
      Type.Array(AddressUseSchema, {
        description:
          'The paths that use the address before the change. An empty list with `lost`: AKS releases, or the plan deletes, an address that no traffic uses. Omitted in plans of earlier versions.',
      }),
    ),
    usedAfter: Type.Optional(
      Type.Array(AddressUseSchema, {
        description: 'The paths that use the address after the change. Omitted in plans of earlier versions.',
      }),
    ),
    gainsTraffic: Type.Optional(
      Type.Boolean({
        description:
          'Present and true if the cluster keeps the address and moves further packets to the address: the destinations of these packets must allow the address.',
      }),
    ),
    isShared: Type.Optional(
      Type.Boolean({
        description:
          'With `lost`: whether other resources may continue to use the address, because it belongs to a firewall, or to a NAT gateway that also serves subnets outside of the cluster. Omitted if not.',
      }),
    ),
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
    // Resource IDs for addresses that the plan creates, unless the plan adds them.
    missing: strings('Egress addresses after the change that no entry covers.'),
    // `missing`, or empty if the request asks to keep the authorized IP ranges.
    add: strings('Entries that the plan adds before the cutover.'),
    addPrepared: strings(
      'IDs of public IP addresses and prefixes that the plan creates. The plan then adds their addresses.',
    ),
    removeLater: strings(
      'Entries for addresses that the cluster does not use after the change. This plan never removes them; a cleanup plan does. Entries for addresses that other resources may continue to use (`isShared`) are not included.',
    ),
    count: Type.Integer({ description: 'The number of entries while old and new entries coexist.' }),
    limit: Type.Integer(),
    isApiServerInVnet: Type.Optional(
      Type.Boolean({
        description:
          'Whether the API server is public and nodes reach it inside the virtual network, because the cluster uses API Server VNet Integration. Omitted if not.',
      }),
    ),
  },
  { $id: 'AuthorizedRangesPlan' },
)
export type AuthorizedRangesPlan = Static<typeof AuthorizedRangesPlanSchema>

/** The SNAT ports before or after the change, for IPv4. */
export const SnatSideSchema = Type.Object(
  {
    path: enumOf(EFFECTIVE_PATHS),
    // Null when ARM does not show the number of addresses.
    addresses: nullable(Type.Integer()),
    ports: nullable(Type.Integer()),
    // A fixed share on a load balancer, an even split at the peak elsewhere.
    portsPerNode: nullable(Type.Integer()),
    // Null if nodes share ports on demand.
    maxNodes: nullable(Type.Integer()),
    rule: string(),
  },
  { $id: 'SnatSide' },
)
export type SnatSide = Static<typeof SnatSideSchema>

/** SNAT ports before and after the change, with every pool at its maximum and during an upgrade. */
export const SnatSchema = Type.Object(
  {
    nodes: Type.Object({
      now: Type.Integer(),
      peak: Type.Integer(),
      unknownPools: Type.Optional(
        strings(
          'Node pools of unknown size. The number of nodes does not contain them, and the ports per node are unknown.',
        ),
      ),
    }),
    before: ref(SnatSideSchema),
    after: ref(SnatSideSchema),
    suggestedIpCount: nullable(Type.Integer(), {
      description:
        'The number of addresses that gives every node at least as many SNAT ports as before. Null if the request cannot set the number of addresses, or if the target does not support this number of addresses.',
    }),
    // Absent in plans of earlier versions.
    suggestedPortsPerNode: Type.Optional(
      nullable(Type.Integer(), {
        description:
          'The `allocatedOutboundPorts` of a load balancer with which no node has fewer SNAT ports than before. Null if automatic allocation is enough.',
      }),
    ),
    // Absent in plans of earlier versions, and where Azure Monitor was not read.
    measured: Type.Optional(ref(MeasuredSnatSchema)),
  },
  { $id: 'Snat', description: 'SNAT ports for outbound connections, before and after the change.' },
)
export type Snat = Static<typeof SnatSchema>

/**
 * The firewall change that a change of one address requires. `allowWhenKnown`: the address does not exist before the cutover.
 * `allowNow`, `removeNow`: the change has been made. `checkAfter`: the result, or the use by others, is unknown.
 */
export const ADDRESS_ADVICE = [
  'keep',
  'allowBefore',
  'allowWhenKnown',
  'allowNow',
  'removeAfter',
  'removeNow',
  'checkAfter',
] as const
export type AddressAdvice = (typeof ADDRESS_ADVICE)[number]

/** A change of one address with the required firewall change. */
export const IpChangeSchema = Type.Object(
  {
    ...EgressIpChangeSchema.properties,
    cidr: nullable(string(), {
      description: 'The address in CIDR notation. Null if the address is not known yet.',
    }),
    advice: enumOf(ADDRESS_ADVICE, {
      description:
        'The required firewall change. `allowBefore`: allow the address before the cutover; a `kept` address has this advice if further packets move to it (`gainsTraffic`). `removeAfter`: remove it after the change. `allowWhenKnown`: allow it as soon as it exists. After the change, `allowNow` and `removeNow`: allow or remove it now. `checkAfter`: the result is unknown, a later job has superseded it (`supersededBy`), or other resources may use an address that the cluster no longer uses; check the address after the change.',
    }),
  },
  { $id: 'IpChange' },
)
export type IpChange = Static<typeof IpChangeSchema>

/** How far the address changes are known. */
export const ADDRESS_STAGES = ['planned', 'prepared', 'unconfirmed', 'confirmed'] as const
export type AddressStage = (typeof ADDRESS_STAGES)[number]

/** The address changes of a plan, or of the job that executes it, as a separate document. */
export const IpChangesSchema = Type.Object(
  {
    planId: uuid('The ID of the plan.'),
    jobId: nullable(uuid('The ID of the job.'), {
      description: 'The job that executes or has executed the plan. Null if there is none.',
    }),
    planStatus: Type.Optional(
      enumOf(PLAN_STATUSES, {
        description:
          'The status of the plan. A plan without a job that is `blocked`, `discarded`, `expired`, or `stale` cannot be executed: `items` is empty.',
      }),
    ),
    stage: enumOf(ADDRESS_STAGES, {
      description:
        '`planned`: the expected changes. `prepared`: the same, with the addresses that the job has created so far; allow them before the cutover. `unconfirmed`: a step that can move traffic has started, and the job has not yet confirmed which addresses the cluster uses. `confirmed`: the result, as read from Azure. If the job ended without moving traffic, the addresses are unchanged. If the job ended before it read the addresses, a later job confirms them: see `confirmedBy`.',
    }),
    confirmedBy: Type.Optional(
      uuid(
        'The later job of the cluster that read the addresses after the job of this plan failed or was canceled, such as the job of a reconcile plan. Absent otherwise.',
      ),
    ),
    supersededBy: Type.Optional(
      uuid(
        'The latest job that has changed, or may have changed, the addresses or the outbound type of the cluster after this job. `items` then describes the past, and every `advice` is `checkAfter`. Absent otherwise.',
      ),
    ),
    azure: enumOf(AZURE_MODES, {
      description:
        '`azure`: the addresses belong to a real cluster. `simulated`: they belong to the simulator.',
    }),
    cluster: ref(ClusterRefSchema),
    items: Type.Array(ref(IpChangeSchema)),
  },
  { $id: 'IpChanges' },
)
export type IpChangesReport = Static<typeof IpChangesSchema>
