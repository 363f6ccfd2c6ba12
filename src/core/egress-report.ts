import type { TypeKey, VnetKind } from './outbound-type.ts'
import type { Support } from './plan.ts'
import type { AuthorizedRangesPlan, EffectivePath } from './plan-egress.ts'
import type { Unread } from './snapshot.ts'

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
