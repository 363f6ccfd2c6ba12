import { createHash } from 'node:crypto'
import type {
  Campaign,
  CampaignEvent,
  CampaignIpChanges,
  CampaignMember,
  CampaignSummary,
} from '../contract/campaign.ts'
import type { CampaignPlanning } from '../contract/campaign-planning.ts'
import type { CampaignActionRequest, CampaignRequest } from '../contract/campaign-requests.ts'
import type { ClusterRef } from '../contract/cluster.ts'
import type { ClusterScope } from '../core/access/access-policy.ts'
import type { Origin } from '../core/audit/audit.ts'
import type { Precondition } from '../core/lib/errors.ts'
import type { PlanningRequest } from '../core/request/plan-request.ts'
import type { CampaignQuery, MemberQuery } from '../database/stores/campaign-store.ts'
import type { TransactionHook } from '../database/stores/idempotency.ts'
import type { Page } from '../database/stores/list-query.ts'

type PreparationGroups = NonNullable<PlanningRequest['preparationGroups']>

/** Who changes a campaign, and what that person may see and execute. */
export interface CampaignCall {
  by: string
  origin: Origin
  hook?: TransactionHook<Campaign> | undefined
  /** Called with the version of the campaign as the caller sees it. */
  precondition?: Precondition | undefined
  /** The clusters that the caller may see; undefined for all. */
  reach?: ClusterScope | undefined
  executable: ClusterScope
  /** Where the creator may have resources created for a cluster, besides its own resource group. Default: everywhere. */
  preparationGroups?: (cluster: ClusterRef) => PreparationGroups
}

/** A validated request with its clusters, in the order of the selection. */
export interface CampaignOrder {
  request: CampaignRequest
  /** Null if the filter of the request selects them. */
  clusters: ClusterRef[] | null
}

/** Campaigns as routes use them. Every method rejects with a `DomainError` that the caller can act on. */
export interface Campaigns {
  /**
   * Creates a campaign and has its members planned. Everything that can be rejected is rejected now: waves, targets,
   * members that the caller may not execute, and members that are busy.
   */
  create(order: CampaignOrder, call: CampaignCall): Promise<Campaign>
  /** A campaign without a member that the caller may see does not exist for the caller. */
  get(id: string, reach?: ClusterScope): Promise<Campaign>
  list(query: CampaignQuery): Promise<Page<CampaignSummary>>
  /** As `list`, with all that `get` returns of each campaign. */
  listDetails(query: CampaignQuery): Promise<Page<Campaign>>
  listMembers(query: MemberQuery): Promise<Page<CampaignMember>>
  /** The result of planning, over the members that the caller may see. */
  planning(id: string, reach?: ClusterScope): Promise<CampaignPlanning>
  /** The address changes, as planned or as made, merged over the members that the caller may see. */
  ipChanges(id: string, reach?: ClusterScope): Promise<CampaignIpChanges>
  /** The log after this sequence, oldest first. */
  log(id: string, after: number, limit: number, reach?: ClusterScope): Promise<CampaignEvent[]>
  /** Only for callers who may execute on every member. */
  act(id: string, request: CampaignActionRequest, call: CampaignCall): Promise<Campaign>
}

/** The version of a campaign as a caller sees it: two callers can see different members. */
export function campaignVersion(campaign: Campaign): string {
  return createHash('sha256').update(JSON.stringify(campaign)).digest('hex').slice(0, 32)
}
