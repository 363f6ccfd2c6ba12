/**
 * The inventory: a row for each cluster that a refresh has seen, what each cluster leaves by, what changed, and the
 * refreshes themselves. Names are kept in lower case beside the facts, because ARM compares them so. A cluster that
 * disappeared keeps its row, so that cursors and its history stay valid.
 */
export const inventory = {
  version: 13,
  name: 'inventory',
  statements: [
    `create table inventory_clusters (
      id uuid primary key,
      cluster_key text not null unique,
      subscription_id text not null,
      resource_group text not null,
      name text not null,
      location text not null,
      outbound_type text not null,
      path text not null,
      flags text[] not null,
      tags text[] not null,
      facts text not null,
      baseline text,
      as_of timestamptz not null,
      refresh_id uuid not null,
      gone_at timestamptz
    ) with (fillfactor = 80)`,
    // As for plans, so that an access policy is compared with clusters and not with rows.
    `create trigger inventory_add_cluster after insert on inventory_clusters
      for each row execute function add_cluster_of_plan()`,
    'create index inventory_by_name on inventory_clusters (name, id) where gone_at is null',
    'create index inventory_by_location on inventory_clusters (location, id) where gone_at is null',
    'create index inventory_by_type on inventory_clusters (outbound_type, id) where gone_at is null',
    'create index inventory_by_path on inventory_clusters (path, id) where gone_at is null',
    `create index inventory_by_group on inventory_clusters (subscription_id, resource_group, name, id)
      where gone_at is null`,
    'create index inventory_gone on inventory_clusters (gone_at) where gone_at is not null',
    'create index inventory_by_flag on inventory_clusters using gin (flags)',
    'create index inventory_by_tag on inventory_clusters using gin (tags)',
    `create table inventory_addresses (
      cluster_id uuid not null references inventory_clusters (id) on delete cascade,
      address inet not null
    )`,
    'create index inventory_addresses_by_cluster on inventory_addresses (cluster_id)',
    'create index inventory_addresses_by_address on inventory_addresses using gist (address inet_ops)',
    `create table inventory_changes (
      id uuid primary key,
      cluster_key text not null,
      at timestamptz not null,
      kind text not null,
      body text not null
    )`,
    'create index inventory_changes_by_cluster on inventory_changes (cluster_key, id)',
    'create index inventory_changes_by_age on inventory_changes (at)',
    `create table inventory_refreshes (
      id uuid primary key,
      requested_at timestamptz not null,
      requested_by text,
      started_at timestamptz,
      ended_at timestamptz,
      status text not null default 'pending' check (status in ('pending', 'running', 'succeeded', 'partial', 'failed')),
      holder uuid,
      lease_until timestamptz,
      result text not null default '{}'
    )`,
    'create unique index inventory_refreshes_unfinished on inventory_refreshes ((true)) where ended_at is null',
    'create index inventory_refreshes_by_end on inventory_refreshes (ended_at)',
    'create table inventory_notes (name text primary key, value text not null)',
  ],
}
