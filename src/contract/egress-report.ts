import { Type } from 'typebox'
import type { EgressIpChange } from './egress.ts'
import { type AuthorizedRangesPlan, EFFECTIVE_PATHS, type EffectivePath } from './egress.ts'
import { dateTime, enumOf, nullable, ref, string, strings, uuid } from './fields.ts'
import type { Support } from './outbound-type.ts'
import { SUPPORTS, TYPE_KEYS, type TypeKey, VNET_KINDS, type VnetKind } from './outbound-type.ts'
import { ClusterRefSchema, EgressIpChangeSchema } from './plan.ts'
import type { AzureMode } from './plan-parts.ts'
import { AZURE_MODES } from './plan-parts.ts'
import type { ClusterRef } from './plan-request.ts'
import type { Unread } from './preflight.ts'

/**
 * What a change of one address asks of a firewall that knows the cluster by its addresses. `allowWhenKnown`: the
 * address does not exist before; `checkAfter`: nobody can say before what becomes of it.
 */
export const ADDRESS_ADVICE = ['keep', 'allowBefore', 'allowWhenKnown', 'removeAfter', 'checkAfter'] as const
export type AddressAdvice = (typeof ADDRESS_ADVICE)[number]

/** The egress of a cluster as it is, with every possible target and its verdict. */
export interface EgressReport {
  cluster: {
    id: string
    subscriptionId: string
    resourceGroup: string
    name: string
    location: string
    vnet: VnetKind
    provisioningState: string
    powerState: string
  }
  asOf: string
  azure: 'simulated' | 'azure'
  declared: { outboundType: string; natGatewaySku: string | null }
  effective: EffectivePath
  subnets: {
    id: string
    pools: string[]
    effective: EffectivePath
    egressIps: string[]
    natGatewayId: string | null
    routeTableId: string | null
    nextHop: string | null
  }[]
  egressIps: {
    address: string | null
    family: 'IPv4' | 'IPv6'
    resourceId: string | null
    ownedBy: 'aks' | 'user' | 'unknown'
  }[]
  authorizedRanges: Pick<AuthorizedRangesPlan, 'mode' | 'current' | 'count' | 'limit'> & {
    coversEgress: boolean | null
  }
  targets: {
    target: TypeKey
    support: Support
    verdict: 'applicable' | 'blocked' | 'noChange'
    blockers: string[]
    acknowledgements: string[]
    reversible: boolean
    reason: string
  }[]
  /** What could not be read; empty means complete. */
  unread: Unread[]
}

export const EgressReportSchema = Type.Object(
  {
    cluster: Type.Object({
      id: string(),
      subscriptionId: string(),
      resourceGroup: string(),
      name: string(),
      location: string(),
      vnet: enumOf(VNET_KINDS),
      provisioningState: string(),
      powerState: string(),
    }),
    asOf: dateTime('When the last read ended.'),
    azure: enumOf(AZURE_MODES),
    declared: Type.Object(
      { outboundType: string(), natGatewaySku: nullable(Type.String()) },
      { description: 'What the cluster says.' },
    ),
    effective: enumOf(EFFECTIVE_PATHS, { description: 'What its subnets really do.' }),
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
    egressIps: Type.Array(
      Type.Object({
        address: nullable(Type.String()),
        family: enumOf(['IPv4', 'IPv6']),
        resourceId: nullable(Type.String()),
        ownedBy: enumOf(['aks', 'user', 'unknown']),
      }),
    ),
    authorizedRanges: Type.Object({
      mode: enumOf(['off', 'enforced', 'notApplicable', 'nodesPrivate']),
      current: strings(),
      count: Type.Integer(),
      limit: Type.Integer(),
      coversEgress: nullable(Type.Boolean()),
    }),
    targets: Type.Array(
      Type.Object({
        target: enumOf(TYPE_KEYS),
        support: enumOf(SUPPORTS),
        verdict: enumOf(['applicable', 'blocked', 'noChange']),
        blockers: strings(),
        acknowledgements: strings(),
        reversible: Type.Boolean(),
        reason: string(),
      }),
      { description: 'Every possible target with its verdict.' },
    ),
    unread: Type.Array(
      Type.Object({
        what: string(),
        reason: enumOf(['denied', 'not-found', 'failed']),
        code: string(),
        message: string(),
      }),
      { description: 'What could not be read; empty means complete.' },
    ),
  },
  { $id: 'EgressReport' },
)

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

export const IpChangesSchema = Type.Object(
  {
    planId: uuid('The plan.'),
    azure: enumOf(AZURE_MODES, { description: 'Whether these are addresses of real clusters.' }),
    cluster: ref(ClusterRefSchema),
    items: Type.Array(ref(IpChangeSchema)),
  },
  { $id: 'IpChanges' },
)

/** An entry of the ledger as a firewall request needs it. */
export interface IpChange extends EgressIpChange {
  /** The address with its prefix length; null when it is not known yet. */
  cidr: string | null
  advice: AddressAdvice
}

/** The ledger alone, with what it belongs to, since it travels alone. */
export interface IpChangesReport {
  planId: string
  azure: AzureMode
  cluster: ClusterRef
  items: IpChange[]
}
