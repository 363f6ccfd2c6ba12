/**
 * How a job's hold stands, beside its view, to filter by. A job that ended before anybody released it was said to be
 * held for ever; now it says that it ended.
 *
 * Inside a text of the view a quote has a backslash before it, so what is looked for is found at its place only: a
 * cast to JSON would refuse the views that hold what PostgreSQL cannot read as JSON.
 */
export const holds = {
  version: 6,
  name: 'holds',
  statements: [
    `update jobs set view =
        regexp_replace(view, '"hold":\\{"status":"(Ahead|Held)"', '"hold":{"status":"Ended"')
      where status in ('Succeeded', 'Failed', 'Canceled') and view ~ '"hold":\\{"status":"(Ahead|Held)"'`,
    // Made of the view by the database: nothing can forget it, and the filter agrees with what callers see.
    `alter table jobs add column hold_status text
      generated always as (substring(view from '"hold":\\{"status":"([A-Za-z]+)"')) stored`,
    "create index jobs_held on jobs (id) where hold_status = 'Held'",
  ],
}
