/**
 * Probes of nodes. `run` is the state between two ticks and `view` what callers see, both as JSON text. A notice to waiting
 * readers is sent as for jobs: an ID is unique over both.
 */
export const probes = {
  version: 16,
  name: 'probes',
  statements: [
    `create table probes (
      id uuid primary key,
      cluster_key text not null,
      status text not null check (status in ('NotStarted', 'Running', 'Succeeded', 'Failed')),
      revision integer not null default 1,
      created_at timestamptz not null,
      created_by text not null,
      created_by_id text,
      next_tick_at timestamptz,
      run text not null,
      view text not null
    )`,
    'create index probes_by_cluster on probes (cluster_key, id)',
    'create index probes_unfinished on probes (next_tick_at) where next_tick_at is not null',
    `create trigger probes_tell_change after update on probes
      for each row when (old.view is distinct from new.view) execute function tell_job_change()`,
  ],
}
