import type { RequestedPreparation } from '../../contract/preparation.ts'
import type { RequestedTarget } from '../../contract/target.ts'
import { typeOfKey } from '../arm/outbound-type.ts'
import type { PlanningRequest } from '../request/plan-request.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { withMoves } from './moved-traffic.ts'
import {
  emptyPreparation,
  mergePreparations,
  type Placement,
  type Preparation,
  placementFor,
} from './preparation.ts'
import { prepareAddresses } from './prepare-addresses.ts'
import { prepareDefaultRoute } from './prepare-default-route.ts'
import { prepareNatGateway } from './prepare-nat-gateway.ts'
import { unusedParts } from './prepared-snapshot.ts'

/**
 * The requested resources that do not exist yet, which the plan creates first. Every part of the request becomes a
 * write, a conflict, or an entry in `unused`.
 */
export function prepare(request: PlanningRequest, snapshot: Snapshot): Preparation {
  const wanted = request.prepare
  if (wanted === undefined) return emptyPreparation()
  const place = placementFor(request, snapshot.cluster)
  const preparation = withMoves(prepareTarget(request, wanted, place, snapshot), snapshot)
  return mergePreparations([
    preparation,
    { ...emptyPreparation(), unused: unusedParts(request, wanted, place, preparation) },
  ])
}

function prepareTarget(
  { target }: PlanningRequest,
  wanted: RequestedPreparation,
  place: Placement,
  snapshot: Snapshot,
): Preparation {
  const { natGateway, defaultRoute } = wanted
  switch (target.outboundType) {
    case 'userAssignedNATGateway':
      return natGateway === undefined
        ? emptyPreparation()
        : prepareNatGateway({ ...wanted, natGateway }, place, snapshot)
    case 'userDefinedRouting':
      return defaultRoute === undefined
        ? emptyPreparation()
        : prepareDefaultRoute(defaultRoute, place, snapshot)
    default: {
      const zones = wanted.publicIps?.zones ?? wanted.publicIpPrefix?.zones ?? []
      const purpose = target.outboundType === 'loadBalancer' ? 'lb' : 'aks-nat'
      return prepareAddresses(wanted, addressSku(target), place, snapshot, zones, purpose)
    }
  }
}

/** Standard and StandardV2 addresses are not interchangeable (nat-sku). */
function addressSku(target: RequestedTarget): 'Standard' | 'StandardV2' {
  const { outboundType, sku } = typeOfKey(target.outboundType)
  return outboundType === 'managedNATGateway' ? (target.natGateway?.sku ?? sku ?? 'Standard') : 'Standard'
}

/** The target with the prepared addresses. */
export function withPreparedAddresses(target: RequestedTarget, preparation: Preparation): RequestedTarget {
  const own = { outboundIpIds: preparation.publicIpIds, outboundIpPrefixIds: preparation.publicIpPrefixIds }
  if (own.outboundIpIds.length + own.outboundIpPrefixIds.length === 0) return target
  if (target.outboundType === 'loadBalancer')
    return { ...target, loadBalancer: { ...target.loadBalancer, ...own } }
  const isNat = typeOfKey(target.outboundType).outboundType === 'managedNATGateway'
  return isNat ? { ...target, natGateway: { ...target.natGateway, ...own } } : target
}
