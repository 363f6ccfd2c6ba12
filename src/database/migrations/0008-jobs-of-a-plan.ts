/**
 * A job that is canceled before it begins leaves its plan executable, so a plan can have several jobs. All but one of
 * them are canceled. The index finds the jobs of a plan.
 */
export const jobsOfAPlan = {
  version: 8,
  name: 'jobs-of-a-plan',
  statements: [
    'alter table jobs drop constraint jobs_plan_id_key',
    'create index jobs_by_plan on jobs (plan_id, id)',
    "create unique index jobs_one_per_plan on jobs (plan_id) where status <> 'Canceled'",
  ],
}
