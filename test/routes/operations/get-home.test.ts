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
