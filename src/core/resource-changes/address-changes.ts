import type { ResourceChange } from '../../contract/plan.ts'
import type { LoadBalancerTarget, NatGatewayTarget } from '../../contract/target.ts'
import { addressType, idKey, RESOURCE_TYPES } from '../arm/resource-id.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { type EgressAddress, isAksOwned, resolveAddress } from '../egress/addresses.ts'
import type { LoadBalancerProfileFacts, NatGatewayProfileFacts } from '../snapshot/snapshot.ts'
import { buildChange } from './resource-change.ts'

/** An address that the former egress held: AKS deletes its own (REL 2023-07-30), the user's is only let go. */
export function releasedAddress(address: EgressAddress, id: string, from: string): ResourceChange {
  if (address.ownedBy === 'aks') {
    return buildChange({
      action: 'delete',
      type: addressType(id),
      id,
      because: `AKS created ${address.address ?? 'this address'} for the ${from} and permanently releases it.`,
      confidence: 'documented',
      properties: [{ path: '/properties/ipAddress', before: address.address, after: null }],
    })
  }
  return buildChange({
    action: 'detach',
    type: addressType(id),
    id,
    owner: 'user',
    because: `AKS detaches ${address.address ?? 'this address'} from the ${from}. The resource is not deleted.`,
    confidence: 'inferred',
  })
}

/**
 * The addresses that AKS will make for a profile that holds `present` now, one row per family. They are made
 * also where something on the subnet outranks the profile and the ledger of egress does not show them.
 */
export function createdAddresses(
  wanted: LoadBalancerTarget | NatGatewayTarget,
  present: EgressAddress[],
  sku: string,
  for_: string,
): ResourceChange[] {
  const missing = (family: 'IPv4' | 'IPv6', count: number | null) =>
    Math.max(0, (count ?? 0) - present.filter((each) => each.family === family).length)
  const created = {
    IPv4: missing('IPv4', wanted.managedOutboundIpCount),
    IPv6: missing('IPv6', wanted.managedOutboundIpv6Count),
  }
  return (['IPv4', 'IPv6'] as const)
    .filter((family) => created[family] > 0)
    .map((family) =>
      buildChange({
        action: 'create',
        type: RESOURCE_TYPES.publicIp,
        count: created[family],
        because: `AKS creates ${created[family]} ${family} address${created[family] === 1 ? '' : 'es'} for ${for_} in the node resource group.`,
        confidence: 'documented',
        properties: [
          { path: '/sku/name', before: null, after: sku },
          { path: '/properties/publicIPAddressVersion', before: null, after: family },
        ],
      }),
    )
}

/** The user's own address comes on (EO, LB1, NG). */
export function attachedAddress(id: string, to: string): ResourceChange {
  return buildChange({
    action: 'attach',
    type: addressType(id),
    id,
    owner: 'user',
    because: `AKS attaches this address to the ${to}.`,
    confidence: 'documented',
  })
}

/**
 * What the same profile lets go of and takes on. The profile decides and not the ledger of egress: an
 * address that something on the subnet outranks is let go of all the same.
 */
export function replacedAddresses(
  context: PlanningContext,
  profile: LoadBalancerProfileFacts | NatGatewayProfileFacts | null,
  wanted: LoadBalancerTarget | NatGatewayTarget,
  of: string,
): ResourceChange[] {
  const { snapshot, after } = context
  const wantedIds = [...wanted.outboundIpIds, ...wanted.outboundIpPrefixIds]
  const presentIds = [...(profile?.outboundIpIds ?? []), ...(profile?.outboundIpPrefixIds ?? [])]
  const made = (profile?.effectiveOutboundIpIds ?? []).filter((id) => isAksOwned(id, snapshot))
  const released = [...without(presentIds, wantedIds), ...(wantedIds.length > 0 ? made : [])]
  return [
    ...released.map((id) => releasedAddress(resolveAddress(id, snapshot), id, of)),
    ...(after.undecided.length > 0 ? [fewerAddresses(after.undecided, of)] : []),
    ...without(wantedIds, presentIds).map((id) => attachedAddress(id, of)),
  ]
}

function without(ids: string[], others: string[]): string[] {
  const keys = new Set(others.map(idKey))
  return ids.filter((id) => !keys.has(idKey(id)))
}

function fewerAddresses(undecided: EgressAddress[], of: string): ResourceChange {
  const addresses = undecided.flatMap((each) => each.address ?? [])
  return buildChange({
    action: 'delete',
    type: RESOURCE_TYPES.publicIp,
    because: `AKS reduces the addresses of the ${of} to the requested number. Which of ${addresses.join(', ')} it releases cannot be predicted.`,
    confidence: 'inferred',
  })
}

/** The addresses of a profile that AKS made. */
export function managedAddresses(
  profile: LoadBalancerProfileFacts | NatGatewayProfileFacts | null,
  { snapshot }: PlanningContext,
): EgressAddress[] {
  const addresses = (profile?.effectiveOutboundIpIds ?? []).map((id) => resolveAddress(id, snapshot))
  return addresses.filter((each) => each.ownedBy === 'aks')
}
