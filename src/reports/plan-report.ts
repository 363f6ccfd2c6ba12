import type { Inline } from './document/document.ts'
import { escapeHtml, escapeMarkdown } from './document/escape.ts'
import { MARKS } from './document/labels.ts'
import { textToHtml } from './document/to-html.ts'
import { sectionToMarkdown, textToMarkdown } from './document/to-markdown.ts'
import { htmlPage, SIMULATED } from './page/page.ts'
import { buildVerdict, type ReportedPlan, reportTitle } from './plan/reported-plan.ts'
import { sectionsOf } from './sections/sections.ts'

/**
 * A plan as one HTML page without scripts or external files: for a browser, a phone, a screen reader, and print, in light
 * and dark. Text from outside is escaped.
 */
export function htmlReport(plan: ReportedPlan): string {
  const { mark, word = MARKS[mark].word } = buildVerdict(plan)
  const sections = sectionsOf(plan)
  const title = `${word}. ${reportTitle(plan)}`
  return htmlPage({ title, header: headerOf(plan), sections, footer: footerOf(plan) })
}

function headerOf(plan: ReportedPlan): string {
  const { mark, sentence, ...label } = buildVerdict(plan)
  const simulated =
    plan.azure === 'simulated'
      ? `<p class="simulated">${textToHtml([{ mark: 'simulated' }, `. ${SIMULATED}`])}</p>\n`
      : ''
  const heading = textToHtml(reportTitle(plan))
  const verdict = textToHtml([{ mark, ...label }, ' ', sentence])
  return `${simulated}<h1>${heading}</h1>\n<p class="verdict ${MARKS[mark].tone}">${verdict}</p>`
}

function footerOf(plan: ReportedPlan): string {
  const text: Inline[] = [
    'Plan created ',
    { time: plan.createdAt },
    ', executable until ',
    { time: plan.expiresAt },
  ]
  const path = escapeHtml(`/v1/plans/${plan.id}/ip-changes`)
  return `<p>${textToHtml(text)}. <a href="${path}">Public IP changes as JSON</a>.</p>`
}

/**
 * A plan as GitHub Flavored Markdown, for a change ticket or a chat, with the verdict first. Text from outside is
 * escaped.
 */
export function markdownReport(plan: ReportedPlan): string {
  const { mark, sentence, ...label } = buildVerdict(plan)
  const simulated = plan.azure === 'simulated' ? [`> **Simulated Azure.** ${SIMULATED}`] : []
  return `${[
    `# ${escapeMarkdown(reportTitle(plan))}`,
    ...simulated,
    `**${textToMarkdown([{ mark, ...label }])}.** ${escapeMarkdown(sentence)}`,
    ...sectionsOf(plan).map(sectionToMarkdown),
  ].join('\n\n')}\n`
}
