import type { Queries } from '../../../src/database/engine/database.ts'
import type { JobsTable } from '../../../src/database/engine/tables.ts'
import { type Append, insertJob } from '../../../src/database/stores/job-store.ts'
import { insertPlan } from '../../../src/database/stores/plan-store.ts'
import { aSnapshot } from '../../support/a-cluster.ts'
import { planFor } from '../../support/a-plan.ts'

export const NOW = new Date('2026-09-01T00:00:00Z')
const PLAN = planFor(aSnapshot(), 'managedNATGateway')

let count = 0
export const anId = () => `01990000-0000-7000-8000-${String(++count).padStart(12, '0')}`

type NewJob = Parameters<typeof insertJob>[1]

/** The columns of a job on this plan. */
export function jobColumns(planId: string, given: Partial<NewJob> = {}): NewJob {
  return {
    id: anId(),
    plan_id: planId,
    cluster_key: 'one',
    status: 'NotStarted',
    created_at: NOW,
    created_by: 'tester',
    created_by_id: null,
    from_type: 'loadBalancer',
    to_type: 'managedNATGateway',
    next_tick_at: NOW,
    labels: [],
    view: '{"v":0}',
    ...given,
  }
}

/** Stores a job with a plan of its own and one event. */
export async function aStoredJob(db: Queries, given: Partial<JobsTable> = {}): Promise<string> {
  const planId = anId()
  await insertPlan(db, { ...PLAN, id: planId })
  const job = jobColumns(planId, given)
  await insertJob(db, job, [{ n: 1 }])
  return job.id
}

/** What comes after this revision of a job, when each one so far was one event. */
export function nextAppend(jobId: string, revision: number): Append {
  const n = revision + 1
  return {
    jobId,
    revision,
    length: revision,
    events: [{ n }],
    status: 'Running',
    view: `{"v":${n}}`,
    nextTickAt: NOW,
  }
}
