/**
 * The state of a job's hold, beside its view, to filter by. A job that ended before its release was listed as held
 * permanently; now it is listed as ended. Inside the text of a view, a quote has a backslash before it. So the
 * pattern matches at the exact place only. A cast to JSON would reject views that PostgreSQL cannot read as JSON.
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
