import type { JobOutcome } from '../../core/job/job-outcome.ts'
import type { ReportPage, Section, Text } from '../document/document.ts'
import { asShared, HOME_LINK, pageToHtml, pageToMarkdown } from '../page/report-page.ts'
import { withOutcome } from '../plan/reported-plan.ts'
import { allowListsSection } from '../sections/allow-lists.ts'
import { jobAddressesSection } from './job-addresses.ts'
import { jobProbesSection } from './job-probes.ts'
import { jobRemainingSection } from './job-remaining.ts'
import { jobFactsSection, jobStepsSection } from './job-steps.ts'
import { jobReportTitle, jobVerdict } from './job-verdict.ts'

/** A job as one HTML page: for the ticket of the change, and for those who open firewalls. */
export function htmlJobReport(outcome: JobOutcome, isShared = false): string {
  const page = toPage(outcome, isShared)
  return pageToHtml(isShared ? asShared(page) : page)
}

/** A job as GitHub Flavored Markdown, with the verdict first. */
export function markdownJobReport(outcome: JobOutcome): string {
  return pageToMarkdown(toPage(outcome))
}

function toPage(outcome: JobOutcome, isShared = false): ReportPage {
  const { job } = outcome
  return {
    heading: jobReportTitle(outcome),
    verdict: jobVerdict(outcome),
    isSimulated: job.azure === 'simulated',
    identity: [
      ['Cluster', [{ code: job.cluster.name }, ' in ', { code: job.cluster.resourceGroup }]],
      ['Subscription', [{ code: job.cluster.subscriptionId }]],
      ['Job', [{ code: job.id }]],
      ['Created', [{ time: job.timestamps.acceptedAt }, ' by ', { code: job.createdBy }]],
      ...(job.status === 'NotStarted' && job.beginsAt != null
        ? [['Begins', [{ time: job.beginsAt }]] satisfies [string, Text]]
        : []),
      ...(job.status === 'NotStarted' && job.schedule?.giveUpAt != null
        ? [['Gives up', [{ time: job.schedule.giveUpAt }]] satisfies [string, Text]]
        : []),
    ],
    runningTitle: `${job.cluster.name} · job ${job.id}`,
    sections: sectionsOf(outcome, isShared),
    links: [
      { text: 'Plan of this job', path: `/v1/plans/${job.planId}` },
      { text: 'Public IP changes as JSON', path: `/v1/jobs/${job.id}/ip-changes` },
      HOME_LINK,
    ],
  }
}

/** What to do and the addresses first, then the course of the job. */
function sectionsOf(outcome: JobOutcome, isShared: boolean): Section[] {
  return [
    jobRemainingSection(outcome, isShared),
    jobAddressesSection(outcome),
    allowListsSection(withOutcome(outcome.plan, outcome)),
    jobStepsSection(outcome),
    ...(outcome.job.nodeVerification === undefined ? [] : [jobProbesSection(outcome)]),
    jobFactsSection(outcome),
  ]
}
