import { idKey } from '../resource-id.ts'
import type { Snapshot } from '../snapshot.ts'

/** A resource that was to be deleted, and what holds it. */
export interface StillUsed {
  id: string
  by: string[]
}

/** Sorts what is to be deleted one after the other: a gateway that goes uses its addresses no more, one that stays does. */
export function withoutUsed(ids: string[], cleaned: Snapshot): { unused: string[]; stillUsed: StillUsed[] } {
  const unused: string[] = []
  const stillUsed: StillUsed[] = []
  for (const id of ids) {
    const gone = new Set(unused.map(idKey))
    const by = usersOf(id, cleaned).filter((each) => !gone.has(idKey(each)))
    if (by.length === 0) unused.push(id)
    else stillUsed.push({ id, by })
  }
  return { unused, stillUsed }
}

function usersOf(id: string, snapshot: Snapshot): string[] {
  const found = [...subnetsWith(id, snapshot), ...holdersOf(id, snapshot), ...clusterWith(id, snapshot)]
  return [...new Map(found.map((each) => [idKey(each), each])).values()]
}

/** The cluster's own subnets as they will be, those of others as the resource names them. */
function subnetsWith(id: string, { subnets, natGateways, routeTables }: Snapshot): string[] {
  const key = idKey(id)
  const own = new Set(subnets.map((each) => idKey(each.id)))
  const attached = subnets.filter(({ natGatewayId, routeTableId }) =>
    [natGatewayId, routeTableId].some((each) => idKey(each ?? '') === key),
  )
  const named = [natGateways[key], routeTables[key]].flatMap((each) => each?.subnetIds ?? [])
  return [...attached.map((each) => each.id), ...named.filter((each) => !own.has(idKey(each)))]
}

/** Gateways, load balancers, network interfaces and firewalls that hold an address or a prefix, and addresses out of one. */
function holdersOf(
  id: string,
  { publicIps, publicIpPrefixes, natGateways, loadBalancers }: Snapshot,
): string[] {
  const key = idKey(id)
  const [ip, prefix] = [publicIps[key], publicIpPrefixes[key]]
  const gateways = Object.values(natGateways).filter((each) =>
    [...each.publicIpIds, ...each.publicIpPrefixIds].some((held) => idKey(held) === key),
  )
  const frontends = Object.values(loadBalancers)
    .flatMap((each) => each.frontends)
    .filter((each) => [each.publicIpId, each.publicIpPrefixId].some((held) => idKey(held ?? '') === key))
  return [
    ...[ip?.attachedTo, ip?.natGatewayId, prefix?.natGatewayId, prefix?.loadBalancerFrontendId].flatMap(
      (each) => each ?? [],
    ),
    ...(prefix?.publicIpIds ?? []),
    ...[...gateways, ...frontends].map((each) => each.id),
  ]
}

/** What its profile and pools name AKS would want again, whether or not it is attached at the moment. */
function clusterWith(id: string, { cluster }: Snapshot): string[] {
  const profiles = [cluster.loadBalancerProfile, cluster.natGatewayProfile].flatMap((profile) =>
    profile === null ? [] : [...profile.outboundIpIds, ...profile.outboundIpPrefixIds],
  )
  const prefixes = cluster.agentPools.flatMap((pool) => pool.nodePublicIpPrefixId ?? [])
  return [...profiles, ...prefixes].some((each) => idKey(each) === idKey(id)) ? [cluster.id] : []
}
