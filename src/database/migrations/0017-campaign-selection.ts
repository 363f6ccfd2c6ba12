/**
 * Selecting members by filters: the kind of VNet as a column, and for each member the rule that gives its target; null for
 * the target of the campaign. `is_paused` keeps a member from starting. `finished_at` is for retention.
 *
 * `vnet` can be null, because a process of the version before stores clusters without it during an update.
 */
export const campaignSelection = {
  version: 17,
  name: 'campaign-selection',
  statements: [
    'alter table inventory_clusters add column vnet text',
    "update inventory_clusters set vnet = facts::json ->> 'vnet'",
    `alter table campaign_members add column target_rule integer,
      add column is_paused boolean not null default false`,
    "alter table campaigns add column labels text[] not null default '{}', add column finished_at timestamptz",
    "update campaigns set finished_at = (state::json ->> 'finishedAt')::timestamptz",
    'create index campaigns_by_label on campaigns using gin (labels)',
    'create index campaigns_by_end on campaigns (finished_at, id) where finished_at is not null',
  ],
}
