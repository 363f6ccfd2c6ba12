import type { RequestedPreparation } from '../../contract/preparation.ts'
import type { RequestedTarget } from '../../contract/target.ts'
import { typeOfKey } from '../arm/outbound-type.ts'
import { idKey } from '../arm/resource-id.ts'
import { API_SERVER, INTERNET } from '../egress/destinations.ts'
import { movedPaths } from '../egress/joined-paths.ts'
import { currentSide, type EgressPath } from '../egress/paths.ts'
import { listed } from '../lib/text.ts'
import type { PlanningRequest } from '../request/plan-request.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import {
  emptyPreparation,
  mergePreparations,
  type Placement,
  type Preparation,
  placementFor,
  type ResourceWrite,
} from './preparation.ts'
import { prepareAddresses } from './prepare-addresses.ts'
import { prepareDefaultRoute } from './prepare-default-route.ts'
import { prepareNatGateway } from './prepare-nat-gateway.ts'
import { unusedParts } from './unused-parts.ts'

/**
 * The requested resources that do not exist yet, which the plan creates first. Every part of the request becomes a
 * write, a conflict, or an entry in `unused`.
 */
export function prepare(request: PlanningRequest, snapshot: Snapshot): Preparation {
  const wanted = request.prepare
  if (wanted === undefined) return emptyPreparation()
  const place = placementFor(request, snapshot.cluster)
  const preparation = withMovedExceptions(prepareTarget(request, wanted, place, snapshot), snapshot)
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

/**
 * A gateway under a default route to an appliance still carries the packets that another route sends to the internet, and
 * IPv6 packets. Their move begins with the attachment.
 */
function withMovedExceptions(preparation: Preparation, snapshot: Snapshot): Preparation {
  if (!preparation.writes.some(({ isOutranked }) => isOutranked)) return preparation
  const moved = movedPaths(currentSide(snapshot), currentSide(preparedSnapshot(snapshot, preparation)))
  const writes = preparation.writes.map((write): ResourceWrite => {
    if (write.isOutranked !== true) return write
    const exceptions = destinationsOf(moved.filter(({ subnetId }) => idKey(subnetId) === idKey(write.id)))
    if (exceptions.length === 0) return write
    return {
      ...write,
      isOutranked: false,
      exceptions,
      because: `New connections to ${listed(exceptions)} use the NAT gateway as soon as it is attached. Other traffic keeps its path.`,
    }
  })
  return { ...preparation, writes }
}

/** The destinations as parts of a sentence. The routes of a mixed path are destinations too. */
function destinationsOf(paths: EgressPath[]): string[] {
  const unmixed = paths.filter(({ path }) => path !== 'mixed')
  const labels = (unmixed.length > 0 ? unmixed : paths).map(({ destination, family }) => {
    if (destination === INTERNET) return `the internet over ${family}`
    return destination === API_SERVER ? 'the API server' : `\`${destination}\``
  })
  return [...new Set(labels)]
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

/** The network after the preparation. New addresses are marked as not created yet. */
export function preparedSnapshot(snapshot: Snapshot, { planned, writes }: Preparation): Snapshot {
  if (writes.length === 0) return snapshot
  return {
    ...snapshot,
    publicIps: { ...snapshot.publicIps, ...keyed(planned.publicIps) },
    publicIpPrefixes: { ...snapshot.publicIpPrefixes, ...keyed(planned.publicIpPrefixes) },
    natGateways: { ...snapshot.natGateways, ...keyed(planned.natGateways) },
    routeTables: { ...snapshot.routeTables, ...keyed(planned.routeTables) },
    subnets: snapshot.subnets.map((subnet) => ({ ...subnet, ...planned.attachments[idKey(subnet.id)] })),
  }
}

function keyed<T extends { id: string }>(items: T[]): Record<string, T> {
  return Object.fromEntries(items.map((item) => [idKey(item.id), item]))
}
