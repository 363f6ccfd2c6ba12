/**
 * The approval window of a plan, notices to callers that wait for its approval, and the links and tickets that open one
 * plan or job without a token. Of a secret only the hash is stored.
 */
export const approvalWindowAndLinks = {
  version: 9,
  name: 'approval-window-and-links',
  statements: [
    // Null for plans that need no approval, and for plans of earlier versions: their window ends when they expire.
    'alter table plans add column approve_until timestamptz',
    // By expiry, because an open plan that has expired awaits no approval.
    `create index plans_awaiting_approval on plans (expires_at)
      where state = 'open' and made_status = 'applicable'`,
    // The channel of job changes: the IDs of plans and jobs differ.
    `create trigger plans_tell_change after update on plans
      for each row when (old.state is distinct from new.state) execute function tell_job_change()`,
    `create function tell_approval_change() returns trigger language plpgsql as $body$
      begin
        perform pg_notify('job_changes', new.plan_id::text);
        return null;
      end
    $body$`,
    `create trigger plan_approvals_tell_change after insert or update on plan_approvals
      for each row execute function tell_approval_change()`,
    `create table access_links (
      id uuid primary key,
      kind text not null check (kind in ('shareLink', 'eventTicket')),
      plan_id uuid references plans (id) on delete cascade,
      job_id uuid references jobs (id) on delete cascade,
      cluster_key text not null,
      secret_hash text not null unique,
      created_at timestamptz not null,
      expires_at timestamptz not null,
      created_by text not null,
      owner text not null,
      reason text,
      revoked_at timestamptz,
      revoked_by text,
      used_at timestamptz,
      check ((plan_id is null) <> (job_id is null))
    )`,
    'create index access_links_by_plan on access_links (plan_id, id) where plan_id is not null',
    'create index access_links_by_job on access_links (job_id, id) where job_id is not null',
    'create index access_links_by_expiry on access_links (expires_at)',
  ],
}
