import type { DomainErrorFacts } from '../../core/lib/errors.ts'
import { factList, factText, type ProblemRecord, withPrefix } from './problem-record.ts'

const ID = '01990000-0000-7000-8000-000000000001'

/** Why a webhook is disabled, by the fact `because`. */
const DISABLING_REASONS: Record<string, string> = {
  OWNER: 'its owner disabled it',
  GONE: 'its receiver returned 410',
  FAILING: 'all attempts to deliver a message failed',
}

const ENABLE_WEBHOOK = 'Set `status` to `enabled` with `PATCH /v1/webhooks/{webhookId}`.'

const AFTER_JOB =
  'Wait until the job ends, or cancel the job with `POST /v1/jobs/{jobId}/cancellation`, then retry. A canceled job stops before its next step and reverts nothing.'

/** Conflicts with the state of plans, jobs, webhooks and clusters (409). */
export const STATE_PROBLEMS = {
  PLAN_BLOCKED: {
    status: 409,
    title: 'Plan is blocked',
    detail: (facts) =>
      `The plan is blocked${withPrefix(' by ', factList(facts.codes))} and cannot be executed.`,
    remedy: "Follow the remedy of each blocker in the plan's findings, then create a new plan.",
    example: { codes: ['TRANSITION_NOT_SUPPORTED'] },
  },
  PLAN_NO_CHANGE: {
    status: 409,
    title: 'Plan changes nothing',
    detail: () => 'The cluster is already in the target state of the plan, so there is nothing to execute.',
    remedy:
      'Create a plan with a different target if you want to change the cluster. Otherwise, no action is required.',
    example: {},
  },
  PLAN_STALE: {
    status: 409,
    title: 'Plan is stale',
    detail: (facts) =>
      `The cluster or its network has changed since the plan was created${withPrefix('; changed: ', differingPaths(facts.differences))}.`,
    remedy:
      'Create a new plan, and review it: its effects may differ from those of the stale plan. Then execute the new plan.',
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
    remedy: 'Create a new plan, which shows the current state of the cluster.',
    example: { expiresAt: '2026-09-01T01:00:00.000Z' },
  },
  PLAN_ALREADY_EXECUTED: {
    status: 409,
    title: 'Plan already has a job',
    detail: (facts) =>
      `This plan already has a job${withPrefix(': ', factText(facts.jobId))}. A plan can have another job only if the earlier job was canceled before it began, and the new request does not set \`onlyOnce\`.`,
    remedy:
      'Read the existing job with `GET /v1/jobs/{jobId}`. To change the cluster again, create a new plan.',
    example: { jobId: ID },
  },
  PLAN_DISCARDED: {
    status: 409,
    title: 'Plan is discarded',
    detail: () => 'The plan was discarded.',
    remedy: 'Create a new plan.',
    example: {},
  },
  PLAN_IN_USE: {
    status: 409,
    title: 'Plan is in use',
    detail: (facts) =>
      `${withPrefix('Job ', factText(facts.jobId)) || 'A job'} executes or has executed the plan. Such a plan cannot be discarded. Its approval can be withdrawn only until the cutover begins or the job ends, whichever is first.`,
    remedy:
      'Read the job with `GET /v1/jobs/{jobId}`. To stop a running job before its next step, cancel the job with `POST /v1/jobs/{jobId}/cancellation`.',
    example: { jobId: ID },
  },
  PLAN_FOR_OTHER_AZURE: {
    status: 409,
    title: 'Plan is for another Azure mode',
    detail: (facts) =>
      `The plan was created with ${withPrefix('AZURE_MODE=', factText(facts.planned)) || 'another AZURE_MODE'}, but this service runs with ${withPrefix('AZURE_MODE=', factText(facts.here)) || 'a different AZURE_MODE'}.`,
    remedy: 'Create a new plan.',
    example: { planned: 'simulated', here: 'azure' },
  },
  ACKNOWLEDGEMENT_MISSING: {
    status: 409,
    title: 'Acknowledgement missing',
    detail: ({ codes, members }) =>
      members === undefined
        ? `The plan has findings that require acknowledgement and are not in \`acknowledge\`${withPrefix(': ', factList(codes))}.`
        : `The plans of the members ${factList(members)} have findings that require acknowledgement and are not in \`acknowledge\`: ${factList(codes)}.`,
    remedy: 'Read these findings in the plan, then list each code in `acknowledge`.',
    example: { codes: ['EGRESS_IP_LOST'] },
  },
  APPROVAL_MISSING: {
    status: 409,
    title: 'Approval missing',
    detail: () =>
      'A plan for this cluster requires the approval of a person who neither created the plan nor executes it. The plan has no such approval.',
    remedy:
      'Ask a second person to approve the plan with `POST /v1/plans/{planId}/approvals`, then retry the request.',
    example: { planId: ID, given: 0 },
  },
  APPROVAL_WINDOW_CLOSED: {
    status: 409,
    title: 'Approval window has ended',
    detail: (facts) =>
      `The plan could be approved until ${factText(facts.approvableUntil) || 'the end of its approval window'}.`,
    remedy:
      'Create a new plan, which shows the current state of the cluster, and approve that plan in time. The operator sets the length of the approval window with `APPROVAL_TTL_MINUTES`.',
    example: { planId: ID, approvableUntil: '2026-09-02T00:00:00.000Z' },
  },
  CLUSTER_LOCKED: {
    status: 409,
    title: 'Cluster is locked',
    detail: (facts) =>
      `${withPrefix('Job ', factText(facts.holderJobId)) || 'Another job'} holds the lock of this cluster. A cluster can have only one job at a time.`,
    remedy: 'Wait until that job ends, then create a new plan for this cluster.',
    example: { holderJobId: ID },
  },
  JOB_ALREADY_FINISHED: {
    status: 409,
    title: 'Job has already ended',
    detail: (facts) => `The job has already ended${withPrefix(' with status ', factText(facts.status))}.`,
    remedy:
      'Read `actions` of the job: it shows whether you can create a rollback plan. A job that has ended cannot be stopped.',
    example: { status: 'Succeeded' },
  },
  JOB_ALREADY_BEGUN: {
    status: 409,
    title: 'Job has begun',
    detail: () => 'The job has begun or was canceled, so its schedule cannot change.',
    remedy:
      'Poll the job. To stop a running job before its next step, cancel the job with `POST /v1/jobs/{jobId}/cancellation`.',
    example: { jobId: ID },
  },
  JOB_NOT_HELD: {
    status: 409,
    title: 'Job cannot be released',
    detail: (facts) => `The job has no hold to release${withPrefix(': ', factText(facts.reason))}.`,
    remedy:
      'Poll the job until it ends. The job continues without a release. To hold another job before its cutover, create that job with `holdBeforeCutOver`.',
    example: { jobId: ID, reason: 'it was created without a hold' },
  },
  HOLD_NOT_POSSIBLE: {
    status: 409,
    title: 'Nothing to hold',
    detail: (facts) =>
      `The plan has no step that moves traffic, so a job cannot be held before its cutover${withPrefix('. ', factText(facts.reason).replace(/\.$/, ''))}.`,
    remedy: 'Omit `holdBeforeCutOver`. The field `cutOver` of the plan states why no step moves traffic.',
    example: { planId: ID, reason: 'The plan changes nothing.' },
  },
  ROLLBACK_NOT_AVAILABLE: {
    status: 409,
    title: 'Rollback not available',
    detail: (facts) => `No rollback is available${withPrefix(': ', factText(facts.reason))}.`,
    remedy:
      'Read the reason in `detail`. Then read `rollback` of the plan: it shows whether AKS supports the rollback, and which paths lead back through other outbound types.',
    remedyFor: rollbackRemedy,
    example: {
      cause: 'unsupported',
      reason: 'AKS does not support the change from managedNATGatewayV2 to loadBalancer',
      routes: [],
    },
  },
  CLEAN_UP_NOT_AVAILABLE: {
    status: 409,
    title: 'Cleanup plan not available',
    detail: (facts) => `No cleanup plan can be created for this job because ${whyNoFollowUp(facts)}.`,
    remedy: `${AFTER_JOB} A job that ended before its first step needs no cleanup plan.`,
    remedyFor: (facts) => followUpRemedy(facts, 'cleanup'),
    example: { status: 'Running' },
  },
  RECONCILE_NOT_AVAILABLE: {
    status: 409,
    title: 'Reconcile plan not available',
    detail: (facts) => `No reconcile plan can be created for this job because ${whyNoFollowUp(facts)}.`,
    remedy: `${AFTER_JOB} A job that ended before its first step needs no reconcile plan.`,
    remedyFor: (facts) => followUpRemedy(facts, 'reconcile'),
    example: { status: 'Running' },
  },
  WEBHOOK_DISABLED: {
    status: 409,
    title: 'Webhook is disabled',
    detail: (facts) =>
      `The webhook is disabled and receives no messages${withPrefix(': ', DISABLING_REASONS[factText(facts.because)] ?? '')}.`,
    remedy: ENABLE_WEBHOOK,
    remedyFor: ({ because }) =>
      because === 'GONE'
        ? `Make sure that the receiver no longer returns 410. Then s${ENABLE_WEBHOOK.slice(1)}`
        : because === 'FAILING'
          ? `Fix the receiver. Then s${ENABLE_WEBHOOK.slice(1)}`
          : undefined,
    example: { webhookId: ID, because: 'GONE' },
  },
  SHARE_LINK_LIMIT_REACHED: {
    status: 409,
    title: 'Too many share links',
    detail: (facts) =>
      `The plan or job has reached ${withPrefix('the limit of ', factText(facts.limit)) || 'its limit of'} share links that have not expired.`,
    remedy:
      'Use an existing share link, or wait until a link expires. Revoked links count until they expire.',
    example: { limit: 50 },
  },
  WEBHOOK_LIMIT_REACHED: {
    status: 409,
    title: 'Too many webhooks',
    detail: (facts) =>
      `The caller has reached ${withPrefix('the limit of ', factText(facts.limit)) || 'its limit of'} webhooks.`,
    remedy:
      'Delete webhooks that are no longer needed, or subscribe an existing webhook to more events or clusters.',
    example: { limit: 50 },
  },
  IDEMPOTENCY_KEY_IN_USE: {
    status: 409,
    title: 'Same request in progress',
    retryAfterSeconds: 2,
    detail: () => 'A request with the same `Idempotency-Key` is in progress.',
    remedy:
      'Send the request again after the number of seconds in the header `Retry-After`. The service then returns the response to the first request.',
    example: {},
  },
} as const satisfies Record<string, ProblemRecord>

function differingPaths(fact: Parameters<typeof factList>[0]): string {
  if (!Array.isArray(fact)) return ''
  const paths = fact.map((entry) => (typeof entry === 'object' && 'path' in entry ? String(entry.path) : ''))
  return factList(paths.filter((path) => path !== ''))
}

/** Why a job has no cleanup plan or reconcile plan. */
function whyNoFollowUp(facts: DomainErrorFacts): string {
  if (!isEnded(facts)) return 'the job has not ended'
  return facts.hasBegun === true
    ? 'the plan of the job does not record the former outbound type'
    : 'the job ended before its first step and changed nothing'
}

function followUpRemedy(facts: DomainErrorFacts, name: string): string {
  if (!isEnded(facts)) return AFTER_JOB
  return facts.hasBegun === true
    ? 'Remove leftover resources of the job manually.'
    : `Create no ${name} plan: the job changed nothing.`
}

function isEnded({ status }: DomainErrorFacts): boolean {
  return ['Succeeded', 'Failed', 'Canceled'].includes(factText(status))
}

/** The remedy for the reason why a job or plan has no rollback. */
function rollbackRemedy({ cause, routes }: DomainErrorFacts): string | undefined {
  switch (cause) {
    case 'unsupported':
      return Array.isArray(routes) && routes.length > 0
        ? 'Return to the former outbound type in several changes, with another outbound type in between. In this response, `facts.routes` lists the possible sequences. Create and execute a separate plan for each change.'
        : 'Keep the current outbound type, or create a plan for another outbound type. AKS supports no path back to the former outbound type.'
    case 'formerUnknown':
      return 'Create a plan for the outbound type that the cluster should have.'
    case 'cleanup':
      return 'Undo the steps of the cleanup manually. The field `undo` of each step in the plan states how.'
    case 'typeKept':
      return 'Undo the steps of the job manually. The field `undo` of each step in the plan states how.'
    case 'unchanged':
      return 'Keep the outbound type. If the job created or attached resources, create a cleanup plan with `POST /v1/jobs/{jobId}/clean-up-plan`.'
    case 'reverted':
      return 'Keep the outbound type: the job has already reverted the change. If the job created or attached resources, create a cleanup plan with `POST /v1/jobs/{jobId}/clean-up-plan`.'
    case 'notEnded':
      return AFTER_JOB
    case 'noAutomaticRollback':
      return 'Omit `onFailure`. If a step fails, the job then ends and leaves the cluster as it is.'
    default:
      return undefined
  }
}
