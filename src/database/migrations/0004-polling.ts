/**
 * What polling, lists and repeated requests need. The length of a job's log is stored beside its row, with a notice
 * to waiting readers. The creator of a job and its two types are columns to filter by. Further tables hold
 * idempotency keys with their responses, and the secret that signs cursors.
 */
export const polling = {
  version: 4,
  name: 'polling',
  statements: [
    `alter table jobs
      add column log_length integer,
      add column created_by text,
      add column created_by_id text,
      add column from_type text,
      add column to_type text`,
    // From the first event, which holds what callers gave; a view may hold what PostgreSQL cannot read as JSON.
    `update jobs set
      log_length = (select count(*) from job_events where job_id = jobs.id),
      created_by = coalesce(
        (select body::json ->> 'by' from job_events where job_id = jobs.id and sequence = 1), ''),
      from_type = plans.from_type,
      to_type = plans.to_type
      from plans where plans.id = jobs.plan_id`,
    `alter table jobs
      alter column log_length set not null,
      alter column created_by set not null,
      alter column from_type set not null,
      alter column to_type set not null`,
    // By a trigger, so that no writer can forget it. The notice is sent when the transaction commits, not before.
    `create function tell_job_change() returns trigger language plpgsql as $body$
      begin
        perform pg_notify('job_changes', new.id::text);
        return null;
      end
    $body$`,
    `create trigger jobs_tell_change after update on jobs
      for each row when (old.log_length is distinct from new.log_length) execute function tell_job_change()`,
    'create index plans_by_maker on plans (created_by, id)',
    'create index plans_by_time on plans (created_at)',
    'create index jobs_by_maker on jobs (created_by, id)',
    'create index jobs_by_time on jobs (created_at)',
    `create table idempotency_keys (
      scope text not null,
      key text not null,
      fingerprint text not null,
      claim uuid not null,
      claimed_at timestamptz not null,
      status integer,
      headers text,
      body text,
      primary key (scope, key)
    )`,
    'create index idempotency_keys_by_age on idempotency_keys (claimed_at)',
    'create table secrets (name text primary key, value text not null)',
    // Two random UUIDs are 244 random bits, and need no extension.
    `insert into secrets (name, value)
      values ('cursor', replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''))`,
  ],
}
