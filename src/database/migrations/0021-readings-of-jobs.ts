/**
 * When a job has last read a cluster after its change: the inventory shows it before the next refresh. The summary is
 * counted again after each such reading, so the latest one must be found fast.
 */
export const readingsOfJobs = {
  version: 21,
  name: 'readings-of-jobs',
  statements: [
    'alter table inventory_clusters add column job_read_at timestamptz',
    'create index inventory_by_job_reading on inventory_clusters (job_read_at) where job_read_at is not null',
  ],
}
