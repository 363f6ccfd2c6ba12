/**
 * The budgets of calls to Azure that all processes share. `full_at` is the time at which a bucket is full again, in
 * milliseconds of the database's clock since 1970. `granted` is what the last order got, for its `returning`.
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
  ],
}
