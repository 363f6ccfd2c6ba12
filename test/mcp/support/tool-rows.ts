import { CLUSTER } from '../../routes/support/access-rows.ts'
import { JOB_ID, PLAN_ID } from '../../routes/support/fakes.ts'

/** Valid arguments for every tool. A tool without a row fails a test. */
export const TOOL_ROWS: Record<string, object> = {
  find_clusters: { tag: 'team=payments' },
  read_egress: { cluster: CLUSTER },
  compare_targets: { cluster: CLUSTER },
  plan: { cluster: CLUSTER, target: { outboundType: 'managedNATGateway' }, reason: 'CHG-1' },
  read_plan: { planId: PLAN_ID },
  explain_finding: { code: 'EGRESS_IP_LOST' },
  execute: { planId: PLAN_ID, acknowledge: ['EGRESS_IP_LOST'], reason: 'CHG-1' },
  follow_job: { jobId: JOB_ID, waitSeconds: 0 },
  release: { jobId: JOB_ID, reason: 'CHG-1' },
  cancel: { jobId: JOB_ID, reason: 'CHG-1' },
  roll_back: { jobId: JOB_ID },
}

/**
 * Every resource, by the name of its template: a URI, and the operation whose access requirement it has. Null: it is the
 * same for every caller with a valid token. A resource without a row fails a test.
 */
export const RESOURCE_ROWS: Record<string, { uri: string; operation: 'getPlan' | 'getJob' | null }> = {
  plan_report: { uri: `egress://plans/${PLAN_ID}`, operation: 'getPlan' },
  job_report: { uri: `egress://jobs/${JOB_ID}`, operation: 'getJob' },
  tool_arguments: { uri: 'egress://tools/plan', operation: null },
}

/** Valid arguments for every prompt, which is the same for every caller with a valid token. */
export const PROMPT_ROWS: Record<string, object> = { plan_migration_safely: { cluster: 'lb-managed' } }

/** Every method that this server answers with content. A capability without its methods here fails a test. */
export const LISTS = ['tools/list', 'resources/list', 'resources/templates/list', 'prompts/list']
