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
