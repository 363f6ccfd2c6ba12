import type { RequestedPreparation } from '../../contract/preparation.ts'
import type { RequestedTarget } from '../../contract/target.ts'
import { distinctIds, isInResourceGroup } from '../arm/resource-id.ts'
import type { NetworkCollection } from '../snapshot/assemble.ts'
import { customerIpIdsOf } from '../snapshot/network-profile.ts'
import { subnetsOf } from '../snapshot/required-reads.ts'
import type { ClusterFacts } from '../snapshot/snapshot.ts'
import { subnetIdsOf } from '../snapshot/vnet-kind.ts'
import type { CleanupRequest, PlanningRequest } from './plan-request.ts'

/**
 * What the user owns and a plan for this cluster may join: the subnets of its pools, the addresses that its
 * profiles name, and those that the request names. Each once; nothing of the node resource group.
 */
export function touchedIds(cluster: ClusterFacts, requestedIds: string[]): string[] {
  const ids = [...subnetIdsOf(cluster), ...customerIpIdsOf(cluster), ...requestedIds]
  const own = ids.filter((id) => !isInResourceGroup(id, cluster.subscriptionId, cluster.nodeResourceGroup))
  return distinctIds(own)
}

/**
 * What a plan may write besides the cluster and its subnets, or may have to join because a subnet refers to it. These
 * are the route tables, NAT gateways and security groups of the subnets, and what a cleanup may delete. Permissions
 * may be granted on these resources alone.
 */
export function writtenIds(
  { prepare, cleanUp }: Pick<PlanningRequest, 'prepare' | 'cleanUp'>,
  cluster: ClusterFacts,
  network: NetworkCollection,
): string[] {
  const attaches = prepare?.defaultRoute !== undefined || prepare?.natGateway !== undefined
  const detaches = cleanUp?.detach === true || (cleanUp?.attachments ?? []).length > 0
  const linked = subnetsOf(cluster, network)
    .flatMap((subnet) => [subnet.routeTableId, subnet.natGatewayId, subnet.networkSecurityGroupId])
    .filter((id) => id !== null)
  return distinctIds([...(attaches || detaches ? linked : []), ...cleanedIds(cleanUp)])
}

/**
 * The ids that a request names: customer-provided addresses and gateway, and the resources of a cleanup. A snapshot
 * must contain them wherever they are, because a missing resource counts as deleted.
 */
export function requestReferences(
  { loadBalancer, natGateway }: RequestedTarget,
  prepare: RequestedPreparation | null | undefined,
  cleanUp?: CleanupRequest,
): string[] {
  const named = [loadBalancer, natGateway].flatMap((block) => [
    ...(block?.outboundIpIds ?? []),
    ...(block?.outboundIpPrefixIds ?? []),
  ])
  const prepared = prepare?.natGateway?.id
  return [...named, ...(prepared === undefined ? [] : [prepared]), ...cleanedIds(cleanUp)]
}

function cleanedIds(cleanUp: CleanupRequest | undefined): string[] {
  const all = [cleanUp, cleanUp?.jobResources].flatMap((item) => [
    ...(item?.delete ?? []),
    ...(item?.attachments ?? []).flatMap((lead) => (lead.kind === 'defaultRoute' ? [lead.tableId] : [])),
  ])
  return [...new Set(all)]
}
