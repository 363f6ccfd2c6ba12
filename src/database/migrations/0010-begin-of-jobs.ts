/**
 * When a job begins that waits for its time, beside its view: polls that find nothing new answer when to come again
 * without reading the view.
 */
export const beginOfJobs = {
  version: 10,
  name: 'begin-of-jobs',
  statements: [
    `alter table jobs add column begins_at text
      generated always as (substring(view from '"beginsAt":"([^"]+)"')) stored`,
  ],
}
