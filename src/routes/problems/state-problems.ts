import { factList, factText, type ProblemRecord, withPrefix } from './problem-record.ts'

const ID = '01990000-0000-7000-8000-000000000001'

/** What does not exist (404), and what the state of plans, jobs, webhooks and clusters forbids (409). */
export const STATE_PROBLEMS = {
  CLUSTER_NOT_FOUND: {
    status: 404,
    title: 'Cluster not found',
    detail: (facts) =>
      `There is no cluster${withPrefix(' ', factText(facts.name))}${withPrefix(' in resource group ', factText(facts.resourceGroup))}${withPrefix(' of subscription ', factText(facts.subscriptionId))}, or this service may not see it.`,
    remedy: 'Check the three names, and that the identity of this service has the Reader role there.',
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
      `There is no subscription${withPrefix(' ', factText(facts.subscriptionId))}, or this service may not see it.`,
    remedy: 'Check the subscription id, and that the identity of this service has the Reader role there.',
    example: { subscriptionId: '22222222-2222-2222-2222-222222222222' },
  },
  PLAN_NOT_FOUND: {
    status: 404,
    title: 'Plan not found',
    detail: (facts) => `There is no plan${withPrefix(' ', factText(facts.planId))}.`,
    remedy: 'GET /v1/plans lists the plans; POST /v1/plans makes one.',
    example: { planId: ID },
  },
  JOB_NOT_FOUND: {
    status: 404,
    title: 'Job not found',
    detail: (facts) => `There is no job${withPrefix(' ', factText(facts.jobId))}.`,
    remedy: 'GET /v1/jobs lists the jobs.',
    example: { jobId: ID },
  },
  APPROVAL_NOT_FOUND: {
    status: 404,
    title: 'Approval not found',
    detail: (facts) => `The plan has no approval${withPrefix(' ', factText(facts.approvalId))}.`,
    remedy: "GET the plan's approvals lists them.",
    example: { planId: ID, approvalId: ID },
  },
  WEBHOOK_NOT_FOUND: {
    status: 404,
    title: 'Webhook not found',
    detail: (facts) => `The caller has no webhook${withPrefix(' ', factText(facts.webhookId))}.`,
    remedy: 'GET /v1/webhooks lists your webhooks; those of others are not told of.',
    example: { webhookId: ID },
  },
  DELIVERY_NOT_FOUND: {
    status: 404,
    title: 'Delivery not found',
    detail: (facts) => `The webhook has no delivery${withPrefix(' ', factText(facts.deliveryId))}.`,
    remedy: "GET the webhook's deliveries lists them; they are kept for 30 days.",
    example: { webhookId: ID, deliveryId: ID },
  },
  PROBLEM_NOT_FOUND: {
    status: 404,
    title: 'Problem not found',
    detail: (facts) => `There is no problem called ${factText(facts.name) || 'so'}.`,
    remedy: 'GET /problems lists all of them.',
    example: { name: 'no-such-problem' },
  },
  ROUTE_NOT_FOUND: {
    status: 404,
    title: 'Nothing here',
    detail: (facts) => `There is nothing at ${factText(facts.path) || 'this path'}.`,
    remedy: 'GET /openapi.json lists every operation; /docs shows them.',
    example: { path: '/v1/plan' },
  },
  PLAN_BLOCKED: {
    status: 409,
    title: 'Plan is blocked',
    detail: (facts) =>
      `The plan is blocked${withPrefix(' by ', factList(facts.codes))}, so it cannot be executed.`,
    remedy: "Follow the remedy of each blocker in the plan's findings, then make a new plan.",
    example: { codes: ['TRANSITION_NOT_SUPPORTED'] },
  },
  PLAN_NO_CHANGE: {
    status: 409,
    title: 'Plan changes nothing',
    detail: () => 'The cluster is already as the plan wants it; there is nothing to execute.',
    remedy: 'Nothing needs doing. For another target make another plan.',
    example: {},
  },
  PLAN_STALE: {
    status: 409,
    title: 'Plan is stale',
    detail: (facts) =>
      `The cluster is no longer as it was when the plan was made${withPrefix(': changed is ', differingPaths(facts.differences))}.`,
    remedy: 'Make a new plan, read what is different, and execute that one.',
    example: {
      differences: [
        { path: '/properties/networkProfile/outboundType', planned: 'loadBalancer', found: 'none' },
      ],
    },
  },
  PLAN_EXPIRED: {
    status: 409,
    title: 'Plan has expired',
    detail: (facts) => `The plan expired${withPrefix(' at ', factText(facts.expiresAt))}.`,
    remedy: 'Make a new plan; a plan shows the cluster as it was when it was made.',
    example: { expiresAt: '2026-09-01T01:00:00.000Z' },
  },
  PLAN_ALREADY_EXECUTED: {
    status: 409,
    title: 'Plan is already executed',
    detail: (facts) => `The plan is already executed${withPrefix(' by job ', factText(facts.jobId))}.`,
    remedy: 'Read that job. To change the cluster again make a new plan.',
    example: { jobId: ID },
  },
  PLAN_DISCARDED: {
    status: 409,
    title: 'Plan is discarded',
    detail: () => 'The plan was discarded.',
    remedy: 'Make a new plan.',
    example: {},
  },
  PLAN_IN_USE: {
    status: 409,
    title: 'Plan is in use',
    detail: (facts) =>
      `A job executes or has executed the plan${withPrefix(': job ', factText(facts.jobId))}, so it is kept as its record.`,
    remedy: 'Leave the plan; to stop a running job POST its cancellation.',
    example: { jobId: ID },
  },
  PLAN_FOR_OTHER_AZURE: {
    status: 409,
    title: 'Plan is for another Azure',
    detail: (facts) =>
      `The plan was made for ${factText(facts.planned) || 'another'} Azure, and this service now speaks to ${factText(facts.here) || 'a different one'}.`,
    remedy: 'Make a new plan.',
    example: { planned: 'simulated', here: 'azure' },
  },
  ACKNOWLEDGEMENT_MISSING: {
    status: 409,
    title: 'Acknowledgement missing',
    detail: (facts) =>
      `The plan has consequences that somebody must accept by name${withPrefix(': ', factList(facts.codes))}.`,
    remedy: "Read these findings in the plan, and name each code in the job's acknowledge.",
    example: { codes: ['EGRESS_IP_LOST'] },
  },
  APPROVAL_MISSING: {
    status: 409,
    title: 'Approval missing',
    detail: () =>
      'On this cluster a plan needs an approval that stands, by somebody who neither made it nor executes it.',
    remedy: 'Let a second person POST to /v1/plans/{planId}/approvals, then send the request again.',
    example: { planId: ID, given: 0 },
  },
  CLUSTER_LOCKED: {
    status: 409,
    title: 'Cluster is locked',
    detail: (facts) =>
      `Another job is at work on this cluster${withPrefix(': ', factText(facts.holderJobId))}.`,
    remedy: 'Wait until that job has ended, then make a new plan.',
    example: { holderJobId: ID },
  },
  JOB_ALREADY_FINISHED: {
    status: 409,
    title: 'Job has already ended',
    detail: (facts) => `The job has already ended${withPrefix(' as ', factText(facts.status))}.`,
    remedy: 'Nothing can be stopped any more. The job may offer a rollback plan: see its actions.',
    example: { status: 'Succeeded' },
  },
  JOB_NOT_HELD: {
    status: 409,
    title: 'Job cannot be released',
    detail: (facts) => `There is nothing to release in this job${withPrefix(': ', factText(facts.reason))}.`,
    remedy: 'Poll the job: it goes on by itself. To have one stop, order it with holdBeforeCutOver.',
    example: { jobId: ID, reason: 'it was not ordered with a hold' },
  },
  HOLD_NOT_POSSIBLE: {
    status: 409,
    title: 'Nothing to hold before',
    detail: (facts) =>
      `The plan has no step that moves traffic, so there is nothing to hold before${withPrefix('. ', factText(facts.reason).replace(/\.$/, ''))}.`,
    remedy: 'Leave holdBeforeCutOver out; cutOver of the plan says why nothing moves.',
    example: { planId: ID, reason: 'Nothing is to be changed.' },
  },
  ROLLBACK_NOT_AVAILABLE: {
    status: 409,
    title: 'No way back',
    detail: (facts) => `There is no way back from this job${withPrefix(': ', factText(facts.reason))}.`,
    remedy:
      'Wait for the end of a job that is still running. Of one that has ended see rollback in its plan: it says why, and which routes lead back over other types.',
    example: { reason: 'no edition of the matrix supports it' },
  },
  CLEAN_UP_NOT_AVAILABLE: {
    status: 409,
    title: 'Nothing to clean up now',
    detail: () => 'This job leaves nothing that could be cleaned up now: it has not ended.',
    remedy: 'Wait for its end, or cancel it.',
    example: { status: 'Running' },
  },
  WEBHOOK_DISABLED: {
    status: 409,
    title: 'Webhook is disabled',
    detail: (facts) =>
      `The webhook is disabled${withPrefix(': ', factText(facts.because))}, so nothing is sent to it.`,
    remedy: 'Mend the receiver, then PATCH the webhook with status enabled.',
    example: { webhookId: ID, because: 'GONE' },
  },
  WEBHOOK_LIMIT_REACHED: {
    status: 409,
    title: 'Too many webhooks',
    detail: (facts) => `The caller has ${factText(facts.limit) || 'all'} webhooks, which is the most.`,
    remedy: 'Delete those that nobody needs, or let one webhook be told of more.',
    example: { limit: 50 },
  },
  IDEMPOTENCY_KEY_IN_USE: {
    status: 409,
    title: 'Same request under way',
    retryAfterSeconds: 2,
    detail: () => 'A request with the same Idempotency-Key is being worked on at this moment.',
    remedy:
      'Send it again after the seconds of the header Retry-After: the answer will be that of the first one.',
    example: {},
  },
} as const satisfies Record<string, ProblemRecord>

function differingPaths(fact: Parameters<typeof factList>[0]): string {
  if (!Array.isArray(fact)) return ''
  const paths = fact.map((entry) => (typeof entry === 'object' && 'path' in entry ? String(entry.path) : ''))
  return factList(paths.filter((path) => path !== ''))
}
