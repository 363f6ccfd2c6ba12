import type { Campaign } from '../../contract/campaign.ts'
import type { AzureMode } from '../../contract/cluster.ts'
import type { Job } from '../../contract/job.ts'
import type { PlanSummary } from '../../contract/plan.ts'
import {
  type Cell,
  type Inline,
  paragraph,
  pluralize,
  prose,
  type ReportPage,
  type Section,
  type Text,
  tableOf,
} from '../document/document.ts'
import type { MarkName } from '../document/labels.ts'
import { pageToHtml } from '../page/report-page.ts'
import { changesSection, type RecentChanges } from './change-list.ts'
import { attentionRow, awaitsDecision, campaignsSection, endedRow } from './home-campaigns.ts'
import { clustersSection, type HomeClusters } from './home-clusters.ts'

/** The start of a list. */
export interface Shown<T> {
  items: T[]
  /** Whether the list has more items. */
  hasMore: boolean
}

/** What the home page shows to a caller: rows of the API that the caller may see. */
export interface HomeData {
  azure: AzureMode
  version: string
  asOf: string
  failed: Shown<Job>
  held: Shown<Job>
  unapproved: Shown<PlanSummary>
  /** Running and scheduled jobs, without the held jobs. */
  active: Shown<Job>
  recent: Shown<PlanSummary>
  /** Campaigns that have not ended. */
  campaigns: Shown<Campaign>
  /** Campaigns of the last days that ended without success of all members. */
  endedCampaigns: readonly Campaign[]
  clusters: HomeClusters
  changes: RecentChanges
}

/** How long a failed job is shown. */
export const FAILED_DAYS = 7

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
        'A browser sends no token for this page, so the page shows no clusters, plans, or jobs. Sign in with ',
        { strong: 'Authorize' },
        ' in Swagger UI, and send requests there.',
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

function attentionCount({ failed, held, unapproved, campaigns, endedCampaigns }: HomeData): number {
  const waiting = campaigns.items.filter(awaitsDecision)
  return [failed.items, held.items, unapproved.items, waiting, endedCampaigns].flat().length
}

function verdictOf(data: HomeData): ReportPage['verdict'] {
  const count = attentionCount(data)
  const held = data.held.items.length
  const hasMoreJobs = data.active.hasMore || data.held.hasMore
  const active = `${pluralize(data.active.items.length + held, 'job')}${hasMoreJobs ? ' or more' : ''} running or scheduled${held === 0 ? '' : `, ${held} of them held before the cutover`}.`
  if (count === 0)
    return { mark: 'ready', word: 'No job, plan or campaign needs attention', sentence: active }
  const hasMore = [data.failed, data.held, data.unapproved, data.campaigns].some((shown) => shown.hasMore)
  return {
    mark: 'acknowledgeFirst',
    word: `${pluralize(count, 'item')}${hasMore ? ' or more' : ''} ${count === 1 ? 'needs' : 'need'} attention`,
    sentence: active,
  }
}

function attentionSections(data: HomeData): Section[] {
  const { failed, held, unapproved, campaigns, endedCampaigns } = data
  const count = attentionCount(data)
  if (count === 0) return []
  const heldRows = held.items.map((job): Cell[] => [
    link(job.cluster.name, `/v1/jobs/${job.id}`),
    [{ mark: 'acknowledgeFirst', word: 'Held before the cutover' }],
    time(job.hold?.heldSince),
    ['Release the job with ', { code: `POST /v1/jobs/${job.id}/release` }, ', or cancel it.'],
  ])
  const planRows = unapproved.items.map((plan): Cell[] => [
    link(plan.cluster.name, `/v1/plans/${plan.id}`),
    [{ mark: 'acknowledgeFirst', word: 'Plan awaits an approval' }],
    time(plan.createdAt),
    ['A second person must approve it by ', ...time(plan.approvableUntil ?? plan.expiresAt), '.'],
  ])
  const failedRows = failed.items.map((job): Cell[] => [
    link(job.cluster.name, `/v1/jobs/${job.id}`),
    [{ mark: 'blocked', word: 'Failed' }],
    time(job.timestamps.finishedAt),
    job.error === null
      ? 'Read the report of the job.'
      : [{ code: job.error.code }, ': ', ...prose(job.error.remedy)],
  ])
  return [
    {
      id: 'attention',
      title: 'Needs attention',
      shortTitle: 'Attention',
      count,
      blocks: [
        ...tableOf(
          'Campaigns and jobs that wait, plans that await an approval, and failed jobs',
          ['Cluster or campaign', 'State', 'Since', 'What to do'],
          [
            ...campaigns.items.filter(awaitsDecision).map(attentionRow),
            ...endedCampaigns.map(endedRow),
            ...heldRows,
            ...planRows,
            ...failedRows,
          ],
        ),
        ...(failedRows.length === 0 && endedCampaigns.length === 0
          ? []
          : [paragraph(`Failed jobs and campaigns of the last ${FAILED_DAYS} days are listed.`)]),
        ...more(held, 'held jobs', '/v1/jobs?hold=Held'),
        ...more(unapproved, 'plans that await an approval', '/v1/plans?approval=pending'),
        ...more(failed, 'failed jobs', '/v1/jobs?status=Failed'),
      ],
    },
  ]
}

function activeSection({ active }: HomeData): Section {
  return {
    id: 'jobs',
    title: 'Running and scheduled jobs',
    shortTitle: 'Jobs',
    count: active.items.length,
    blocks: [
      ...listOr(
        'No job is running or scheduled.',
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
    count: recent.items.length,
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

function more<T>({ hasMore }: Shown<T>, noun: string, url: string): ReturnType<typeof paragraph>[] {
  return hasMore ? [paragraph({ link: `All ${noun} as JSON`, url })] : []
}

/** Identifiers of this service are the only variable parts of a URL. */
function link(text: string, url: string): Text {
  return [{ link: text, url }]
}

function time(at: string | null | undefined): Inline[] {
  return at === null || at === undefined ? ['–'] : [{ time: at }]
}
