/** Plans, jobs with their append-only log, and the lock that makes one writer per cluster. */
export const plansAndJobs = {
  version: 1,
  name: 'plans-and-jobs',
  statements: [
    `create table plans (
      id uuid primary key,
      cluster_key text not null,
      subscription_id text not null,
      resource_group text not null,
      cluster_name text not null,
      from_type text not null,
      to_type text not null,
      made_status text not null check (made_status in ('applicable', 'blocked', 'noChange')),
      state text not null default 'open' check (state in ('open', 'executed', 'discarded', 'stale')),
      created_at timestamptz not null,
      expires_at timestamptz not null,
      created_by text not null,
      job_id uuid,
      document text not null
    )`,
    'create index plans_by_cluster on plans (cluster_key, id)',
    `create table jobs (
      id uuid primary key,
      plan_id uuid not null unique references plans (id),
      cluster_key text not null,
      status text not null check (status in ('NotStarted', 'Running', 'Succeeded', 'Failed', 'Canceled')),
      revision integer not null,
      created_at timestamptz not null,
      next_tick_at timestamptz,
      view text not null
    )`,
    'create index jobs_by_cluster on jobs (cluster_key, id)',
    'create index jobs_due on jobs (next_tick_at) where next_tick_at is not null',
    `create table job_events (
      job_id uuid not null references jobs (id),
      sequence integer not null,
      body text not null,
      primary key (job_id, sequence)
    )`,
    `create table cluster_locks (
      cluster_key text primary key,
      job_id uuid not null references jobs (id),
      taken_at timestamptz not null
    )`,
    `create function refuse_rewriting() returns trigger language plpgsql as $body$
      begin
        raise exception 'the log of a job is append-only';
      end
    $body$`,
    `create trigger job_events_append_only before update or delete on job_events
      for each row execute function refuse_rewriting()`,
  ],
}
