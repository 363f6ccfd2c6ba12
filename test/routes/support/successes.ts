import type { InjectOptions } from 'fastify'
import {
  APPROVAL_ID,
  CAMPAIGN_ID,
  type Call,
  CLUSTER,
  CLUSTER_ID,
  JOB_ID,
  PLAN_ID,
  PROBE_ID,
  SHARE_LINK_ID,
  SUBSCRIPTION,
  WEBHOOK_ID,
} from './fakes.ts'
import { WEBHOOK_SUCCESSES } from './webhook-successes.ts'

/** A request that an operation answers well, and what it asks of the rooms for that. */
export interface Success {
  operationId: string
  request: InjectOptions
  status: number
  calls: Call[]
  headers?: Record<string, string>
}

const CAMPAIGN = `/v1/campaigns/${CAMPAIGN_ID}`
export const CAMPAIGN_BODY = {
  name: 'One cluster',
  select: { ids: [CLUSTER_ID] },
  target: { outboundType: 'managedNATGateway' },
  waves: [{}],
}
const ANYBODY = { name: 'anonymous', owner: { id: 'anonymous', appId: null, groups: [] } }

export const PLAN_BODY = { cluster: CLUSTER, target: { outboundType: 'managedNATGateway' } }
export const PLANNED = { ...PLAN_BODY, authorizedRanges: 'widen', reason: null }

/** One for every operation; a test holds that none is left out. */
export const SUCCESSES: Success[] = [
  { operationId: 'listTransitions', request: { url: '/v1/transitions' }, status: 200, calls: [] },
  {
    operationId: 'getClusterEgress',
    request: { url: `/v1/clusters/${SUBSCRIPTION}/rg-demo/lb-managed/egress` },
    status: 200,
    calls: [['readEgress', CLUSTER]],
  },
  {
    operationId: 'listClusters',
    request: { url: '/v1/clusters?tag=team%3Dpayments&address=20.1.2.3&sort=-path&limit=5' },
    status: 200,
    calls: [
      [
        'listClusters',
        {
          tag: 'team=payments',
          address: '20.1.2.3',
          sort: '-path',
          limit: 5,
          cursor: null,
          cluster: undefined,
        },
      ],
    ],
    headers: {
      vary: 'Accept',
      link: '</v1/clusters?tag=team%3Dpayments&address=20.1.2.3&sort=-path&limit=5&cursor=bmV4dA>; rel="next"',
    },
  },
  {
    operationId: 'summarizeClusters',
    request: { url: '/v1/clusters/summary' },
    status: 200,
    calls: [['summary']],
  },
  {
    operationId: 'listClusterChanges',
    request: {
      url: '/v1/clusters/changes?kind=diverged&cause=unexplained&changedAfter=2026-09-01T00%3A00%3A00Z&resourceGroup=rg-demo&limit=5',
    },
    status: 200,
    calls: [
      [
        'changes',
        {
          kind: 'diverged',
          cause: 'unexplained',
          changedAfter: new Date('2026-09-01T00:00:00Z'),
          changedBefore: undefined,
          within: { subscriptionId: undefined, resourceGroup: 'rg-demo' },
          limit: 5,
          cursor: null,
        },
      ],
    ],
    headers: { vary: 'Accept' },
  },
  {
    operationId: 'listClusterHistory',
    request: { url: `/v1/clusters/${SUBSCRIPTION}/rg-demo/lb-managed/history?limit=3` },
    status: 200,
    calls: [['history', CLUSTER, { limit: 3, cursor: null }]],
  },
  {
    operationId: 'refreshInventory',
    request: { method: 'POST', url: '/v1/inventory/refresh' },
    status: 202,
    calls: [['requestRefresh', 'anonymous']],
    headers: { location: '/v1/inventory/refreshes/latest' },
  },
  {
    operationId: 'getInventoryRefresh',
    request: { url: '/v1/inventory/refreshes/latest' },
    status: 200,
    calls: [['latestRefresh']],
  },
  {
    operationId: 'compareTargets',
    request: { url: `/v1/clusters/${SUBSCRIPTION}/rg-demo/lb-managed/comparison` },
    status: 200,
    calls: [['compareTargets', CLUSTER]],
  },
  {
    operationId: 'createPlan',
    request: { method: 'POST', url: '/v1/plans', payload: PLAN_BODY },
    status: 201,
    calls: [['makePlan', PLANNED, 'anonymous']],
    headers: { location: `/v1/plans/${PLAN_ID}` },
  },
  {
    operationId: 'listPlans',
    request: { url: `/v1/plans?status=applicable&limit=5&cursor=bmV4dA&cluster=${CLUSTER_ID}` },
    status: 200,
    calls: [['listPlans', { status: 'applicable', limit: 5, cursor: 'bmV4dA', cluster: CLUSTER }]],
  },
  {
    operationId: 'getPlan',
    request: { url: `/v1/plans/${PLAN_ID}` },
    status: 200,
    calls: [['getPlan', PLAN_ID]],
  },
  {
    operationId: 'getIpChanges',
    request: { url: `/v1/plans/${PLAN_ID}/ip-changes` },
    status: 200,
    calls: [['getPlan', PLAN_ID]],
    headers: { vary: 'Accept' },
  },
  {
    operationId: 'discardPlan',
    request: { method: 'DELETE', url: `/v1/plans/${PLAN_ID}` },
    status: 204,
    calls: [['discardPlan', PLAN_ID]],
  },
  {
    operationId: 'createJob',
    request: {
      method: 'POST',
      url: '/v1/jobs',
      payload: { planId: PLAN_ID, acknowledge: ['EGRESS_IP_LOST'], onFailure: 'stop', reason: 'CHG-1' },
    },
    status: 202,
    calls: [
      [
        'accept',
        {
          planId: PLAN_ID,
          acknowledge: ['EGRESS_IP_LOST'],
          reason: 'CHG-1',
          by: 'anonymous',
          onFailure: 'stop',
          holdBeforeCutOver: false,
          onlyOnce: false,
          schedule: null,
          webhook: null,
        },
      ],
    ],
    headers: {
      location: `/v1/jobs/${JOB_ID}`,
      'operation-location': `http://localhost:80/v1/jobs/${JOB_ID}`,
      'retry-after': '1',
    },
  },
  {
    operationId: 'createProbe',
    request: {
      method: 'POST',
      url: '/v1/probes',
      payload: { cluster: CLUSTER, endpoints: ['https://example.com:8443/health'], maxNodes: 3 },
    },
    status: 202,
    calls: [
      [
        'acceptProbe',
        { cluster: CLUSTER, endpoints: ['https://example.com:8443/health'], maxNodes: 3, by: 'anonymous' },
      ],
    ],
    headers: { location: `/v1/probes/${PROBE_ID}`, 'retry-after': '1' },
  },
  {
    operationId: 'listProbes',
    request: { url: '/v1/probes?status=Running' },
    status: 200,
    calls: [['listProbes', { status: 'Running', limit: 20, cursor: null, cluster: undefined }]],
  },
  {
    operationId: 'getProbe',
    request: { url: `/v1/probes/${PROBE_ID}` },
    status: 200,
    calls: [['getProbe', PROBE_ID]],
  },
  {
    operationId: 'listJobs',
    request: { url: `/v1/jobs?planId=${PLAN_ID.toUpperCase()}&status=Running&hold=Held` },
    status: 200,
    calls: [
      [
        'list',
        { planId: PLAN_ID, status: 'Running', hold: 'Held', limit: 20, cursor: null, cluster: undefined },
      ],
    ],
  },
  {
    operationId: 'getJob',
    request: { url: `/v1/jobs/${JOB_ID}` },
    status: 200,
    calls: [['get', JOB_ID]],
    headers: { 'retry-after': '1' },
  },
  {
    operationId: 'getJobIpChanges',
    request: { url: `/v1/jobs/${JOB_ID}/ip-changes` },
    status: 200,
    calls: [
      ['getOutcome', JOB_ID],
      ['getPlan', PLAN_ID],
    ],
    headers: { vary: 'Accept' },
  },
  {
    operationId: 'listJobEvents',
    request: { url: `/v1/jobs/${JOB_ID}/events?after=7&limit=2` },
    status: 200,
    calls: [
      ['getVersion', JOB_ID],
      ['log', JOB_ID, 7, 2],
    ],
  },
  {
    operationId: 'rescheduleJob',
    request: { method: 'PATCH', url: `/v1/jobs/${JOB_ID}`, payload: { giveUpAt: null, reason: 'CHG-1' } },
    status: 200,
    calls: [['reschedule', JOB_ID, 'anonymous', { giveUpAt: null, reason: 'CHG-1' }]],
    headers: { location: `/v1/jobs/${JOB_ID}`, 'retry-after': '1' },
  },
  {
    operationId: 'releaseJob',
    request: { method: 'POST', url: `/v1/jobs/${JOB_ID}/release`, payload: { reason: 'All are told.' } },
    status: 202,
    calls: [['release', JOB_ID, 'anonymous', 'All are told.']],
    headers: {
      location: `/v1/jobs/${JOB_ID}`,
      'operation-location': `http://localhost:80/v1/jobs/${JOB_ID}`,
      'retry-after': '1',
    },
  },
  {
    operationId: 'cancelJob',
    request: { method: 'POST', url: `/v1/jobs/${JOB_ID}/cancellation` },
    status: 202,
    calls: [['cancel', JOB_ID, 'anonymous', false]],
    headers: {
      location: `/v1/jobs/${JOB_ID}`,
      'operation-location': `http://localhost:80/v1/jobs/${JOB_ID}`,
      'retry-after': '1',
    },
  },
  {
    operationId: 'createRollbackPlan',
    request: { method: 'POST', url: `/v1/jobs/${JOB_ID}/rollback-plan`, payload: {} },
    status: 201,
    calls: [['makeRollbackPlan', JOB_ID, 'anonymous']],
    headers: { location: `/v1/plans/${PLAN_ID}` },
  },
  {
    operationId: 'createCleanUpPlan',
    request: { method: 'POST', url: `/v1/jobs/${JOB_ID}/clean-up-plan` },
    status: 201,
    calls: [['makeCleanupPlan', JOB_ID, 'anonymous']],
    headers: { location: `/v1/plans/${PLAN_ID}` },
  },
  {
    operationId: 'createReconcilePlan',
    request: { method: 'POST', url: `/v1/jobs/${JOB_ID}/reconcile-plan` },
    status: 201,
    calls: [['makeReconcilePlan', JOB_ID, 'anonymous']],
    headers: { location: `/v1/plans/${PLAN_ID}` },
  },
  {
    operationId: 'listApprovals',
    request: { url: `/v1/plans/${PLAN_ID}/approvals` },
    status: 200,
    calls: [['listApprovals', PLAN_ID]],
  },
  {
    operationId: 'approvePlan',
    request: { method: 'POST', url: `/v1/plans/${PLAN_ID}/approvals`, payload: { reason: 'CHG-1' } },
    status: 201,
    calls: [['approve', PLAN_ID, 'CHG-1']],
    headers: { location: `/v1/plans/${PLAN_ID}/approvals/${APPROVAL_ID}` },
  },
  {
    operationId: 'withdrawApproval',
    request: { method: 'DELETE', url: `/v1/plans/${PLAN_ID}/approvals/${APPROVAL_ID}` },
    status: 204,
    calls: [['withdraw', PLAN_ID, APPROVAL_ID]],
  },
  {
    operationId: 'createPlanShareLink',
    request: {
      method: 'POST',
      url: `/v1/plans/${PLAN_ID}/share-links`,
      payload: { expiresInMinutes: 480, reason: 'CHG-1' },
    },
    status: 201,
    calls: [['share', { planId: PLAN_ID }, ANYBODY, { expiresInMinutes: 480, reason: 'CHG-1' }]],
    headers: {
      location: `/v1/plans/${PLAN_ID}/share-links/${SHARE_LINK_ID}`,
      'cache-control': 'no-store',
    },
  },
  {
    operationId: 'listPlanShareLinks',
    request: { url: `/v1/plans/${PLAN_ID}/share-links` },
    status: 200,
    calls: [['listLinks', { planId: PLAN_ID }]],
  },
  {
    operationId: 'revokePlanShareLink',
    request: { method: 'DELETE', url: `/v1/plans/${PLAN_ID}/share-links/${SHARE_LINK_ID}` },
    status: 204,
    calls: [['revoke', { planId: PLAN_ID }, ANYBODY, SHARE_LINK_ID]],
  },
  {
    operationId: 'createJobShareLink',
    request: { method: 'POST', url: `/v1/jobs/${JOB_ID}/share-links` },
    status: 201,
    calls: [['share', { jobId: JOB_ID }, ANYBODY, { reason: null }]],
  },
  {
    operationId: 'listJobShareLinks',
    request: { url: `/v1/jobs/${JOB_ID}/share-links` },
    status: 200,
    calls: [['listLinks', { jobId: JOB_ID }]],
  },
  {
    operationId: 'revokeJobShareLink',
    request: { method: 'DELETE', url: `/v1/jobs/${JOB_ID}/share-links/${SHARE_LINK_ID}` },
    status: 204,
    calls: [['revoke', { jobId: JOB_ID }, ANYBODY, SHARE_LINK_ID]],
  },
  {
    operationId: 'createEventTicket',
    request: { method: 'POST', url: `/v1/jobs/${JOB_ID}/event-tickets` },
    status: 201,
    calls: [['issueTicket', { jobId: JOB_ID }, ANYBODY]],
    headers: { 'cache-control': 'no-store' },
  },
  { operationId: 'getMe', request: { url: '/v1/me' }, status: 200, calls: [] },
  {
    operationId: 'listAudit',
    request: {
      url: `/v1/audit?actor=ada&operation=createJob&planId=${PLAN_ID}&jobId=${JOB_ID}&webhookId=${WEBHOOK_ID}&from=2026-09-01T00:00:00Z&to=2026-09-02T00:00:00%2B02:00&cluster=${CLUSTER_ID}&limit=5`,
    },
    status: 200,
    calls: [
      [
        'listAudit',
        {
          actor: 'ada',
          operation: 'createJob',
          planId: PLAN_ID,
          jobId: JOB_ID,
          webhookId: WEBHOOK_ID,
          from: '2026-09-01T00:00:00Z',
          to: '2026-09-02T00:00:00+02:00',
          limit: 5,
          cursor: null,
          cluster: CLUSTER,
        },
      ],
    ],
  },
  {
    operationId: 'createCampaign',
    request: { method: 'POST', url: '/v1/campaigns', payload: CAMPAIGN_BODY },
    status: 201,
    calls: [['createCampaign', { request: CAMPAIGN_BODY, clusters: [CLUSTER] }, 'anonymous']],
    headers: { location: CAMPAIGN },
  },
  {
    operationId: 'listCampaigns',
    request: { url: '/v1/campaigns?status=Running&limit=5' },
    status: 200,
    calls: [['listCampaigns', { status: 'Running', limit: 5, cursor: null }]],
  },
  {
    operationId: 'getCampaign',
    request: { url: CAMPAIGN },
    status: 200,
    calls: [['getCampaign', CAMPAIGN_ID, undefined]],
  },
  {
    operationId: 'getCampaignPlanning',
    request: { url: `${CAMPAIGN}/planning` },
    status: 200,
    calls: [['campaignPlanning', CAMPAIGN_ID, undefined]],
  },
  {
    operationId: 'getCampaignIpChanges',
    request: { url: `${CAMPAIGN}/ip-changes` },
    status: 200,
    calls: [['campaignIpChanges', CAMPAIGN_ID, undefined]],
  },
  {
    operationId: 'listCampaignMembers',
    request: { url: `${CAMPAIGN}/members?status=Failed&wave=2` },
    status: 200,
    calls: [['listMembers', { campaignId: CAMPAIGN_ID, status: 'Failed', wave: 1, limit: 20, cursor: null }]],
  },
  {
    operationId: 'listCampaignEvents',
    request: { url: `${CAMPAIGN}/events?after=2&limit=3` },
    status: 200,
    calls: [['campaignLog', CAMPAIGN_ID, 2, 4, undefined]],
  },
  {
    operationId: 'createCampaignEventTicket',
    request: { method: 'POST', url: `${CAMPAIGN}/event-tickets` },
    status: 201,
    calls: [
      ['listMembers', { campaignId: CAMPAIGN_ID, limit: 1, cursor: null }],
      ['issueTicket', { campaignId: CAMPAIGN_ID }, ANYBODY],
    ],
    headers: { 'cache-control': 'no-store' },
  },
  {
    operationId: 'actOnCampaign',
    request: { method: 'POST', url: `${CAMPAIGN}/actions`, payload: { action: 'releaseGate', wave: 2 } },
    status: 200,
    calls: [['act', CAMPAIGN_ID, { action: 'releaseGate', wave: 2 }, 'anonymous']],
  },
  ...WEBHOOK_SUCCESSES,
  { operationId: 'getHealth', request: { url: '/healthz' }, status: 200, calls: [] },
  { operationId: 'getReadiness', request: { url: '/readyz' }, status: 200, calls: [] },
  { operationId: 'listFindings', request: { url: '/findings?severity=blocker' }, status: 200, calls: [] },
  { operationId: 'getFinding', request: { url: '/findings/EGRESS_IP_LOST' }, status: 200, calls: [] },
  { operationId: 'listProblems', request: { url: '/problems' }, status: 200, calls: [] },
  { operationId: 'getProblem', request: { url: '/problems/plan-stale' }, status: 200, calls: [] },
]
