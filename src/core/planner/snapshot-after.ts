import type { Target } from '../../contract/target.ts'
import { idKey, nodeGroupId } from '../arm/resource-id.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { declaredProfile, managedAddresses } from '../egress/addresses.ts'
import { projectedSubnets } from '../egress/projected-egress.ts'
import { needsLateAuthorization } from '../plan/steps/build-steps.ts'
import { plannedIp } from '../preparation/prepare-addresses.ts'
import type { PublicIpFacts } from '../snapshot/network-facts.ts'
import { customerIpIds, customerIpIdsOf } from '../snapshot/network-profile.ts'
import type { ClusterFacts, Snapshot } from '../snapshot/snapshot.ts'
import { managedIpCount, profileOf, profilesAfter } from '../target/egress-profile.ts'

/** The cluster and its network after the change, for a preview of the rollback. */
export function snapshotAfter(context: PlanningContext): Snapshot {
  const { prepared, target } = context
  const { keptIds, created } = managedAfter(context)
  const cluster: ClusterFacts = {
    ...prepared.cluster,
    provisioningState: 'Succeeded',
    agentPools: prepared.cluster.agentPools.map((pool) => ({ ...pool, provisioningState: 'Succeeded' })),
    outboundType: target.outboundType,
    ...profilesAfter(target, [...keptIds, ...created.map(({ id }) => id)]),
    authorizedIPRanges: rangesAfter(context, created),
  }
  const { publicIps, publicIpPrefixes } = freedAddresses(prepared, target)
  // Permissions, locks, and policies are read when the rollback plan is created; reading them here would only take time.
  return {
    ...prepared,
    cluster,
    subnets: projectedSubnets(prepared, target),
    publicIps: { ...publicIps, ...Object.fromEntries(created.map((ip) => [idKey(ip.id), ip])) },
    publicIpPrefixes,
    surroundings: null,
  }
}

/** The ranges after the job. An address that does not exist yet has its ID instead of its range. */
function rangesAfter(context: PlanningContext, created: PublicIpFacts[]): string[] {
  const { prepared, ranges, apiServer } = context
  const late = needsLateAuthorization(context)
    ? created.filter(({ version }) => apiServer.addresses.created[version] > 0).map(({ id }) => id)
    : []
  return [...prepared.cluster.authorizedIPRanges, ...ranges.add, ...ranges.addPrepared, ...late]
}

/**
 * The AKS-managed addresses after the change: those of the families whose number a change of parameters does not lower,
 * and those that AKS creates, under placeholder IDs. It is unknown which addresses AKS keeps if it lowers their number.
 */
function managedAfter({ snapshot, from, to, target }: PlanningContext) {
  if (customerIpIds(profileOf(target)).length > 0) return { keptIds: [], created: [] }
  const present =
    from === to ? managedAddresses(declaredProfile(snapshot, target.outboundType), snapshot) : []
  const families = (['IPv4', 'IPv6'] as const).map((version) => {
    const own = present.filter(({ family }) => family === version)
    return { version, own, more: managedIpCount(target, version) - own.length }
  })
  return {
    keptIds: families.flatMap(({ own, more }) =>
      more < 0 ? [] : own.flatMap(({ resourceId }) => resourceId ?? []),
    ),
    created: families.flatMap(({ version, more }) =>
      Array.from({ length: Math.max(more, 0) }, (_, index) => createdIp(snapshot, version, index + 1)),
    ),
  }
}

function createdIp({ cluster }: Snapshot, version: PublicIpFacts['version'], number: number): PublicIpFacts {
  const id = `${nodeGroupId(cluster)}/providers/Microsoft.Network/publicIPAddresses/created-${version}-${number}`
  return { ...plannedIp(id, { location: cluster.location, sku: 'Standard', zones: [] }), version }
}

/** Customer-provided addresses of the former type that the target does not contain. AKS detaches them and does not delete them. */
function freedAddresses(
  { cluster, publicIps, publicIpPrefixes }: Snapshot,
  target: Target,
): Pick<Snapshot, 'publicIps' | 'publicIpPrefixes'> {
  const kept = new Set(customerIpIds(profileOf(target)).map(idKey))
  const freed = new Set(
    customerIpIdsOf(cluster)
      .map(idKey)
      .filter((id) => !kept.has(id)),
  )
  if (freed.size === 0) return { publicIps, publicIpPrefixes }
  const mapped = <T extends object>(held: Record<string, T>, free: Partial<T>): Record<string, T> =>
    Object.fromEntries(
      Object.entries(held).map(([id, facts]) => [id, freed.has(id) ? { ...facts, ...free } : facts]),
    )
  return {
    publicIps: mapped(publicIps, { attachedTo: null, natGatewayId: null }),
    publicIpPrefixes: mapped(publicIpPrefixes, { loadBalancerFrontendId: null, natGatewayId: null }),
  }
}
