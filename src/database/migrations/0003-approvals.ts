/** The approvals of plans by a second person, and who made a plan, by an id that no renaming changes. */
export const approvals = {
  version: 3,
  name: 'approvals',
  statements: [
    'alter table plans add column created_by_id text',
    `create table plan_approvals (
      id uuid primary key,
      plan_id uuid not null references plans (id),
      approved_at timestamptz not null,
      actor_id text not null,
      actor_name text not null,
      reason text,
      withdrawn_at timestamptz,
      withdrawn_by_id text,
      withdrawn_by_name text
    )`,
    // One standing approval for each person.
    `create unique index plan_approvals_standing on plan_approvals (plan_id, actor_id)
      where withdrawn_at is null`,
  ],
}
