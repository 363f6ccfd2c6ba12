import { actOnCampaign } from './act-on-campaign.ts'
import { approvePlan } from './approve-plan.ts'
import { cancelJob } from './cancel-job.ts'
import { compareTargets } from './compare-targets.ts'
import { createCampaign } from './create-campaign.ts'
import { createCampaignEventTicket } from './create-campaign-event-ticket.ts'
import { createCleanUpPlan } from './create-clean-up-plan.ts'
import { createEventTicket } from './create-event-ticket.ts'
import { createJob } from './create-job.ts'
import { createPlan } from './create-plan.ts'
import { createProbe } from './create-probe.ts'
import { createReconcilePlan } from './create-reconcile-plan.ts'
import { createRollbackPlan } from './create-rollback-plan.ts'
import { createWebhook } from './create-webhook.ts'
import type { Operation } from './define-operation.ts'
import { deleteWebhook } from './delete-webhook.ts'
import { discardPlan } from './discard-plan.ts'
import { getCampaign } from './get-campaign.ts'
import { getCampaignIpChanges } from './get-campaign-ip-changes.ts'
import { getCampaignPlanning } from './get-campaign-planning.ts'
import { getClusterEgress } from './get-cluster-egress.ts'
import { getDelivery } from './get-delivery.ts'
import { getFinding } from './get-finding.ts'
import { getHealth } from './get-health.ts'
import { getHome } from './get-home.ts'
import { getInventoryRefresh } from './get-inventory-refresh.ts'
import { getIpChanges } from './get-ip-changes.ts'
import { getJob } from './get-job.ts'
import { getJobIpChanges } from './get-job-ip-changes.ts'
import { getMe } from './get-me.ts'
import { getMetrics } from './get-metrics.ts'
import { getPlan } from './get-plan.ts'
import { getProbe } from './get-probe.ts'
import { getProblem } from './get-problem.ts'
import { getReadiness } from './get-readiness.ts'
import { getWebhook } from './get-webhook.ts'
import { listApprovals } from './list-approvals.ts'
import { listAudit } from './list-audit.ts'
import { listCampaignEvents } from './list-campaign-events.ts'
import { listCampaignMembers } from './list-campaign-members.ts'
import { listCampaigns } from './list-campaigns.ts'
import { listClusterChanges } from './list-cluster-changes.ts'
import { listClusterHistory } from './list-cluster-history.ts'
import { listClusters } from './list-clusters.ts'
import { listDeliveries } from './list-deliveries.ts'
import { listFindings } from './list-findings.ts'
import { listJobEvents } from './list-job-events.ts'
import { listJobs } from './list-jobs.ts'
import { listPlans } from './list-plans.ts'
import { listProbes } from './list-probes.ts'
import { listProblems } from './list-problems.ts'
import { listTransitions } from './list-transitions.ts'
import { listWebhooks } from './list-webhooks.ts'
import { pingWebhook } from './ping-webhook.ts'
import { refreshInventory } from './refresh-inventory.ts'
import { releaseJob } from './release-job.ts'
import { replayDeliveries } from './replay-deliveries.ts'
import { rescheduleJob } from './reschedule-job.ts'
import { rotateWebhookSecret } from './rotate-webhook-secret.ts'
import {
  createJobShareLink,
  createPlanShareLink,
  listJobShareLinks,
  listPlanShareLinks,
  revokeJobShareLink,
  revokePlanShareLink,
} from './share-links.ts'
import { summarizeClusters } from './summarize-clusters.ts'
import { updateWebhook } from './update-webhook.ts'
import { withdrawApproval } from './withdraw-approval.ts'

/** Every operation of the service. The document lists paths and request examples in this order. */
export const ALL_OPERATIONS: readonly Operation[] = [
  listTransitions,
  listClusters,
  summarizeClusters,
  getClusterEgress,
  compareTargets,
  listClusterChanges,
  listClusterHistory,
  refreshInventory,
  getInventoryRefresh,
  createPlan,
  listPlans,
  getPlan,
  getIpChanges,
  discardPlan,
  listApprovals,
  withdrawApproval,
  createPlanShareLink,
  listPlanShareLinks,
  revokePlanShareLink,
  createJob,
  approvePlan,
  listJobs,
  getJob,
  listJobEvents,
  getJobIpChanges,
  createEventTicket,
  createJobShareLink,
  listJobShareLinks,
  revokeJobShareLink,
  rescheduleJob,
  releaseJob,
  cancelJob,
  createRollbackPlan,
  createCleanUpPlan,
  createReconcilePlan,
  createCampaign,
  listCampaigns,
  getCampaign,
  getCampaignPlanning,
  getCampaignIpChanges,
  listCampaignMembers,
  listCampaignEvents,
  createCampaignEventTicket,
  actOnCampaign,
  createProbe,
  listProbes,
  getProbe,
  createWebhook,
  listWebhooks,
  getWebhook,
  updateWebhook,
  deleteWebhook,
  rotateWebhookSecret,
  pingWebhook,
  listDeliveries,
  getDelivery,
  replayDeliveries,
  listAudit,
  getMe,
  getHealth,
  getReadiness,
  listFindings,
  getFinding,
  listProblems,
  getProblem,
  getMetrics,
  getHome,
]
