import type { Grant } from './caller.ts'

/**
 * What each operation asks of its caller. An operation that is not here is refused to everybody, so a new
 * one cannot be open by oversight.
 */
export const REQUIRED_GRANTS: Readonly<Record<string, Grant>> = {
  listTransitions: 'Egress.Read',
  getClusterEgress: 'Egress.Read',
  createPlan: 'Egress.Plan',
  listPlans: 'Egress.Read',
  getPlan: 'Egress.Read',
  getIpChanges: 'Egress.Read',
  discardPlan: 'Egress.Plan',
  createJob: 'Egress.Execute',
  listJobs: 'Egress.Read',
  getJob: 'Egress.Read',
  listJobEvents: 'Egress.Read',
  cancelJob: 'Egress.Execute',
  releaseJob: 'Egress.Execute',
  createRollbackPlan: 'Egress.Plan',
  createCleanUpPlan: 'Egress.Plan',
  listApprovals: 'Egress.Read',
  approvePlan: 'Egress.Approve',
  withdrawApproval: 'Egress.Approve',
  listAudit: 'Egress.Audit',
  getMetrics: 'Egress.Read',
  createWebhook: 'Egress.Read',
  listWebhooks: 'Egress.Read',
  getWebhook: 'Egress.Read',
  updateWebhook: 'Egress.Read',
  deleteWebhook: 'Egress.Read',
  rotateWebhookSecret: 'Egress.Read',
  pingWebhook: 'Egress.Read',
  listDeliveries: 'Egress.Read',
  getDelivery: 'Egress.Read',
  replayDeliveries: 'Egress.Read',
}
