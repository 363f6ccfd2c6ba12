import { asCidr } from '../core/cidr.ts'
import type { AzureMode } from '../core/plan.ts'
import type { EgressIpChange } from '../core/plan-egress.ts'
import type { ClusterRef } from '../core/target.ts'
import type { ReportedPlan } from './reported-plan.ts'

/**
 * What a change of one address asks of a firewall that knows the cluster by its addresses. `allowWhenKnown`: the
 * address does not exist before; `checkAfter`: nobody can say before what becomes of it.
 */
export const ADDRESS_ADVICE = ['keep', 'allowBefore', 'allowWhenKnown', 'removeAfter', 'checkAfter'] as const
export type AddressAdvice = (typeof ADDRESS_ADVICE)[number]

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

export function ipChangesReport({ id, azure, cluster, egressIps }: ReportedPlan): IpChangesReport {
  const { subscriptionId, resourceGroup, name } = cluster
  return {
    planId: id,
    azure,
    cluster: { subscriptionId, resourceGroup, name },
    items: egressIps.map((each) => ({
      ...each,
      cidr: each.address === null ? null : asCidr(each.address),
      advice: adviceOn(each),
    })),
  }
}

function adviceOn({ change, address }: EgressIpChange): AddressAdvice {
  switch (change) {
    case 'kept':
      return 'keep'
    case 'added':
      return address === null ? 'allowWhenKnown' : 'allowBefore'
    case 'lost':
      return 'removeAfter'
    case 'unknown':
      return 'checkAfter'
  }
}
