import type { Inline, Section } from './document/document.ts'
import { escapeHtml, escapeMarkdown } from './document/escape.ts'
import { MARKS } from './document/labels.ts'
import { sectionToHtml, textToHtml } from './document/to-html.ts'
import { sectionToMarkdown, textToMarkdown } from './document/to-markdown.ts'
import { PAGE_STYLE } from './page/page-style.ts'
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
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<a class="skip" href="#content">Skip to the report</a>
<header>
${headerOf(plan)}
</header>
${navigation(sections)}
<main id="content">
${sections.map(sectionToHtml).join('\n')}
</main>
<footer>
${footerOf(plan)}
</footer>
</body>
</html>
`
}

const SIMULATED = 'The cluster and its addresses are not real.'

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

function navigation(sections: Section[]): string {
  const items = sections
    .map(({ id, title }) => `<li><a href="#${id}">${escapeHtml(title)}</a></li>`)
    .join('\n')
  return `<nav aria-label="Sections">\n<ul>\n${items}\n</ul>\n</nav>`
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
