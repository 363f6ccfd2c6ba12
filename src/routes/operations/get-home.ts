import type { FastifyReply } from 'fastify'
import type { InventoryCluster } from '../../contract/inventory.ts'
import { URGENT_FLAGS } from '../../reports/overview/home-clusters.ts'
import { FAILED_DAYS, htmlHome, htmlVisitorHome, type Shown } from '../../reports/overview/home-page.ts'
import { visibleScope } from '../auth/authorize.ts'
import { REPORT_STYLE_SOURCE, sourceHash } from '../conditional/content-negotiation.ts'
import { defineOperation } from './define-operation.ts'

/** Rows of each kind. A link leads to the rest. */
const ROWS = 10
const DAY_MS = 86_400_000

/**
 * Replaces the changed parts of the page while a reader sees them and the keyboard is elsewhere. Without a script, the
 * reader reloads the page.
 */
const SCRIPT = `
const parts = ['header', 'nav', 'main']
async function refresh() {
  if (document.hidden) return
  const response = await fetch(location.pathname, { headers: { accept: 'text/html' }, cache: 'no-store' })
  if (!response.ok) return
  const page = new DOMParser().parseFromString(await response.text(), 'text/html')
  for (const part of parts) {
    const [shown, news] = [document.querySelector(part), page.querySelector(part)]
    if (news === null || shown.contains(document.activeElement)) continue
    if (shown.innerHTML !== news.innerHTML) shown.replaceWith(news)
  }
}
setInterval(() => refresh().catch(() => {}), 15000)
document.addEventListener('visibilitychange', () => refresh().catch(() => {}))
`

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  `script-src ${sourceHash(SCRIPT)}`,
  `style-src ${REPORT_STYLE_SOURCE}`,
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** The home page for browsers. It shows what the lists of the API show to the same caller. */
export const getHome = defineOperation({
  operationId: 'getHome',
  method: 'GET',
  path: '/',
  tag: 'Service',
  summary: 'Read the home page',
  description: 'Returns a page with what needs attention, clusters, jobs, and plans.',
  grant: 'Egress.Read',
  subject: 'list',
  visitors: true,
  hidden: true,
  responses: {},
  problems: [],
  handle: async ({ jobs, planning, inventory, azure, version }, { request, reply }) => {
    if (!request.caller.grants.has('Egress.Read')) return sendHome(reply, htmlVisitorHome())
    const page = { limit: ROWS, cursor: null, ...visibleScope(request) }
    const now = new Date()
    const createdAfter = new Date(now.getTime() - FAILED_DAYS * DAY_MS)
    const [failed, held, unapproved, active, recent, summary, ...flagged] = await Promise.all([
      jobs.list({ ...page, status: 'Failed', createdAfter }),
      jobs.list({ ...page, hold: 'Held' }),
      planning.listPlans({ ...page, approval: 'pending' }),
      jobs.list({ ...page, status: ['Running', 'NotStarted'] }),
      planning.listPlans(page),
      inventory.summary(page.reach),
      ...URGENT_FLAGS.map((flag) => inventory.list({ ...page, flag })),
    ])
    const notHeld = active.items.filter(({ hold }) => hold?.status !== 'Held')
    const data = {
      azure,
      version,
      asOf: now.toISOString(),
      failed: toShown(failed),
      held: toShown(held),
      unapproved: toShown(unapproved),
      active: { items: notHeld, hasMore: active.next !== null },
      recent: toShown(recent),
      clusters: { summary, flagged: firstOf(flagged) },
    }
    return sendHome(reply, htmlHome(data, SCRIPT))
  },
})

/** Each cluster once, in the order of the lists. */
function firstOf(pages: readonly { items: InventoryCluster[] }[]): InventoryCluster[] {
  const byId = new Map(pages.flatMap(({ items }) => items.map((cluster) => [cluster.id, cluster] as const)))
  return [...byId.values()].slice(0, ROWS)
}

function toShown<T>({ items, next }: { items: T[]; next: string | null }): Shown<T> {
  return { items, hasMore: next !== null }
}

function sendHome(reply: FastifyReply, page: string): FastifyReply {
  return reply
    .headers({ 'content-security-policy': CONTENT_SECURITY_POLICY, 'cache-control': 'no-store' })
    .type('text/html; charset=utf-8')
    .send(page)
}
