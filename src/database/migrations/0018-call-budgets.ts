/**
 * The budgets of calls to Azure that all processes share. `full_at` is the time at which a bucket is full again, in
 * milliseconds of the database's clock since 1970. `granted` is what the last order got, for its `returning`.
 *
 * Event tickets also open the stream of a campaign.
 */
export const callBudgets = {
  version: 18,
  name: 'call-budgets',
  statements: [
    `create table call_budgets (
      bucket text primary key,
      full_at double precision not null,
      granted integer not null
    ) with (fillfactor = 50)`,
    `alter table access_links
      add column campaign_id uuid references campaigns (id) on delete cascade,
      drop constraint access_links_check,
      add constraint access_links_target check (num_nonnulls(plan_id, job_id, campaign_id) = 1)`,
  ],
}
