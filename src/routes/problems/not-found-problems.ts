import { factText, type ProblemRecord, withPrefix } from './problem-record.ts'

const ID = '01990000-0000-7000-8000-000000000001'

/** Resources that do not exist (404). */
export const NOT_FOUND_PROBLEMS = {
  CLUSTER_NOT_FOUND: {
    status: 404,
    title: 'Cluster not found',
    detail: (facts) =>
      `The cluster${withPrefix(' ', factText(facts.name))}${withPrefix(' in resource group ', factText(facts.resourceGroup))}${withPrefix(' of subscription ', factText(facts.subscriptionId))} does not exist, or the caller has no permission to see it, or this service cannot read it.`,
    remedy:
      'Check the subscription ID, the resource group and the name of the cluster, and your permissions on the cluster. Make sure that the identity of this service has the Reader role on the cluster.',
    example: {
      subscriptionId: '11111111-1111-1111-1111-111111111111',
      resourceGroup: 'rg-demo',
      name: 'no-such-cluster',
    },
  },
  SUBSCRIPTION_NOT_FOUND: {
    status: 404,
    title: 'Subscription not found',
    detail: (facts) =>
      `The subscription${withPrefix(' ', factText(facts.subscriptionId))} does not exist, or this service cannot read it.`,
    remedy:
      'Check the subscription ID. Make sure that the identity of this service has the Reader role on the subscription.',
    example: { subscriptionId: '22222222-2222-2222-2222-222222222222' },
  },
  PLAN_NOT_FOUND: {
    status: 404,
    title: 'Plan not found',
    detail: (facts) =>
      `The plan${withPrefix(' ', factText(facts.planId))} does not exist, or the caller has no permission to see its cluster.`,
    remedy:
      'Find the plan in `GET /v1/plans`, which lists the plans that you have permission to see, or create a plan with `POST /v1/plans`.',
    example: { planId: ID },
  },
  JOB_NOT_FOUND: {
    status: 404,
    title: 'Job not found',
    detail: (facts) =>
      `The job${withPrefix(' ', factText(facts.jobId))} does not exist, or the caller has no permission to see its cluster.`,
    remedy: 'Find the job in `GET /v1/jobs`, which lists the jobs that you have permission to see.',
    example: { jobId: ID },
  },
  REFRESH_NOT_FOUND: {
    status: 404,
    title: 'No refresh yet',
    detail: () => 'The inventory has not been refreshed yet.',
    remedy:
      'Request a refresh with `POST /v1/inventory/refresh`. Unless the operator has set `INVENTORY_REFRESH_MINUTES` to 0, you can also wait for the next automatic refresh.',
    example: {},
  },
  PROBE_NOT_FOUND: {
    status: 404,
    title: 'Probe not found',
    detail: (facts) =>
      `The probe${withPrefix(' ', factText(facts.probeId))} does not exist, or the caller has no permission to see its cluster.`,
    remedy: 'Find the probe in `GET /v1/probes`, which lists the probes that you have permission to see.',
    example: { probeId: ID },
  },
  APPROVAL_NOT_FOUND: {
    status: 404,
    title: 'Approval not found',
    detail: (facts) => `The plan has no approval${withPrefix(' ', factText(facts.approvalId))}.`,
    remedy: 'List the approvals of the plan with `GET /v1/plans/{planId}/approvals`.',
    example: { planId: ID, approvalId: ID },
  },
  SHARE_LINK_NOT_FOUND: {
    status: 404,
    title: 'Share link not found',
    detail: (facts) =>
      `The plan or job has no share link${withPrefix(' ', factText(facts.shareLinkId))}. Expired links are deleted.`,
    remedy:
      'List the share links with `GET /v1/plans/{planId}/share-links` or `GET /v1/jobs/{jobId}/share-links`.',
    example: { shareLinkId: ID },
  },
  WEBHOOK_NOT_FOUND: {
    status: 404,
    title: 'Webhook not found',
    detail: (facts) => `The caller has no webhook${withPrefix(' ', factText(facts.webhookId))}.`,
    remedy: 'List your webhooks with `GET /v1/webhooks`. The list contains only webhooks that you created.',
    example: { webhookId: ID },
  },
  DELIVERY_NOT_FOUND: {
    status: 404,
    title: 'Delivery not found',
    detail: (facts) => `The webhook has no delivery${withPrefix(' ', factText(facts.deliveryId))}.`,
    remedy:
      'List the deliveries of the webhook with `GET /v1/webhooks/{webhookId}/deliveries`. By default, the service deletes deliveries after 30 days.',
    example: { webhookId: ID, deliveryId: ID },
  },
  PROBLEM_NOT_FOUND: {
    status: 404,
    title: 'Unknown problem type',
    detail: (facts) => `The problem type${withPrefix(' ', factText(facts.name))} does not exist.`,
    remedy: 'List all problem types with `GET /problems`.',
    example: { name: 'no-such-problem' },
  },
  FINDING_NOT_FOUND: {
    status: 404,
    title: 'Unknown finding code',
    detail: (facts) => `The finding code${withPrefix(' ', factText(facts.code))} does not exist.`,
    remedy: 'List all finding codes with `GET /findings`.',
    example: { code: 'NO_SUCH_FINDING' },
  },
  ROUTE_NOT_FOUND: {
    status: 404,
    title: 'Not found',
    detail: (facts) => `The path${withPrefix(' ', factText(facts.path))} does not exist.`,
    remedy: 'Find the operation in `GET /openapi.json` or in the Swagger UI at `/docs`.',
    example: { path: '/v1/plan' },
  },
} as const satisfies Record<string, ProblemRecord>
