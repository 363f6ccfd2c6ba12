/** The webhook that a row of the audit is about. The rows from before name none, and their hashes stay as they are. */
export const auditOfWebhooks = {
  version: 7,
  name: 'audit-of-webhooks',
  statements: [
    // No reference: a row outlives its webhook, and a rejected call may name a webhook that never existed.
    'alter table audit_log add column webhook_id uuid',
    'create index audit_log_by_webhook on audit_log (webhook_id) where webhook_id is not null',
  ],
}
