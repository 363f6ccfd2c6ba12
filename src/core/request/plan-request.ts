import type { ClusterRef } from '../../contract/cluster.ts'
import type { PreparedAddress } from '../../contract/job.ts'
import type { PlanRequest } from '../../contract/plan-request.ts'
import type { RequestedPreparation } from '../../contract/preparation.ts'
import type { RequestedTarget } from '../../contract/target.ts'
import { distinctIds, isInResourceGroup } from '../arm/resource-id.ts'
import type { NetworkCollection } from '../snapshot/assemble.ts'
import type { RouteFacts } from '../snapshot/network-facts.ts'
import { customerIpIdsOf } from '../snapshot/network-profile.ts'
import { subnetsOf } from '../snapshot/required-reads.ts'
import type { ClusterFacts } from '../snapshot/snapshot.ts'
import { subnetIdsOf } from '../snapshot/vnet-kind.ts'

/** An attachment or route of a job that affects the packets of a cluster, as the job wrote it. */
export type OwnedAttachment =
  | { kind: 'natGateway'; subnetId: string; gatewayId: string }
  /**
   * An attached route table; `routes` contains the routes with which the job created the table, null if the table
   * existed before.
   */
  | { kind: 'routeTable'; subnetId: string; tableId: string; routes: RouteFacts[] | null }
  /** `isMade`: a route that the job created; otherwise an existing route whose next hop the job changed. */
  | { kind: 'defaultRoute'; tableId: string; route: RouteFacts; isMade: boolean }

/**
 * The request that the planner answers: a validated `PlanRequest` with its defaults and one form of naming the cluster,
 * or a cleanup or a reconcile, which only this service requests.
 */
export interface PlanningRequest extends Omit<PlanRequest, 'cluster' | 'authorizedRanges' | 'reason'> {
  cluster: ClusterRef
  authorizedRanges: NonNullable<PlanRequest['authorizedRanges']>
  reason: string | null
  /** Additional resource groups in which the plan may create resources. Default: all. */
  preparationGroups?: 'everything' | readonly ResourceGroupPattern[]
  cleanUp?: CleanupRequest
  /** Sends the current settings of the cluster again, which replace `target`. */
  reconcile?: true
  /** A rollback plan has no measurement of its own before the cutover: `verifyFromNodes` compares with that of this job. */
  baselineJobId?: string
}

/** Resource groups, with `*` for any characters. */
export interface ResourceGroupPattern {
  subscriptionId: string
  resourceGroup: string
}

/** A request with default parameters: it widens the authorized ranges, and prepares and reports nothing. */
export function defaultRequest(
  { subscriptionId, resourceGroup, name }: ClusterRef,
  target: RequestedTarget,
  reason: string | null = null,
): PlanningRequest {
  return { cluster: { subscriptionId, resourceGroup, name }, target, authorizedRanges: 'widen', reason }
}

/** The resources and ranges to remove after a successful or reverted change. */
export interface CleanupRequest {
  /** Entries of the authorized ranges that only the former egress needed. */
  narrow: string[]
  /** Whether gateways and routes that override the present outbound type are detached from the subnets. */
  detach: boolean
  /** Resources that a job of this service created, in the order of deletion. */
  delete: string[]
  /** The attachments and routes of the job that must be removed. */
  attachments?: OwnedAttachment[]
  /** The resources that a cleanup removes if the cluster has another outbound type: unused resources of the job. */
  jobResources?: JobResources
}

/** The resources other than the cluster that a job changed, in the state after the job. */
export interface JobResources {
  /** As `CleanUpRequest.delete`. */
  delete: string[]
  attachments: OwnedAttachment[]
  /**
   * The addresses that the job created, with their values at that time. A resource with a different address has another
   * owner.
   */
  addresses: PreparedAddress[]
  /** Entries that it has added to the ranges. */
  ranges: string[]
}

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
