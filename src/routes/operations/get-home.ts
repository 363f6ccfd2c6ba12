import type { InventoryCluster } from '../../contract/inventory.ts'
import type { Job } from '../../contract/job.ts'
import { equalsArm } from '../../core/arm/words.ts'
import { trafficMovingSteps } from '../../core/job/rollback-steps.ts'
import { DAY_MS } from '../../core/lib/durations.ts'
import { FAILED_DAYS } from '../../reports/overview/home-attention.ts'
import type { Shown } from '../../reports/overview/home-cells.ts'
import { URGENT_FLAGS } from '../../reports/overview/home-clusters.ts'
import { htmlHome, htmlVisitorHome } from '../../reports/overview/home-page.ts'
import { visibleScope } from '../auth/authorize.ts'
import { LIVE_SCRIPT, sendLivePage } from '../conditional/live-page.ts'
import type { AppDeps } from '../server/app-deps.ts'
import { defineOperation } from './define-operation.ts'
import { toVisibleRefresh } from './get-inventory-refresh.ts'

/** Rows of each kind. A link leads to the rest. */
const ROWS = 10

const OPEN_CAMPAIGNS = ['Planning', 'Planned', 'Running', 'Paused', 'Canceling'] as const
const UNSUCCESSFUL_CAMPAIGNS = ['Failed', 'PartlySucceeded'] as const

/** The home page for browsers. It shows what the lists of the API show to the same caller. */
export const getHome = defineOperation({
  operationId: 'getHome',
  method: 'GET',
  path: '/',
  tag: 'Service',
  summary: 'Read the home page',
  description: 'Returns a page with what needs attention, clusters, campaigns, jobs, and plans.',
  grant: 'Egress.Read',
  subject: 'list',
  visitors: true,
  hidden: true,
  responses: {},
  problems: [],
  handle: async ({ jobs, planning, inventory, campaigns, azure, version }, { request, reply }) => {
    if (!request.caller.grants.has('Egress.Read')) return sendLivePage(reply, htmlVisitorHome())
    const page = { limit: ROWS, cursor: null, ...visibleScope(request) }
    const now = new Date()
    const since = new Date(now.getTime() - DAY_MS).toISOString()
    const createdAfter = new Date(now.getTime() - FAILED_DAYS * DAY_MS)
    const [
      failed,
      canceled,
      held,
      unapproved,
      active,
      recent,
      open,
      unsuccessful,
      summary,
      changes,
      refresh,
      ...flagged
    ] = await Promise.all([
      jobs.list({ ...page, status: 'Failed', createdAfter }),
      jobs.list({ ...page, status: 'Canceled', createdAfter }),
      jobs.list({ ...page, hold: 'Held' }),
      planning.listPlans({ ...page, approval: 'pending' }),
      jobs.list({ ...page, status: ['Running', 'NotStarted'] }),
      planning.listPlans(page),
      campaigns.listDetails({ ...page, status: OPEN_CAMPAIGNS }),
      campaigns.listDetails({ ...page, status: UNSUCCESSFUL_CAMPAIGNS }),
      inventory.summary(page.reach),
      inventory.changes({ ...page, changedAfter: new Date(since) }),
      inventory.endedRefresh(),
      ...URGENT_FLAGS.map((flag) => inventory.list({ ...page, flag })),
    ])
    const areBetween = await Promise.all(canceled.items.map((job) => isBetweenStates(planning, job)))
    const incomplete = [...failed.items, ...canceled.items.filter((_, index) => areBetween[index])]
    const isRepaired = await Promise.all(
      incomplete.map(
        async (job) =>
          (await hasLaterSuccess(jobs, job, page)) || (await hasReachedTarget(planning, job, page)),
      ),
    )
    const notHeld = active.items.filter(({ hold }) => hold?.status !== 'Held')
    const data = {
      azure,
      version,
      asOf: now.toISOString(),
      failed: toShown({ ...failed, items: incomplete.filter((_, index) => isRepaired[index] !== true) }),
      held: toShown(held),
      unapproved: toShown(unapproved),
      active: { items: notHeld, hasMore: active.next !== null },
      recent: toShown(recent),
      campaigns: toShown(open),
      endedCampaigns: unsuccessful.items.filter(
        ({ finishedAt }) => finishedAt !== null && new Date(finishedAt) >= createdAfter,
      ),
      clusters: {
        summary,
        flagged: firstOf(flagged),
        refresh: refresh && toVisibleRefresh(refresh, page.reach),
      },
      changes: { ...toShown(changes), since },
    }
    return sendLivePage(reply, htmlHome(data, LIVE_SCRIPT))
  },
})

/** Whether a canceled job moved or may have moved traffic, or canceled an operation of Azure. */
async function isBetweenStates(
  planning: AppDeps['planning'],
  { planId, error, actions, steps }: Job,
): Promise<boolean> {
  if (error !== null || actions.rollbackPlan) return true
  const changed = steps.flatMap(({ key, mayHaveChanged }) => (mayHaveChanged === true ? [key] : []))
  if (changed.length === 0) return false
  return trafficMovingSteps(await planning.getPlan(planId)).some(({ key }) => changed.includes(key))
}

/** Whether a later job of the cluster succeeded, such as that of a reconcile plan. */
async function hasLaterSuccess(
  jobs: AppDeps['jobs'],
  { cluster, timestamps }: Job,
  page: Parameters<AppDeps['jobs']['list']>[0],
): Promise<boolean> {
  const createdAfter = new Date(timestamps.acceptedAt)
  const { items } = await jobs.list({ ...page, cluster, status: 'Succeeded', createdAfter, limit: 1 })
  return items.length > 0
}

/**
 * Whether a later plan found that the cluster has the target of the job, for example after a fix from outside. That does not
 * show whether nodes reach the endpoints that they had lost.
 */
async function hasReachedTarget(
  planning: AppDeps['planning'],
  { cluster, timestamps, planId, error }: Job,
  page: Parameters<AppDeps['planning']['listPlans']>[0],
): Promise<boolean> {
  if (error?.code === 'NODES_LOST_ENDPOINTS') return false
  const createdAfter = new Date(timestamps.finishedAt ?? timestamps.acceptedAt)
  const { items } = await planning.listPlans({ ...page, cluster, status: 'noChange', createdAfter })
  if (items.length === 0) return false
  const { to } = await planning.getPlan(planId)
  return items.some((plan) => equalsArm(plan.to, to.outboundType))
}

/** Each cluster once, in the order of the lists. */
function firstOf(pages: readonly { items: InventoryCluster[] }[]): InventoryCluster[] {
  const byId = new Map(pages.flatMap(({ items }) => items.map((cluster) => [cluster.id, cluster] as const)))
  return [...byId.values()].slice(0, ROWS)
}

function toShown<T>({ items, next }: { items: T[]; next: string | null }): Shown<T> {
  return { items, hasMore: next !== null }
}
