/**
 * Campaigns and their members. A member belongs to one open campaign at a time: `is_open` is true until its campaign has
 * ended. `claimed_by` is the token of the worker that plans or starts the member, until `claimed_until`.
 */
export const campaigns = {
  version: 14,
  name: 'campaigns',
  statements: [
    `create table campaigns (
      id uuid primary key,
      name text not null,
      status text not null,
      created_at timestamptz not null,
      created_by text not null,
      created_by_id text,
      actor text,
      request text not null,
      state text not null,
      log_length integer not null default 0,
      next_check_at timestamptz
    )`,
    'create index campaigns_due on campaigns (next_check_at) where next_check_at is not null',
    `create trigger campaigns_tell_change after update on campaigns
      for each row when (old.log_length is distinct from new.log_length) execute function tell_job_change()`,
    `create table campaign_members (
      id uuid primary key,
      campaign_id uuid not null references campaigns (id),
      cluster_key text not null,
      cluster_id text not null,
      subscription_id text not null,
      position integer not null,
      wave integer not null,
      status text not null,
      waits_for text,
      not_before timestamptz,
      shares text not null default '[]',
      moved_because text,
      plan_id uuid,
      job_id uuid,
      attempts integer not null default 0,
      accepted_codes text not null default '[]',
      facts text,
      is_open boolean not null default true,
      claimed_by uuid,
      claimed_until timestamptz
    )`,
    `create trigger campaign_members_add_cluster after insert on campaign_members
      for each row execute function add_cluster_of_plan()`,
    'create unique index campaign_members_open on campaign_members (cluster_key) where is_open',
    'create index campaign_members_by_campaign on campaign_members (campaign_id, id)',
    `create index campaign_members_due on campaign_members (subscription_id, position)
      where status in ('Planning', 'Starting')`,
    "create index campaign_members_running on campaign_members (job_id) where status = 'Running'",
    `create table campaign_events (
      campaign_id uuid not null references campaigns (id),
      sequence integer not null,
      at timestamptz not null,
      type text not null,
      member_id uuid,
      message text not null,
      primary key (campaign_id, sequence)
    )`,
  ],
}
