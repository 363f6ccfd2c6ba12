import { EXAMPLE_PLAN } from '../../../src/routes/examples/jobs.ts'
import type { Grant } from '../../../src/routes/operation.ts'
import {
  APPROVAL_ID,
  CAMPAIGN_ID,
  CLUSTER_ID,
  DELIVERY_ID,
  JOB_ID,
  PLAN_ID,
  PROBE_ID,
  SHARE_LINK_ID,
  WEBHOOK_ID,
} from './fakes.ts'

export const CLUSTER = {
  subscriptionId: EXAMPLE_PLAN.cluster.subscriptionId,
  resourceGroup: EXAMPLE_PLAN.cluster.resourceGroup,
  name: EXAMPLE_PLAN.cluster.name,
}

export interface Row {
  grant: Grant
  request: { method: 'GET' | 'POST' | 'PATCH' | 'DELETE'; url: string; payload?: object }
  /**
   * The response to a caller that may not see the cluster; null if the request is about no single cluster.
   */
  hidden: 'CLUSTER_NOT_FOUND' | 'PLAN_NOT_FOUND' | 'JOB_NOT_FOUND' | 'PROBE_NOT_FOUND' | null
}

const { subscriptionId, resourceGroup, name } = CLUSTER
export const EGRESS = `/v1/clusters/${subscriptionId}/${resourceGroup}/${name}/egress`
const CAMPAIGN = `/v1/campaigns/${CAMPAIGN_ID}`
const WEBHOOK = `/v1/webhooks/${WEBHOOK_ID}`
export const PLAN = { cluster: CLUSTER, target: { outboundType: 'managedNATGateway' } }

/** Every operation that is not open to everybody. One without a row fails below. */
export const ROWS: Record<string, Row> = {
  listTransitions: { grant: 'Egress.Read', request: { method: 'GET', url: '/v1/transitions' }, hidden: null },
  getClusterEgress: {
    grant: 'Egress.Read',
    request: { method: 'GET', url: EGRESS },
    hidden: 'CLUSTER_NOT_FOUND',
  },
  listClusters: { grant: 'Egress.Read', request: { method: 'GET', url: '/v1/clusters' }, hidden: null },
  summarizeClusters: {
    grant: 'Egress.Read',
    request: { method: 'GET', url: '/v1/clusters/summary' },
    hidden: null,
  },
  listClusterChanges: {
    grant: 'Egress.Read',
    request: { method: 'GET', url: '/v1/clusters/changes' },
    hidden: null,
  },
  listClusterHistory: {
    grant: 'Egress.Read',
    request: { method: 'GET', url: EGRESS.replace(/egress$/, 'history') },
    hidden: 'CLUSTER_NOT_FOUND',
  },
  refreshInventory: {
    grant: 'Egress.Plan',
    request: { method: 'POST', url: '/v1/inventory/refresh' },
    hidden: null,
  },
  getInventoryRefresh: {
    grant: 'Egress.Read',
    request: { method: 'GET', url: '/v1/inventory/refreshes/latest' },
    hidden: null,
  },
  compareTargets: {
    grant: 'Egress.Read',
    request: { method: 'GET', url: EGRESS.replace(/egress$/, 'comparison') },
    hidden: 'CLUSTER_NOT_FOUND',
  },
  createPlan: {
    grant: 'Egress.Plan',
    request: { method: 'POST', url: '/v1/plans', payload: PLAN },
    hidden: 'CLUSTER_NOT_FOUND',
  },
  getHome: { grant: 'Egress.Read', request: { method: 'GET', url: '/' }, hidden: null },
  listPlans: { grant: 'Egress.Read', request: { method: 'GET', url: '/v1/plans' }, hidden: null },
  getPlan: {
    grant: 'Egress.Read',
    request: { method: 'GET', url: `/v1/plans/${PLAN_ID}` },
    hidden: 'PLAN_NOT_FOUND',
  },
  getIpChanges: {
    grant: 'Egress.Read',
    request: { method: 'GET', url: `/v1/plans/${PLAN_ID}/ip-changes` },
    hidden: 'PLAN_NOT_FOUND',
  },
  discardPlan: {
    grant: 'Egress.Plan',
    request: { method: 'DELETE', url: `/v1/plans/${PLAN_ID}` },
    hidden: 'PLAN_NOT_FOUND',
  },
  listApprovals: {
    grant: 'Egress.Read',
    request: { method: 'GET', url: `/v1/plans/${PLAN_ID}/approvals` },
    hidden: 'PLAN_NOT_FOUND',
  },
  approvePlan: {
    grant: 'Egress.Approve',
    request: { method: 'POST', url: `/v1/plans/${PLAN_ID}/approvals`, payload: {} },
    hidden: 'PLAN_NOT_FOUND',
  },
  withdrawApproval: {
    grant: 'Egress.Approve',
    request: { method: 'DELETE', url: `/v1/plans/${PLAN_ID}/approvals/${APPROVAL_ID}` },
    hidden: 'PLAN_NOT_FOUND',
  },
  createPlanShareLink: {
    grant: 'Egress.Read',
    request: { method: 'POST', url: `/v1/plans/${PLAN_ID}/share-links` },
    hidden: 'PLAN_NOT_FOUND',
  },
  listPlanShareLinks: {
    grant: 'Egress.Read',
    request: { method: 'GET', url: `/v1/plans/${PLAN_ID}/share-links` },
    hidden: 'PLAN_NOT_FOUND',
  },
  revokePlanShareLink: {
    grant: 'Egress.Read',
    request: { method: 'DELETE', url: `/v1/plans/${PLAN_ID}/share-links/${SHARE_LINK_ID}` },
    hidden: 'PLAN_NOT_FOUND',
  },
  createJobShareLink: {
    grant: 'Egress.Read',
    request: { method: 'POST', url: `/v1/jobs/${JOB_ID}/share-links` },
    hidden: 'JOB_NOT_FOUND',
  },
  listJobShareLinks: {
    grant: 'Egress.Read',
    request: { method: 'GET', url: `/v1/jobs/${JOB_ID}/share-links` },
    hidden: 'JOB_NOT_FOUND',
  },
  revokeJobShareLink: {
    grant: 'Egress.Read',
    request: { method: 'DELETE', url: `/v1/jobs/${JOB_ID}/share-links/${SHARE_LINK_ID}` },
    hidden: 'JOB_NOT_FOUND',
  },
  createEventTicket: {
    grant: 'Egress.Read',
    request: { method: 'POST', url: `/v1/jobs/${JOB_ID}/event-tickets` },
    hidden: 'JOB_NOT_FOUND',
  },
  createJob: {
    grant: 'Egress.Execute',
    request: { method: 'POST', url: '/v1/jobs', payload: { planId: PLAN_ID } },
    hidden: 'PLAN_NOT_FOUND',
  },
  createProbe: {
    grant: 'Egress.Execute',
    request: { method: 'POST', url: '/v1/probes', payload: { cluster: PLAN.cluster } },
    hidden: 'CLUSTER_NOT_FOUND',
  },
  listProbes: { grant: 'Egress.Read', request: { method: 'GET', url: '/v1/probes' }, hidden: null },
  getProbe: {
    grant: 'Egress.Read',
    request: { method: 'GET', url: `/v1/probes/${PROBE_ID}` },
    hidden: 'PROBE_NOT_FOUND',
  },
  listJobs: { grant: 'Egress.Read', request: { method: 'GET', url: '/v1/jobs' }, hidden: null },
  getJob: {
    grant: 'Egress.Read',
    request: { method: 'GET', url: `/v1/jobs/${JOB_ID}` },
    hidden: 'JOB_NOT_FOUND',
  },
  getJobIpChanges: {
    grant: 'Egress.Read',
    request: { method: 'GET', url: `/v1/jobs/${JOB_ID}/ip-changes` },
    hidden: 'JOB_NOT_FOUND',
  },
  listJobEvents: {
    grant: 'Egress.Read',
    request: { method: 'GET', url: `/v1/jobs/${JOB_ID}/events` },
    hidden: 'JOB_NOT_FOUND',
  },
  cancelJob: {
    grant: 'Egress.Execute',
    request: { method: 'POST', url: `/v1/jobs/${JOB_ID}/cancellation` },
    hidden: 'JOB_NOT_FOUND',
  },
  rescheduleJob: {
    grant: 'Egress.Execute',
    request: { method: 'PATCH', url: `/v1/jobs/${JOB_ID}`, payload: { notBefore: null } },
    hidden: 'JOB_NOT_FOUND',
  },
  releaseJob: {
    grant: 'Egress.Execute',
    request: { method: 'POST', url: `/v1/jobs/${JOB_ID}/release` },
    hidden: 'JOB_NOT_FOUND',
  },
  createRollbackPlan: {
    grant: 'Egress.Plan',
    request: { method: 'POST', url: `/v1/jobs/${JOB_ID}/rollback-plan` },
    hidden: 'JOB_NOT_FOUND',
  },
  createCleanUpPlan: {
    grant: 'Egress.Plan',
    request: { method: 'POST', url: `/v1/jobs/${JOB_ID}/clean-up-plan` },
    hidden: 'JOB_NOT_FOUND',
  },
  createReconcilePlan: {
    grant: 'Egress.Plan',
    request: { method: 'POST', url: `/v1/jobs/${JOB_ID}/reconcile-plan` },
    hidden: 'JOB_NOT_FOUND',
  },
  createCampaign: {
    grant: 'Egress.Execute',
    request: {
      method: 'POST',
      url: '/v1/campaigns',
      payload: {
        name: 'One cluster',
        select: {
          ids: [CLUSTER_ID],
        },
        target: { outboundType: 'managedNATGateway' },
        waves: [{}],
      },
    },
    hidden: null,
  },
  listCampaigns: { grant: 'Egress.Read', request: { method: 'GET', url: '/v1/campaigns' }, hidden: null },
  getCampaign: { grant: 'Egress.Read', request: { method: 'GET', url: CAMPAIGN }, hidden: null },
  getCampaignPlanning: {
    grant: 'Egress.Read',
    request: { method: 'GET', url: `${CAMPAIGN}/planning` },
    hidden: null,
  },
  getCampaignIpChanges: {
    grant: 'Egress.Read',
    request: { method: 'GET', url: `${CAMPAIGN}/ip-changes` },
    hidden: null,
  },
  listCampaignMembers: {
    grant: 'Egress.Read',
    request: { method: 'GET', url: `${CAMPAIGN}/members` },
    hidden: null,
  },
  listCampaignEvents: {
    grant: 'Egress.Read',
    request: { method: 'GET', url: `${CAMPAIGN}/events` },
    hidden: null,
  },
  createCampaignEventTicket: {
    grant: 'Egress.Read',
    request: { method: 'POST', url: `${CAMPAIGN}/event-tickets` },
    hidden: null,
  },
  actOnCampaign: {
    grant: 'Egress.Execute',
    request: { method: 'POST', url: `${CAMPAIGN}/actions`, payload: { action: 'pause' } },
    hidden: null,
  },
  listAudit: { grant: 'Egress.Audit', request: { method: 'GET', url: '/v1/audit' }, hidden: null },
  createWebhook: {
    grant: 'Egress.Read',
    request: { method: 'POST', url: '/v1/webhooks', payload: { url: 'https://portal.example.com/' } },
    hidden: null,
  },
  listWebhooks: { grant: 'Egress.Read', request: { method: 'GET', url: '/v1/webhooks' }, hidden: null },
  getWebhook: { grant: 'Egress.Read', request: { method: 'GET', url: WEBHOOK }, hidden: null },
  updateWebhook: {
    grant: 'Egress.Read',
    request: { method: 'PATCH', url: WEBHOOK, payload: { status: 'disabled' } },
    hidden: null,
  },
  deleteWebhook: { grant: 'Egress.Read', request: { method: 'DELETE', url: WEBHOOK }, hidden: null },
  rotateWebhookSecret: {
    grant: 'Egress.Read',
    request: { method: 'POST', url: `${WEBHOOK}/secret-rotation` },
    hidden: null,
  },
  pingWebhook: { grant: 'Egress.Read', request: { method: 'POST', url: `${WEBHOOK}/ping` }, hidden: null },
  listDeliveries: {
    grant: 'Egress.Read',
    request: { method: 'GET', url: `${WEBHOOK}/deliveries` },
    hidden: null,
  },
  getDelivery: {
    grant: 'Egress.Read',
    request: { method: 'GET', url: `${WEBHOOK}/deliveries/${DELIVERY_ID}` },
    hidden: null,
  },
  replayDeliveries: {
    grant: 'Egress.Read',
    request: { method: 'POST', url: `${WEBHOOK}/replays`, payload: { deliveryId: DELIVERY_ID } },
    hidden: null,
  },
  getMetrics: { grant: 'Egress.Read', request: { method: 'GET', url: '/metrics' }, hidden: null },
}
