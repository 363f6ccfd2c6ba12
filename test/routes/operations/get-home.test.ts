import t from 'tap'
import type { Job } from '../../../src/contract/job.ts'
import { jobError } from '../../../src/core/job/job-error.ts'
import { EXAMPLE_JOB } from '../../../src/routes/examples/jobs.ts'
import { fakeApp } from '../support/fakes.ts'

const FAILED: Job = {
  ...EXAMPLE_JOB,
  status: 'Failed',
  error: jobError('ARM_OPERATION_FAILED', 'change-outbound-type'),
}

/** The home page with one failed job, and with later jobs of its cluster that succeeded. */
async function homeWith(later: Job[]): Promise<string> {
  const { app } = await fakeApp(t, {
    jobs: {
      list: async ({ status, cluster }: { status?: unknown; cluster?: unknown }) => ({
        items: status === 'Failed' ? [FAILED] : status === 'Succeeded' && cluster !== undefined ? later : [],
        next: null,
      }),
    },
  } as never)
  const { body } = await app.inject({ method: 'GET', url: '/', headers: { accept: 'text/html' } })
  return body
}

t.test('lists a failed job until a later job of its cluster succeeds', async (t) => {
  const page = await homeWith([])
  t.match(page, /Needs attention/)
  t.match(page, /ARM_OPERATION_FAILED/)
  t.notMatch(page, '`', 'code is marked as code')
  t.notMatch(await homeWith([{ ...EXAMPLE_JOB, status: 'Succeeded' }]), /ARM_OPERATION_FAILED/)
})

t.test('counts a held job as running', async (t) => {
  const hold = { step: 'change-outbound-type', heldSince: null, releasedAt: null, releasedBy: null } as const
  const held: Job = { ...EXAMPLE_JOB, status: 'Running', hold: { ...hold, status: 'Held' } }
  const { app } = await fakeApp(t, {
    jobs: {
      list: async (query: { status?: unknown; hold?: unknown }) => ({
        items: query.hold === 'Held' || Array.isArray(query.status) ? [held] : [],
        next: null,
      }),
    },
  } as never)
  const { body } = await app.inject({ method: 'GET', url: '/', headers: { accept: 'text/html' } })
  t.match(body, /1 job running or scheduled, 1 of them held before the cutover\./)
})
