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
  type Section,
  tableOf,
} from '../document/document.ts'
import type { RecentChanges } from './change-list.ts'
import { attentionRow, awaitsDecision, endedRow } from './home-campaigns.ts'
import { link, more, type Shown, time } from './home-cells.ts'
import type { HomeClusters } from './home-clusters.ts'

/** How long a failed job is shown. */
export const FAILED_DAYS = 7

/** The items that wait for a person. */
export function attentionCount({
  failed,
  held,
  unapproved,
  campaigns,
  endedCampaigns,
  clusters,
}: HomeData): number {
  const waiting = campaigns.items.filter(awaitsDecision)
  return (
    [failed.items, held.items, unapproved.items, waiting, endedCampaigns].flat().length +
    uncoveredRows(clusters).length
  )
}

/** What needs attention; nothing if nothing does. */
export function attentionSections(data: HomeData): Section[] {
  const { failed, held, unapproved, campaigns, endedCampaigns, clusters } = data
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
    [{ mark: 'blocked', word: job.status === 'Canceled' ? 'Canceled between two states' : 'Failed' }],
    time(job.timestamps.finishedAt),
    job.error === null
      ? 'Read the report of the job.'
      : [{ code: job.error.code }, ': ', ...prose(job.error.remedy), ...leftText(job)],
  ])
  return [
    {
      id: 'attention',
      title: 'Needs attention',
      shortTitle: 'Attention',
      count,
      blocks: [
        ...tableOf(
          'Clusters, campaigns, plans and jobs that need attention',
          ['Cluster or campaign', 'State', 'Since', 'What to do'],
          [
            ...uncoveredRows(clusters),
            ...campaigns.items.filter(awaitsDecision).map(attentionRow),
            ...endedCampaigns.map(endedRow),
            ...heldRows,
            ...planRows,
            ...failedRows,
          ],
        ),
        ...(failedRows.length === 0 && endedCampaigns.length === 0
          ? []
          : [
              paragraph(
                `The table includes the campaigns and jobs that failed in the last ${FAILED_DAYS} days, and the canceled jobs that left a cluster between two states.`,
              ),
            ]),
        ...more(held, 'held jobs', '/v1/jobs?hold=Held'),
        ...more(unapproved, 'plans that await an approval', '/v1/plans?approval=pending'),
        ...more(failed, 'failed jobs', '/v1/jobs?status=Failed'),
      ],
    },
  ]
}

/** The warnings of a failed job say what it left behind, such as traffic on a new egress path. */
function leftText({ warnings }: HomeData['failed']['items'][number]): Inline[] {
  return warnings.length === 0 ? [] : [' First read what the job left behind, in its report.']
}

/** One row for all clusters whose nodes may lose access to the API server. */
function uncoveredRows({ summary }: HomeData['clusters']): Cell[][] {
  const count = summary.byFlag.rangesUncovered ?? 0
  if (count === 0) return []
  return [
    [
      link(pluralize(count, 'cluster'), '/v1/clusters?flag=rangesUncovered'),
      [{ mark: 'blocked', word: 'Authorized IP ranges do not cover the egress' }],
      '–',
      'The ranges lack an address that nodes use to reach the API server. Add the missing addresses to the ranges of each cluster.',
    ],
  ]
}

/** What the home page shows to a caller: rows of the API that the caller may see. */
export interface HomeData {
  azure: AzureMode
  version: string
  asOf: string
  /** Failed jobs, and canceled jobs that left a cluster between two states. */
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
