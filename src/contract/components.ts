import type { TSchema } from 'typebox'
import * as allowLists from './allow-lists.ts'
import * as approval from './approval.ts'
import * as audit from './audit.ts'
import * as campaign from './campaign.ts'
import { CampaignPlanningSchema } from './campaign-planning.ts'
import * as campaignRequests from './campaign-requests.ts'
import * as cluster from './cluster.ts'
import * as comparison from './comparison.ts'
import * as cost from './cost.ts'
import * as delivery from './delivery.ts'
import * as demand from './demand.ts'
import * as egress from './egress.ts'
import * as egressReport from './egress-report.ts'
import * as finding from './finding.ts'
import * as handoff from './handoff.ts'
import * as inventory from './inventory.ts'
import * as inventoryFilter from './inventory-filter.ts'
import * as job from './job.ts'
import * as jobRequests from './job-requests.ts'
import * as maintenance from './maintenance.ts'
import * as me from './me.ts'
import * as nameResolution from './name-resolution.ts'
import * as outboundType from './outbound-type.ts'
import * as plan from './plan.ts'
import * as planRequest from './plan-request.ts'
import * as planStatus from './plan-status.ts'
import * as preflight from './preflight.ts'
import * as preparation from './preparation.ts'
import * as probe from './probe.ts'
import * as problem from './problem.ts'
import * as routing from './routing.ts'
import * as schedule from './schedule.ts'
import * as shareLink from './share-link.ts'
import * as steps from './steps.ts'
import * as target from './target.ts'
import * as webhook from './webhook.ts'
import * as zoneResilience from './zone-resilience.ts'

/** Every schema with an `$id`, in the order in which the OpenAPI document lists it under `components`. */
export const COMPONENT_SCHEMAS: readonly TSchema[] = [
  job.ActiveJobSchema,
  approval.ApprovalRequestSchema,
  approval.ApprovalSchema,
  audit.AuditRecordSchema,
  allowLists.AllowListImpactSchema,
  allowLists.AllowListsPlanSchema,
  egress.AuthorizedRangesPlanSchema,
  campaignRequests.CampaignActionRequestSchema,
  campaignRequests.CampaignRequestSchema,
  campaignRequests.CampaignWaveRequestSchema,
  campaign.CampaignEventSchema,
  campaign.NewForSchema,
  campaign.CampaignIpChangesSchema,
  campaign.CampaignMemberSchema,
  CampaignPlanningSchema,
  campaign.CampaignReasonSchema,
  campaign.CampaignActionEffectSchema,
  campaign.CampaignSchema,
  campaign.CampaignSummarySchema,
  campaignRequests.CampaignTargetRuleSchema,
  campaign.CampaignWaveSchema,
  cluster.ClusterRefSchema,
  comparison.ComparedFindingSchema,
  comparison.ComparedTargetSchema,
  comparison.ComparisonSchema,
  planRequest.ConsumerRequestSchema,
  allowLists.ConsumerSchema,
  cost.CostSchema,
  plan.DisruptionSchema,
  egress.EgressIpChangeSchema,
  egressReport.EgressReportSchema,
  shareLink.EventTicketSchema,
  problem.FaultSchema,
  finding.FindingSchema,
  finding.FindingKindSchema,
  handoff.HandoffSchema,
  handoff.HandoffToolSchema,
  inventory.InventoryFactsSchema,
  inventoryFilter.InventoryFilterSchema,
  inventory.InventoryClusterSchema,
  inventory.InventoryChangeSchema,
  inventory.InventoryRefreshSchema,
  inventory.InventorySummarySchema,
  egress.IpChangeSchema,
  egress.IpChangesSchema,
  job.JobLogEntrySchema,
  jobRequests.CancelRequestSchema,
  jobRequests.ReleaseRequestSchema,
  maintenance.MaintenanceConfigurationSchema,
  planStatus.PlanCountsSchema,
  maintenance.PlannedMaintenanceSchema,
  schedule.MaintenanceWindowSchema,
  schedule.ScheduleSchema,
  schedule.RescheduleRequestSchema,
  demand.MeasuredSnatSchema,
  nameResolution.NameResolutionSchema,
  job.JobStepSchema,
  job.JobErrorSchema,
  job.JobHoldSchema,
  job.JobResultSchema,
  jobRequests.JobRequestSchema,
  job.JobSchema,
  me.MeSchema,
  egress.PathChangeSchema,
  approval.PlanApprovalsSchema,
  target.PlanFromSchema,
  planRequest.PlanRequestSchema,
  plan.PlanSchema,
  plan.PlanSummarySchema,
  outboundType.PlanTransitionSchema,
  preflight.PreflightSchema,
  probe.EndpointReadingSchema,
  probe.NodeProbeSchema,
  probe.NodeVerificationSchema,
  probe.ProbeRequestSchema,
  probe.ProbeSchema,
  problem.ProblemKindSchema,
  problem.ProblemSchema,
  preparation.PreparationSchema,
  target.RequestedTargetSchema,
  routing.RequiredEndpointSchema,
  routing.RequiredEndpointsSchema,
  plan.ResourceChangeSchema,
  plan.RollbackOutlookSchema,
  shareLink.ShareLinkRequestSchema,
  shareLink.ShareLinkSchema,
  shareLink.ShareLinkWithSecretSchema,
  egress.SnatSchema,
  egress.SnatSideSchema,
  steps.FieldChangeSchema,
  steps.StepActionSchema,
  steps.StepSchema,
  routing.SubnetRoutingSchema,
  target.TargetSchema,
  outboundType.TransitionSchema,
  delivery.WebhookMessageSchema,
  webhook.ClusterPatternSchema,
  webhook.WebhookSchema,
  webhook.WebhookWithSecretSchema,
  delivery.AttemptSchema,
  delivery.DeliverySchema,
  delivery.DeliveryWithPayloadSchema,
  delivery.ReplayedSchema,
  webhook.WebhookRequestSchema,
  webhook.WebhookUpdateSchema,
  webhook.SecretRotationSchema,
  delivery.ReplayRequestSchema,
  webhook.JobWebhookSchema,
  zoneResilience.ZoneResilienceSchema,
  zoneResilience.ZoneSideSchema,
]
