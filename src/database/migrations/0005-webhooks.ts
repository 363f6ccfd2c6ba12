/**
 * The receivers of job messages, and every message. A message is kept as the text that is signed and sent. `tries`
 * grows with every attempt, which makes a repeated order of the queue visible. `round` starts again with a replay.
 * Secrets are kept in plain text, because they sign; a hash would not do.
 */
export const webhooks = {
  version: 5,
  name: 'webhooks',
  statements: [
    `create table webhooks (
      id uuid primary key,
      url text not null,
      description text,
      events text not null,
      clusters text not null,
      status text not null default 'enabled' check (status in ('enabled', 'disabled')),
      disabled_because text check (disabled_because in ('OWNER', 'GONE', 'FAILING')),
      disabled_at timestamptz,
      job_id uuid references jobs (id),
      created_at timestamptz not null,
      created_by text not null,
      created_by_id text not null,
      owner text not null,
      secret text not null,
      former_secret text,
      former_until timestamptz,
      delivered_at timestamptz
    )`,
    'create index webhooks_by_owner on webhooks (created_by_id, id)',
    'create index webhooks_of_jobs on webhooks (job_id) where job_id is not null',
    "create index webhooks_enabled on webhooks (id) where status = 'enabled' and job_id is null",
    `create table webhook_deliveries (
      id uuid primary key,
      webhook_id uuid not null references webhooks (id) on delete cascade,
      type text not null,
      job_id uuid,
      cluster_key text,
      created_at timestamptz not null,
      status text not null default 'pending' check (status in ('pending', 'delivered', 'failed')),
      tries integer not null default 0,
      round integer not null default 0,
      next_attempt_at timestamptz,
      attempts text not null default '[]',
      body text not null
    )`,
    'create index webhook_deliveries_by_webhook on webhook_deliveries (webhook_id, id)',
    "create index webhook_deliveries_due on webhook_deliveries (next_attempt_at) where status = 'pending'",
    'create index webhook_deliveries_by_age on webhook_deliveries (created_at)',
  ],
}
