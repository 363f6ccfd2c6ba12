import type { Job } from '../../contract/job.ts'
import type { PlanSummary } from '../../contract/plan.ts'
import {
  type Inline,
  paragraph,
  pluralize,
  type ReportPage,
  type Section,
  type Text,
  tableOf,
} from '../document/document.ts'
import type { MarkName } from '../document/labels.ts'
import { pageToHtml } from '../page/report-page.ts'
import { changesSection } from './change-list.ts'
import { attentionCount, attentionSections, type HomeData } from './home-attention.ts'
import { campaignsSection } from './home-campaigns.ts'
import { countOf, link, more, time } from './home-cells.ts'
import { clustersSection } from './home-clusters.ts'

/** The home page for a caller. `script` refreshes the page; it works without. */
export function htmlHome(data: HomeData, script: string): string {
  const { azure, version, asOf } = data
  return pageToHtml(
    {
      heading: 'AKS Egress Planner',
      verdict: verdictOf(data),
      isSimulated: azure === 'simulated',
      identity: [
        ['Updated', [{ time: asOf }]],
        ['Version', version],
      ],
      runningTitle: 'AKS Egress Planner',
      sections: [
        ...attentionSections(data),
        clustersSection(data.clusters),
        changesSection(data.changes),
        ...campaignsSection(data.campaigns.items),
        activeSection(data),
        recentSection(data),
        LINKS,
      ],
      links: [],
    },
    script,
  )
}

/** The home page for a browser without a token: only public links, and how to sign in. */
export function htmlVisitorHome(): string {
  return pageToHtml({
    heading: 'AKS Egress Planner',
    verdict: {
      mark: 'closed',
      word: 'Not signed in',
      sentence: [
        'The browser sends no access token for this page, so the page shows no clusters, plans, or jobs. To see data, sign in with ',
        { strong: 'Authorize' },
        ' in Swagger UI, and send requests from there.',
      ],
    },
    isSimulated: false,
    identity: [],
    runningTitle: 'AKS Egress Planner',
    sections: [LINKS],
    links: [],
  })
}

const LINKS: Section = {
  id: 'links',
  title: 'API and documentation',
  shortTitle: 'API',
  blocks: [
    {
      kind: 'list',
      isOrdered: false,
      items: [
        [{ link: 'Swagger UI', url: '/docs' }, ': all operations, with prefilled requests'],
        [{ link: 'OpenAPI document', url: '/openapi.json' }, ': for generated clients'],
        [{ link: 'Finding codes', url: '/findings' }, ': what plans report, with sources'],
        [{ link: 'Problem types', url: '/problems' }, ': what errors mean, with remedies'],
        [{ link: 'Readiness', url: '/readyz' }, ': whether the service and its dependencies work'],
      ],
    },
  ],
}

function verdictOf(data: HomeData): ReportPage['verdict'] {
  const count = attentionCount(data)
  const held = data.held.items.length
  const hasMoreJobs = data.active.hasMore || data.held.hasMore
  const jobs = data.active.items.length + held
  const active =
    jobs === 0
      ? 'No job is running or scheduled.'
      : `${pluralize(jobs, 'job')}${hasMoreJobs ? ' or more' : ''} running or scheduled${held === 0 ? '' : `, ${held} of them held before the cutover`}.`
  if (count === 0)
    return { mark: 'ready', word: 'No job, plan or campaign needs attention', sentence: active }
  const hasMore = [data.failed, data.held, data.unapproved, data.campaigns].some((shown) => shown.hasMore)
  return {
    mark: 'acknowledgeFirst',
    word: `${pluralize(count, 'item')}${hasMore ? ' or more' : ''} ${count === 1 ? 'needs' : 'need'} attention`,
    sentence: active,
  }
}

/** Without the held jobs, which need attention. */
function activeSection({ active, held }: HomeData): Section {
  const isHolding = held.items.length > 0
  return {
    id: 'jobs',
    title: isHolding ? 'Other running and scheduled jobs' : 'Running and scheduled jobs',
    shortTitle: 'Jobs',
    ...(isHolding ? {} : countOf(active)),
    blocks: [
      ...listOr(
        isHolding ? 'All running jobs are held before the cutover.' : 'No job is running or scheduled.',
        tableOf(
          'Running and scheduled jobs, newest first',
          ['Cluster', 'State', 'Progress', 'Created'],
          active.items.map((job) => [
            link(job.cluster.name, `/v1/jobs/${job.id}`),
            jobState(job),
            `${job.progress.done} of ${pluralize(job.progress.total, 'step')}`,
            [...time(job.timestamps.acceptedAt), ' by ', { code: job.createdBy }],
          ]),
        ),
      ),
      ...more(active, 'jobs', '/v1/jobs?status=Running&status=NotStarted'),
    ],
  }
}

function jobState({ status, beginsAt, currentStep }: Job): Text {
  if (status === 'Running')
    return [
      { mark: 'cutover', word: 'Running' },
      ...(currentStep === null ? [] : [' ', { code: currentStep }]),
    ]
  return beginsAt === undefined || beginsAt === null
    ? [{ mark: 'notChecked', word: 'Not started' }]
    : [{ mark: 'notChecked', word: 'Scheduled' }, ' for ', ...time(beginsAt)]
}

function recentSection({ recent }: HomeData): Section {
  return {
    id: 'plans',
    title: 'Recent plans',
    shortTitle: 'Plans',
    ...countOf(recent),
    blocks: [
      ...listOr(
        'There are no plans. Create the first plan with POST /v1/plans in Swagger UI.',
        tableOf(
          'Recent plans, newest first',
          ['Cluster', 'Change', 'State', 'Addresses', 'Created'],
          recent.items.map((plan) => [
            link(plan.cluster.name, `/v1/plans/${plan.id}`),
            [{ code: plan.from }, ' to ', { code: plan.to }],
            planState(plan),
            addressCounts(plan),
            [...time(plan.createdAt), ' by ', { code: plan.createdBy }],
          ]),
        ),
      ),
      ...more(recent, 'plans', '/v1/plans'),
    ],
  }
}

const PLAN_STATES: Record<PlanSummary['status'], { mark: MarkName; word?: string }> = {
  applicable: { mark: 'ready' },
  blocked: { mark: 'blocked' },
  noChange: { mark: 'noChange' },
  executed: { mark: 'closed', word: 'Executed' },
  discarded: { mark: 'closed', word: 'Discarded' },
  expired: { mark: 'closed', word: 'Expired' },
  stale: { mark: 'closed', word: 'Stale' },
}

function planState({ status, counts }: PlanSummary): Text {
  const state = PLAN_STATES[status]
  if (status === 'blocked' && counts !== undefined)
    return [state, `: ${pluralize(counts.blockers, 'blocker')}`]
  if (status === 'applicable' && counts !== undefined && counts.acknowledgements > 0)
    return [{ mark: 'acknowledgeFirst' }, `: ${pluralize(counts.acknowledgements, 'acknowledgement')}`]
  return [state]
}

function addressCounts({ status, counts }: PlanSummary): Text {
  if (counts === undefined || status === 'blocked') return '–'
  const { addressesLost: lost, addressesAdded: added } = counts
  const parts: Inline[][] = [
    ...(lost === 0 ? [] : [[{ mark: 'lost' as const, word: `${lost} removed` }]]),
    ...(added === 0 ? [] : [[{ mark: 'added' as const, word: `${added} added` }]]),
  ]
  return parts.length === 0
    ? 'unchanged'
    : parts.flatMap((part, index) => (index === 0 ? part : [', ', ...part]))
}

function listOr<T>(empty: string, blocks: T[]): (T | ReturnType<typeof paragraph>)[] {
  return blocks.length === 0 ? [paragraph(empty)] : blocks
}
