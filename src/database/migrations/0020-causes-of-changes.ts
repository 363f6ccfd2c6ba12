/** The job of this service that made a change of the inventory; null for a change from outside. */
export const causesOfChanges = {
  version: 20,
  name: 'causes-of-changes',
  statements: ['alter table inventory_changes add column job_id uuid'],
}
