import { asCidr } from '../core/cidr.ts'
import type { EgressIpChange } from '../core/plan-egress.ts'

/** What a change of one address asks of a firewall that knows the cluster by its addresses. */
export const ADDRESS_ADVICE = ['keep', 'allowBefore', 'allowWhenKnown', 'removeAfter', 'checkAfter'] as const
export type AddressAdvice = (typeof ADDRESS_ADVICE)[number]

/** An entry of the ledger as a firewall request needs it. */
export interface AddressRow extends EgressIpChange {
  /** The address with its prefix length; null when it is not known yet. */
  cidr: string | null
  advice: AddressAdvice
}

export function addressRows(changes: EgressIpChange[]): AddressRow[] {
  return changes.map((each) => ({
    ...each,
    cidr: each.address === null ? null : asCidr(each.address),
    advice: adviceOn(each),
  }))
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
