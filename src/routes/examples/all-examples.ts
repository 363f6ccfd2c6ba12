import { toServerSentEvent } from '../conditional/event-stream.ts'
import { exampleProblem, PROBLEM_CODES, problemKind } from '../problems/problems.ts'
import {
  APPROVAL_REQUEST_EXAMPLES,
  EXAMPLE_APPROVAL,
  EXAMPLE_APPROVALS,
  EXAMPLE_AUDIT_RECORD,
  EXAMPLE_JOB,
  EXAMPLE_JOB_LOG_ENTRY,
} from './jobs.ts'
import {
  EXAMPLE_EGRESS_REPORT,
  EXAMPLE_HTML,
  EXAMPLE_IP_CHANGES,
  EXAMPLE_IP_CHANGES_CSV,
  EXAMPLE_MARKDOWN,
  EXAMPLE_PLAN,
  EXAMPLE_PLAN_SUMMARY,
  EXAMPLE_TRANSITION,
  JOB_REQUEST_EXAMPLES,
  PLAN_REQUEST_EXAMPLES,
} from './plans.ts'
import {
  EXAMPLE_DELIVERY,
  EXAMPLE_DELIVERY_WITH_PAYLOAD,
  EXAMPLE_MESSAGE,
  EXAMPLE_WEBHOOK,
  EXAMPLE_WEBHOOK_WITH_SECRET,
  REPLAY_REQUEST_EXAMPLES,
  SECRET_ROTATION_EXAMPLES,
  WEBHOOK_REQUEST_EXAMPLES,
  WEBHOOK_UPDATE_EXAMPLES,
} from './webhooks.ts'

/** Good answers by the name that the OpenAPI document lists them under. */
const RESPONSE_EXAMPLES = {
  approval: EXAMPLE_APPROVAL,
  approvals: EXAMPLE_APPROVALS,
  audit: { items: [EXAMPLE_AUDIT_RECORD], next: null },
  deliveries: { items: [EXAMPLE_DELIVERY], next: null },
  delivery: EXAMPLE_DELIVERY,
  deliveryWithPayload: EXAMPLE_DELIVERY_WITH_PAYLOAD,
  egressReport: EXAMPLE_EGRESS_REPORT,
  health: { status: 'ok', azure: 'simulated' },
  ipChanges: EXAMPLE_IP_CHANGES,
  ipChangesCsv: EXAMPLE_IP_CHANGES_CSV,
  job: EXAMPLE_JOB,
  jobEventStream: `retry: 2000\n\n${toServerSentEvent(EXAMPLE_JOB_LOG_ENTRY)}`,
  jobEvents: { items: [EXAMPLE_JOB_LOG_ENTRY], next: null },
  jobs: { items: [EXAMPLE_JOB], next: null },
  plan: EXAMPLE_PLAN,
  planHtml: EXAMPLE_HTML,
  planMarkdown: EXAMPLE_MARKDOWN,
  plans: { items: [EXAMPLE_PLAN_SUMMARY], next: null },
  problem: problemKind('PLAN_STALE'),
  problems: { items: [problemKind('PLAN_STALE')], next: null },
  readiness: { status: 'ready', checks: [{ name: 'database', ok: true }] },
  replayed: { replayed: 3 },
  transitions: { items: [EXAMPLE_TRANSITION], next: null },
  webhook: EXAMPLE_WEBHOOK,
  webhookMessage: EXAMPLE_MESSAGE,
  webhookWithSecret: EXAMPLE_WEBHOOK_WITH_SECRET,
  webhooks: { items: [EXAMPLE_WEBHOOK], next: null },
}
export type ResponseExample = keyof typeof RESPONSE_EXAMPLES

/** Everything that the document shows as an example, as its `components.examples`. `version` is that of the product. */
export function allExamples(version: string): Record<string, { summary?: string; value: unknown }> {
  const health = { status: 'ok', version, azure: 'simulated' }
  const answers = Object.entries({ ...RESPONSE_EXAMPLES, health }).map(
    ([name, value]) => [name, { value }] as const,
  )
  const problems = PROBLEM_CODES.map((code) => [code, { value: exampleProblem(code) }] as const)
  return Object.fromEntries([
    ...answers,
    ...Object.entries(PLAN_REQUEST_EXAMPLES),
    ...Object.entries(JOB_REQUEST_EXAMPLES),
    ...Object.entries(APPROVAL_REQUEST_EXAMPLES),
    ...Object.entries(WEBHOOK_REQUEST_EXAMPLES),
    ...Object.entries(WEBHOOK_UPDATE_EXAMPLES),
    ...Object.entries(SECRET_ROTATION_EXAMPLES),
    ...Object.entries(REPLAY_REQUEST_EXAMPLES),
    ...problems,
  ])
}
