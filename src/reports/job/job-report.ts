import type { JobOutcome } from '../../core/job/job-outcome.ts'
import type { Section } from '../document/document.ts'
import { escapeHtml, escapeMarkdown } from '../document/escape.ts'
import { MARKS } from '../document/labels.ts'
import { textToHtml } from '../document/to-html.ts'
import { sectionToMarkdown, textToMarkdown } from '../document/to-markdown.ts'
import { htmlPage, SIMULATED } from '../page/page.ts'
import { withOutcome } from '../plan/reported-plan.ts'
import { allowListsSection } from '../sections/allow-lists.ts'
import { jobAddressesSection } from './job-addresses.ts'
import { jobRemainingSection } from './job-remaining.ts'
import { jobFactsSection, jobStepsSection } from './job-steps.ts'
import { jobReportTitle, jobVerdict } from './job-verdict.ts'

/** A job as one HTML page: for the ticket of the change, and for those who open firewalls. Text from outside is escaped. */
export function htmlJobReport(outcome: JobOutcome): string {
  const { mark, word, text } = jobVerdict(outcome)
  const heading = jobReportTitle(outcome)
  const simulated =
    outcome.job.azure === 'simulated'
      ? `<p class="simulated">${textToHtml([{ mark: 'simulated' }, `. ${SIMULATED}`])}</p>\n`
      : ''
  const verdict = textToHtml([{ mark, word }, ' ', ...text])
  const path = escapeHtml(`/v1/jobs/${outcome.job.id}/ip-changes`)
  return htmlPage({
    title: `${word}. ${heading}`,
    header: `${simulated}<h1>${textToHtml(heading)}</h1>\n<p class="verdict ${MARKS[mark].tone}">${verdict}</p>`,
    sections: sectionsOf(outcome),
    footer: `<p><a href="${path}">Public IP changes as JSON</a>.</p>`,
  })
}

/** A job as GitHub Flavored Markdown, with the verdict first. Text from outside is escaped. */
export function markdownJobReport(outcome: JobOutcome): string {
  const { mark, word, text } = jobVerdict(outcome)
  const simulated = outcome.job.azure === 'simulated' ? [`> **Simulated Azure.** ${SIMULATED}`] : []
  return `${[
    `# ${escapeMarkdown(jobReportTitle(outcome))}`,
    ...simulated,
    `**${textToMarkdown([{ mark, word }])}.** ${textToMarkdown(text)}`,
    ...sectionsOf(outcome).map(sectionToMarkdown),
  ].join('\n\n')}\n`
}

/** What to do and the addresses first, then the course of the job. */
function sectionsOf(outcome: JobOutcome): Section[] {
  return [
    jobRemainingSection(outcome),
    jobAddressesSection(outcome),
    allowListsSection(withOutcome(outcome.plan, outcome)),
    jobStepsSection(outcome),
    jobFactsSection(outcome),
  ]
}
