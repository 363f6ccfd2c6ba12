/**
 * Permits the deletion of old plans, jobs and audit records. The log of a job stays append-only, except in a transaction
 * that states that it deletes old jobs. The audit log stays append-only, except for records before an anchor. An anchor
 * shows that these were exported.
 */
export const retention = {
  version: 11,
  name: 'retention',
  statements: [
    // Made of the view by the database, like `hold_status`; null until the job ends. As text, because a cast is not
    // immutable; such times have one format and sort as text.
    `alter table jobs add column finished_at text collate "C"
      generated always as (substring(view from '"timestamps":\\{[^{}]*"finishedAt":"([^"]+)"')) stored`,
    'create index jobs_finished on jobs (finished_at, id) where finished_at is not null',
    'create index plan_approvals_by_plan on plan_approvals (plan_id)',
    'create index cluster_locks_by_job on cluster_locks (job_id)',
    `create index webhook_deliveries_pending_by_job on webhook_deliveries (job_id)
      where status = 'pending' and job_id is not null`,
    `create or replace function refuse_rewriting() returns trigger language plpgsql as $body$
      begin
        if tg_op = 'DELETE' and current_setting('egress_planner.retention', true) = 'on' then
          return old;
        end if;
        raise exception 'the log of a job is append-only';
      end
    $body$`,
    // The row of an anchor stays in the audit log, and the chain is verified from there.
    `create table audit_anchors (
      sequence integer primary key,
      hash text not null,
      exported_at timestamptz not null,
      file_name text not null,
      file_hash text not null
    )`,
    `create or replace function refuse_audit_rewriting() returns trigger language plpgsql as $body$
      begin
        if tg_op = 'DELETE' then
          if exists (select from audit_anchors where sequence > old.sequence) then
            return old;
          end if;
        end if;
        raise exception 'the audit is append-only';
      end
    $body$`,
    `create function check_audit_anchor() returns trigger language plpgsql as $body$
      begin
        if tg_op <> 'INSERT' then
          raise exception 'anchors of the audit are append-only';
        end if;
        if not exists (select from audit_log where sequence = new.sequence and hash = new.hash) then
          raise exception 'the audit has no row with the sequence and hash of this anchor';
        end if;
        return new;
      end
    $body$`,
    `create trigger audit_anchors_append_only before insert or update or delete on audit_anchors
      for each row execute function check_audit_anchor()`,
    `create trigger audit_anchors_not_emptied before truncate on audit_anchors
      for each statement execute function check_audit_anchor()`,
  ],
}
