/** Who did or tried what: rows chained by hash, which nothing can alter or delete. */
export const audit = {
  version: 2,
  name: 'audit',
  statements: [
    // No references to plans and jobs: a rejected call may name what does not exist.
    `create table audit_log (
      sequence integer primary key,
      id uuid not null unique,
      at timestamptz not null,
      actor_id text,
      actor_kind text,
      actor_name text,
      actor_app_id text,
      operation text not null,
      outcome text not null check (outcome in ('allowed', 'refused', 'failed')),
      code text,
      cluster_key text,
      plan_id uuid,
      job_id uuid,
      reason text,
      address text,
      user_agent text,
      request_id text not null,
      previous_hash text not null,
      hash text not null
    )`,
    'create index audit_log_by_cluster on audit_log (cluster_key, sequence)',
    'create index audit_log_by_plan on audit_log (plan_id) where plan_id is not null',
    'create index audit_log_by_job on audit_log (job_id) where job_id is not null',
    'create index audit_log_by_time on audit_log (at)',
    `create function refuse_audit_rewriting() returns trigger language plpgsql as $body$
      begin
        raise exception 'the audit is append-only';
      end
    $body$`,
    `create trigger audit_log_append_only before update or delete on audit_log
      for each row execute function refuse_audit_rewriting()`,
    `create trigger audit_log_not_emptied before truncate on audit_log
      for each statement execute function refuse_audit_rewriting()`,
  ],
}
