import type { ResourceChange } from '../../contract/plan.ts'
import type { LoadBalancerTarget, NatGatewayTarget } from '../../contract/target.ts'
import { addressType, idKey, lastSegment, RESOURCE_TYPES } from '../arm/resource-id.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { serviceFrontendOn, serviceLabel } from '../context/service-frontends.ts'
import { type EgressAddress, isAksOwned, resolveAddress } from '../egress/addresses.ts'
import { customerIpIds } from '../snapshot/network-profile.ts'
import type { LoadBalancerProfileFacts, NatGatewayProfileFacts, Snapshot } from '../snapshot/snapshot.ts'

type Holder = 'load balancer' | 'NAT gateway'

/** A change with default values; `because` and `confidence` are required. */
export function buildChange(
  change: Pick<ResourceChange, 'action' | 'type' | 'because' | 'confidence'> & Partial<ResourceChange>,
): ResourceChange {
  const id = change.id ?? null
  return {
    action: change.action,
    type: change.type,
    id,
    name: change.name ?? (id === null ? null : lastSegment(id)),
    owner: change.owner ?? 'aks',
    count: change.count ?? 1,
    knownAt: id === null ? 'apply' : 'plan',
    because: change.because,
    confidence: change.confidence,
    properties: change.properties ?? [],
  }
}

/**
 * An address of the former egress: AKS deletes AKS-managed addresses (AKS release notes 2023-07-30), and only detaches
 * customer-provided addresses.
 */
export function releasedAddress(id: string, from: Holder, snapshot: Snapshot): ResourceChange {
  const address = resolveAddress(id, snapshot)
  const frontend = serviceFrontendOn(id, snapshot)
  if (address.ownedBy === 'aks') {
    const created = `AKS created ${address.address ?? 'this address'} for the ${from} and permanently releases it`
    return buildChange({
      action: 'delete',
      type: addressType(id),
      id,
      because:
        frontend === null
          ? `${created}.`
          : `${created}, although it is the frontend of ${serviceLabel(frontend)}.`,
      confidence: frontend === null ? 'documented' : 'inferred',
      properties: [{ path: '/properties/ipAddress', before: address.address, after: null }],
    })
  }
  if (frontend !== null)
    return buildChange({
      action: 'retain',
      type: addressType(id),
      id,
      owner: 'user',
      because: `The address remains the frontend of ${serviceLabel(frontend)}, but egress no longer uses the address.`,
      confidence: 'inferred',
    })
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
 * The addresses of a profile that its holder can release. A public IP belongs to one resource, so a frontend of the load
 * balancer is no address of a NAT gateway.
 */
export function releasable(ids: string[], from: Holder, snapshot: Snapshot): string[] {
  return from === 'load balancer' ? ids : ids.filter((id) => serviceFrontendOn(id, snapshot) === null)
}

/**
 * The addresses that AKS will create for a profile that holds `present` now, one row per family. AKS creates them
 * even where an attachment of the subnet overrides the profile and the egress ledger omits them.
 */
export function createdAddresses(
  wanted: LoadBalancerTarget | NatGatewayTarget,
  present: EgressAddress[],
  sku: string,
  owner: string,
): ResourceChange[] {
  const missing = (family: 'IPv4' | 'IPv6', count: number | null) =>
    Math.max(0, (count ?? 0) - present.filter((address) => address.family === family).length)
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
        because: `AKS creates ${created[family]} ${family} address${created[family] === 1 ? '' : 'es'} for ${owner} in the node resource group.`,
        confidence: 'documented',
        properties: [
          { path: '/sku/name', before: null, after: sku },
          { path: '/properties/publicIPAddressVersion', before: null, after: family },
        ],
      }),
    )
}

/** AKS attaches a customer-provided address (egress-outboundtype, load-balancer-standard, nat-gateway). */
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
 * The addresses that the same profile releases and adds. The profile decides, not the egress ledger: an address is
 * released even if an attachment of the subnet overrides it.
 */
export function replacedAddresses(
  context: PlanningContext,
  profile: LoadBalancerProfileFacts | NatGatewayProfileFacts | null,
  wanted: LoadBalancerTarget | NatGatewayTarget,
  holder: Holder,
): ResourceChange[] {
  const { snapshot, after } = context
  const wantedIds = customerIpIds(wanted)
  const presentIds = customerIpIds(profile)
  const managed = (profile?.effectiveOutboundIpIds ?? []).filter((id) => isAksOwned(id, snapshot))
  const released = [...without(presentIds, wantedIds), ...(wantedIds.length > 0 ? managed : [])]
  return [
    ...releasable(released, holder, snapshot).map((id) => releasedAddress(id, holder, snapshot)),
    ...(after.undecided.length > 0 ? [fewerAddresses(after.undecided, holder)] : []),
    ...without(wantedIds, presentIds).map((id) => attachedAddress(id, holder)),
  ]
}

function without(ids: string[], others: string[]): string[] {
  const keys = new Set(others.map(idKey))
  return ids.filter((id) => !keys.has(idKey(id)))
}

function fewerAddresses(undecided: EgressAddress[], holder: string): ResourceChange {
  const addresses = undecided.flatMap((address) => address.address ?? [])
  return buildChange({
    action: 'delete',
    type: RESOURCE_TYPES.publicIp,
    because: `AKS reduces the addresses of the ${holder} to the requested number. It is unknown at plan time which of ${addresses.join(', ')} AKS releases.`,
    confidence: 'inferred',
  })
}
