import t from 'tap'
import type { Campaign } from '../../../src/contract/campaign.ts'
import type { Job } from '../../../src/contract/job.ts'
import type { StepKey } from '../../../src/contract/steps.ts'
import { jobError } from '../../../src/core/job/job-error.ts'
import { EXAMPLE_CAMPAIGN } from '../../../src/routes/examples/campaigns.ts'
import { EXAMPLE_SUMMARY } from '../../../src/routes/examples/inventory.ts'
import { EXAMPLE_JOB, EXAMPLE_PLAN } from '../../../src/routes/examples/jobs.ts'
import { EXAMPLE_PLAN_SUMMARY } from '../../../src/routes/operations/list-plans.ts'
import { fakeApp } from '../support/fakes.ts'

const FAILED: Job = {
  ...EXAMPLE_JOB,
  status: 'Failed',
  error: jobError('ARM_OPERATION_FAILED', 'change-outbound-type'),
}

/** The home page with one failed job, and with later jobs of its cluster that succeeded, and later plans without a change. */
async function homeWith(later: Job[], plansTo: string[] = [], failed = FAILED): Promise<string> {
  const { app } = await fakeApp(t, {
    jobs: {
      list: async ({ status, cluster }: { status?: unknown; cluster?: unknown }) => ({
        items:
          status === failed.status && cluster === undefined
            ? [failed]
            : status === 'Succeeded' && cluster !== undefined
              ? later
              : [],
        next: null,
      }),
    },
    planning: {
      listPlans: async ({ status }: { status?: unknown }) => ({
        items: status === 'noChange' ? plansTo.map((to) => ({ ...EXAMPLE_PLAN_SUMMARY, to })) : [],
        next: null,
      }),
      getPlan: async () => EXAMPLE_PLAN,
    },
  } as never)
  const { body } = await app.inject({ method: 'GET', url: '/', headers: { accept: 'text/html' } })
  return body
}

t.test('a failed job with warnings leads to what it left behind', async (t) => {
  const left = /First read what the job left behind, in its report\./
  t.match(await homeWith([], [], { ...FAILED, warnings: ['Traffic has moved.'] }), left)
  t.notMatch(await homeWith([], [], { ...FAILED, warnings: [] }), left)
})

t.test('lists a failed job until a later job of its cluster succeeds', async (t) => {
  const page = await homeWith([])
  t.match(page, /Needs attention/)
  t.match(page, /ARM_OPERATION_FAILED/)
  t.notMatch(page, '`', 'code is marked as code')
  t.notMatch(await homeWith([{ ...EXAMPLE_JOB, status: 'Succeeded' }]), /ARM_OPERATION_FAILED/)
})

t.test('lists a failed job until a later plan finds that the cluster has its target', async (t) => {
  const target = EXAMPLE_PLAN.to.outboundType
  t.notMatch(await homeWith([], [target]), /ARM_OPERATION_FAILED/)
  t.match(await homeWith([], ['block']), /ARM_OPERATION_FAILED/, 'another target proves nothing')
  const lost = { ...FAILED, error: jobError('NODES_LOST_ENDPOINTS', 'verify') }
  t.match(await homeWith([], [target], lost), /NODES_LOST_ENDPOINTS/, 'nodes can still lack endpoints')
})

t.test('lists a canceled job only if it left its cluster between two states', async (t) => {
  const actions = { ...EXAMPLE_JOB.actions, rollbackPlan: false }
  const canceled: Job = { ...EXAMPLE_JOB, status: 'Canceled', error: null, actions }
  const aborted: Job = { ...canceled, error: jobError('OPERATION_ABORTED', 'change-outbound-type') }
  const row = /Canceled between two states/
  t.match(await homeWith([], [], aborted), row)
  t.match(await homeWith([], [], aborted), /OPERATION_ABORTED/)
  t.match(await homeWith([], [], { ...canceled, actions: { ...actions, rollbackPlan: true } }), row)
  t.notMatch(await homeWith([], [], canceled), row)
  const withWrite = (key: StepKey, mayHaveChanged: boolean): Job => {
    const [step] = EXAMPLE_JOB.steps
    return step === undefined ? canceled : { ...canceled, steps: [{ ...step, key, mayHaveChanged }] }
  }
  t.match(await homeWith([], [], withWrite('change-outbound-type', true)), row, 'traffic may have moved')
  t.notMatch(
    await homeWith([], [], withWrite('change-outbound-type', false)),
    row,
    'Azure rejected the cutover',
  )
  t.notMatch(await homeWith([], [], withWrite('check-freshness', true)), row, 'no step that moves traffic')
  t.notMatch(await homeWith([{ ...EXAMPLE_JOB, status: 'Succeeded' }], [], aborted), row)
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
  t.match(body, /All running jobs are held before the cutover\./)
  t.notMatch(body, /No job is running or scheduled/)
  t.notMatch(body, />Jobs<\/a> <span class="count">0</)
})

t.test('a cluster whose ranges do not cover its egress needs attention', async (t) => {
  const homeOf = async (rangesUncovered: number) => {
    const nothing = async () => ({ items: [], next: null })
    const { app } = await fakeApp(t, {
      jobs: { list: nothing },
      planning: { listPlans: nothing },
      campaigns: { listDetails: nothing },
      inventory: {
        summary: async () => ({ ...EXAMPLE_SUMMARY, byFlag: { rangesUncovered } }),
        list: nothing,
        changes: nothing,
        endedRefresh: async () => null,
      },
    } as never)
    return (await app.inject({ method: 'GET', url: '/', headers: { accept: 'text/html' } })).body
  }
  const page = await homeOf(2)
  t.match(page, /1 item needs attention/)
  t.match(page, /href="\/v1\/clusters\?flag=rangesUncovered">2 clusters</)
  t.match(await homeOf(0), /No job, plan or campaign needs attention/)
})

t.test('a campaign that waits shows since when, and the action once', async (t) => {
  const rowFor = async (waitsFor: Campaign['waitsFor']) => {
    const campaign: Campaign = { ...EXAMPLE_CAMPAIGN, status: 'Paused', waitsFor }
    const { app } = await fakeApp(t, {
      campaigns: {
        listDetails: async ({ status }: { status: readonly string[] }) => ({
          items: status.includes('Paused') ? [campaign] : [],
          next: null,
        }),
      },
    } as never)
    const { body } = await app.inject({ method: 'GET', url: '/', headers: { accept: 'text/html' } })
    return body.match(/<tr><th[^>]*>(?:(?!<tr>).)*Campaign waits for a decision.*?<\/tr>/s)?.[0] ?? ''
  }
  const since = '2026-09-02T03:04:05.000Z'
  const paused = await rowFor({ code: 'PAUSED', message: 'ann paused the campaign.', since })
  t.match(paused, since)
  t.match(paused, /Send the action <code>resume<\/code>/)
  const failed = await rowFor({
    code: 'FAILURES',
    message: 'Check them, then resume or cancel the campaign.',
  })
  t.match(failed, /Check them/)
  t.notMatch(failed, /Send the action/)
  t.notMatch(failed, EXAMPLE_CAMPAIGN.createdAt)
})
