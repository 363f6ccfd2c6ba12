import type { ClusterRef } from '../../contract/cluster.ts'
import type { PreparedAddress } from '../../contract/job.ts'
import type { PlanRequest } from '../../contract/plan-request.ts'
import type { RequestedTarget } from '../../contract/target.ts'
import type { RouteFacts } from '../snapshot/network-facts.ts'

/** Something that a job itself has put in the way of a cluster's packets, as it wrote it. */
export type OwnedAttachment =
  | { kind: 'natGateway'; subnetId: string; gatewayId: string }
  /** A table that was attached; `routes` are those that the job made it with, null where it stood there before. */
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
  /** Further resource groups in which the caller may have resources created. Default: every one. */
  preparationGroups?: 'everything' | readonly ResourceGroupPattern[]
  cleanUp?: CleanupRequest
  /** Sends the present settings of the cluster again; `target` is replaced by them. */
  reconcile?: true
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

/** What is to go once a change has proven itself, or was taken back; nothing of it is part of a change. */
export interface CleanupRequest {
  /** Entries of the authorized ranges that only the former egress needed. */
  narrow: string[]
  /** Whether gateways and routes that override the present outbound type are detached from the subnets. */
  detach: boolean
  /** Resources that a job of this service has made, in the order in which they can go. */
  delete: string[]
  /** What the job itself has put in the packets' way, and what is to go from there. */
  attachments?: OwnedAttachment[]
  /** What a cleanup for another type than the cluster's removes: the job's own resources, if nothing uses them. */
  jobResources?: JobResources
}

/** What a job changed beside the cluster, in the state in which it left it. */
export interface JobResources {
  /** As `CleanUpRequest.delete`. */
  delete: string[]
  attachments: OwnedAttachment[]
  /** The addresses that the job created, as they were then. A resource with a different address has another owner. */
  addresses: PreparedAddress[]
  /** Entries that it has added to the ranges. */
  ranges: string[]
}
