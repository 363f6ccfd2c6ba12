import { type Static, Type } from 'typebox'
import { AZURE_MODES } from './cluster.ts'
import { EFFECTIVE_PATHS, IP_FAMILIES, PATH_CERTAINTIES, RANGES_MODES } from './egress.ts'
import { dateTime, enumOf, nullable, ref, string, strings } from './fields.ts'
import { PlannedMaintenanceSchema } from './maintenance.ts'
import { CLUSTER_IDENTITY, DeclaredTypeSchema, SUPPORTS, TYPE_KEYS } from './outbound-type.ts'
import { PLAN_VERDICTS } from './plan-status.ts'
import { UnreadSchema } from './preflight.ts'

/** Why it is unknown whether the authorized IP ranges cover the egress. */
const COVERAGE_UNKNOWN = ['notEnforced', 'pathUncertain', 'addressUnknown', 'noAddress'] as const

/** The current egress of a cluster, with every possible target and its verdict. */
export const EgressReportSchema = Type.Object(
  {
    cluster: Type.Object({
      ...CLUSTER_IDENTITY,
      provisioningState: string(),
      powerState: string(),
    }),
    asOf: dateTime('The time at which the last read of Azure ended.'),
    azure: enumOf(AZURE_MODES),
    declared: DeclaredTypeSchema,
    interruptedChange: Type.Optional(
      Type.Object(
        { former: enumOf(TYPE_KEYS, { description: 'The outbound type before the change.' }) },
        {
          description:
            'An earlier change of the outbound type appears to be incomplete: the cluster still shows the addresses of the former type. Paths that depend on the type are `possible`. Omitted if no change appears to be incomplete.',
        },
      ),
    ),
    effective: enumOf(EFFECTIVE_PATHS, {
      description: 'The egress path that the subnets of the cluster actually use.',
    }),
    subnets: Type.Array(
      Type.Object({
        id: string(),
        pools: strings(),
        effective: enumOf(EFFECTIVE_PATHS),
        egressIps: strings(),
        natGatewayId: nullable(Type.String()),
        routeTableId: nullable(Type.String()),
        nextHop: nullable(Type.String()),
      }),
    ),
    paths: Type.Array(
      Type.Object({
        subnetId: string(),
        family: enumOf(IP_FAMILIES),
        destination: string(
          '`internet`: every destination without a separate path. `apiServer`: the public address of the API server. Otherwise the address prefix or service tag of a route.',
        ),
        path: enumOf(EFFECTIVE_PATHS),
        via: nullable(Type.String()),
        addresses: strings('Public addresses and CIDRs that destinations see as the source.'),
        isComplete: Type.Boolean({ description: 'Whether `addresses` is complete.' }),
        certainty: enumOf(PATH_CERTAINTIES),
      }),
      { description: 'The egress path of each subnet, address family, and class of destinations.' },
    ),
    egressIps: Type.Array(
      Type.Object({
        // Null when ARM does not show it.
        address: nullable(Type.String()),
        family: enumOf(IP_FAMILIES),
        resourceId: nullable(Type.String()),
        // AKS creates and releases `aks`; `user` survives the change.
        ownedBy: enumOf(['aks', 'user', 'unknown']),
      }),
    ),
    authorizedRanges: Type.Object({
      mode: enumOf(RANGES_MODES),
      current: strings(),
      count: Type.Integer(),
      limit: Type.Integer(),
      coversEgress: nullable(Type.Boolean(), {
        description:
          'Whether the authorized IP ranges cover the addresses that the API server sees. Null if this is unknown: see `coverageUnknown`.',
      }),
      coverageUnknown: Type.Optional(
        enumOf(COVERAGE_UNKNOWN, {
          description:
            'Why `coversEgress` is null. `notEnforced`: nodes need no entry. `pathUncertain`: something that ARM does not show, or that could not be read, may determine the path to the API server. `addressUnknown`: an address of the path is not visible. `noAddress`: the path has no public address. Omitted if `coversEgress` is not null.',
        }),
      ),
    }),
    targets: Type.Array(
      Type.Object({
        target: enumOf(TYPE_KEYS),
        support: enumOf(SUPPORTS),
        verdict: enumOf(PLAN_VERDICTS),
        blockers: strings(),
        acknowledgements: strings(),
        reversible: Type.Boolean(),
        reason: string(),
      }),
      { description: 'Every possible target with its verdict.' },
    ),
    maintenance: Type.Optional(ref(PlannedMaintenanceSchema)),
    unread: Type.Array(UnreadSchema, { description: 'Reads that failed. Empty if the report is complete.' }),
  },
  { $id: 'EgressReport' },
)
export type EgressReport = Static<typeof EgressReportSchema>
