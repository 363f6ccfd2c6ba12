/**
 * The time at which a process last ran, and the jumps of the clock. Time limits then count without jumps, also after a
 * restart.
 *
 * Lists filter by the outbound types `from` and `to`. Each value and each pair may be rare, so each has an index.
 */
export const clockAndTypes = {
  version: 19,
  name: 'clock-and-types',
  statements: [
    `create table service_clock (
      id integer primary key check (id = 1),
      marked_at timestamptz not null,
      boot text,
      uptime_ms double precision,
      jumps text not null
    )`,
    'create index plans_by_from_type on plans (from_type, id)',
    'create index plans_by_to_type on plans (to_type, id)',
    'create index plans_by_types on plans (from_type, to_type, id)',
    'create index jobs_by_from_type on jobs (from_type, id)',
    'create index jobs_by_to_type on jobs (to_type, id)',
    'create index jobs_by_types on jobs (from_type, to_type, id)',
  ],
}
