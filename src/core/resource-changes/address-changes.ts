import type { EgressAddress } from '../egress-addresses.ts'
import type { ResourceChange } from '../plan.ts'
import { addressType, change, TYPES } from './change.ts'

/** An address that the former egress held: AKS deletes its own (REL 2023-07-30), the user's is only let go. */
export function releasedAddress(address: EgressAddress, id: string, from: string): ResourceChange {
  if (address.ownedBy === 'aks') {
    return change({
      action: 'delete',
      type: addressType(id),
      id,
      because: `AKS made ${address.address ?? 'this address'} for the ${from} and releases it; it cannot be claimed again.`,
      confidence: 'documented',
      properties: [{ path: '/properties/ipAddress', before: address.address, after: null }],
    })
  }
  return change({
    action: 'detach',
    type: addressType(id),
    id,
    owner: 'user',
    because: `The ${from} lets go of ${address.address ?? 'this address'}; the resource stays.`,
    confidence: 'inferred',
  })
}

/** The addresses that AKS will make, one row per family. */
export function createdAddresses(
  created: { IPv4: number; IPv6: number },
  sku: string,
  for_: string,
): ResourceChange[] {
  return (['IPv4', 'IPv6'] as const)
    .filter((family) => created[family] > 0)
    .map((family) =>
      change({
        action: 'create',
        type: TYPES.publicIp,
        count: created[family],
        because: `AKS makes ${created[family]} ${family} address${created[family] === 1 ? '' : 'es'} for ${for_} in the node resource group.`,
        confidence: 'documented',
        properties: [
          { path: '/sku/name', before: null, after: sku },
          { path: '/properties/publicIPAddressVersion', before: null, after: family },
        ],
      }),
    )
}
