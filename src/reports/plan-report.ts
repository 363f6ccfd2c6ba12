import type { ReportPage } from './document/document.ts'
import { asShared, HOME_LINK, pageToHtml, pageToMarkdown } from './page/report-page.ts'
import { buildVerdict } from './plan/plan-verdict.ts'
import { type ReportedPlan, reportTitle } from './plan/reported-plan.ts'
import { sectionsOf } from './sections/sections.ts'

/** A plan as one HTML page. */
export function htmlReport(plan: ReportedPlan, isShared = false): string {
  const page = toPage(plan)
  return pageToHtml(isShared ? asShared(page) : page)
}

/** A plan as GitHub Flavored Markdown. */
export function markdownReport(plan: ReportedPlan): string {
  return pageToMarkdown(toPage(plan))
}

function toPage(plan: ReportedPlan): ReportPage {
  const { id, cluster, createdAt, createdBy, expiresAt } = plan
  return {
    heading: reportTitle(plan),
    verdict: buildVerdict(plan),
    isSimulated: plan.azure === 'simulated',
    identity: [
      ['Cluster', [{ code: cluster.name }, ' in ', { code: cluster.resourceGroup }]],
      ['Subscription', [{ code: cluster.subscriptionId }]],
      ['Plan', [{ code: id }]],
      ['Created', [{ time: createdAt }, ' by ', { code: createdBy }]],
      [expiryLabel(plan), [{ time: expiresAt }]],
    ],
    runningTitle: `${cluster.name} · plan ${id}`,
    sections: sectionsOf(plan),
    links: [
      ...(plan.status === 'blocked'
        ? []
        : [{ text: 'Public IP changes as JSON', path: `/v1/plans/${id}/ip-changes` }]),
      ...(plan.jobId == null ? [] : [{ text: 'Job of this plan', path: `/v1/jobs/${plan.jobId}` }]),
      HOME_LINK,
    ],
  }
}

/** A plan that is blocked or that can no longer be approved is never executable, so its expiry is only the end of its validity. */
function expiryLabel({ status, approval }: ReportedPlan): string {
  if (status === 'expired') return 'Expired'
  return status === 'applicable' && approval !== 'required' ? 'Executable until' : 'Valid until'
}
