/**
 * Every cluster that a record names, once, so that an access policy is compared with clusters and not with rows; and
 * indexes for lists by status, which otherwise read everything when nothing matches.
 */
export const clusters = {
  version: 12,
  name: 'clusters',
  statements: [
    `create table clusters (
      id integer generated always as identity primary key,
      cluster_key text not null unique
    )`,
    `insert into clusters (cluster_key)
      select distinct cluster_key from (
        select cluster_key from plans
        union all select cluster_key from audit_log where cluster_key is not null
      ) as named`,
    // By a trigger, so that a process of an earlier version adds them too during an upgrade.
    `create function add_cluster_of_plan() returns trigger language plpgsql as $body$
      begin
        if not exists (select from clusters where cluster_key = new.cluster_key) then
          insert into clusters (cluster_key) values (new.cluster_key) on conflict do nothing;
        end if;
        return null;
      end
    $body$`,
    `create trigger plans_add_cluster after insert on plans
      for each row execute function add_cluster_of_plan()`,
    'create index plans_by_state on plans (state, id)',
    "create index plans_open on plans (made_status, id) where state = 'open'",
    "create index plans_applicable on plans (expires_at) where state = 'open' and made_status = 'applicable'",
    'create index plans_by_maker_id on plans (created_by_id, id)',
    'create index jobs_by_status on jobs (status, id)',
    'create index jobs_by_maker_id on jobs (created_by_id, id)',
    'create index jobs_by_hold on jobs (hold_status, id) where hold_status is not null',
    'drop index jobs_held',
  ],
}
