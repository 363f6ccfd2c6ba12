/**
 * Labels of plans and jobs, and the numbers that lists show. A label is two entries, `name` and `name=value`, so that one
 * index finds both. Plans of earlier versions have no numbers.
 */
export const labels = {
  version: 15,
  name: 'labels',
  statements: [
    "alter table plans add column labels text[] not null default '{}', add column counts text",
    "alter table jobs add column labels text[] not null default '{}'",
    'create index plans_by_label on plans using gin (labels)',
    'create index jobs_by_label on jobs using gin (labels)',
  ],
}
