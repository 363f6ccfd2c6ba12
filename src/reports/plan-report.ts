import { MARKS, type Section } from './document/document.ts'
import { escapeHtml, escapeMarkdown } from './document/escape.ts'
import { sectionToHtml, textToHtml } from './document/to-html.ts'
import { sectionToMarkdown, textToMarkdown } from './document/to-markdown.ts'
import { PAGE_STYLE } from './page/page-style.ts'
import { buildVerdict, type ReportedPlan, reportTitle } from './plan/reported-plan.ts'
import { sectionsOf } from './sections/sections.ts'

/**
 * A plan as one HTML page without script and without anything to load: for a browser, a phone, a screen reader and
 * paper, in light and dark. Pure; whatever comes from outside is escaped.
 */
export function htmlReport(plan: ReportedPlan): string {
  const { mark } = buildVerdict(plan)
  const sections = sectionsOf(plan)
  const title = `${MARKS[mark].word}. ${reportTitle(plan)}`
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

function headerOf(plan: ReportedPlan): string {
  const { mark, sentence } = buildVerdict(plan)
  const simulated =
    plan.azure === 'simulated'
      ? `<p class="simulated">${textToHtml([{ mark: 'simulated' }, '. No real cluster was read, and none of these addresses is real.'])}</p>\n`
      : ''
  const heading = textToHtml(reportTitle(plan))
  const verdict = textToHtml([{ mark }, ' ', sentence])
  return `${simulated}<h1>${heading}</h1>\n<p class="verdict ${MARKS[mark].tone}">${verdict}</p>`
}

function navigation(sections: Section[]): string {
  const items = sections
    .map(({ id, title }) => `<li><a href="#${id}">${escapeHtml(title)}</a></li>`)
    .join('\n')
  return `<nav aria-label="Sections">\n<ul>\n${items}\n</ul>\n</nav>`
}

function footerOf(plan: ReportedPlan): string {
  const made = textToHtml([
    'Plan made ',
    { time: plan.createdAt },
    ', can be executed until ',
    { time: plan.expiresAt },
  ])
  const path = escapeHtml(`/v1/plans/${plan.id}/ip-changes`)
  return `<p>${made}. <a href="${path}">Its addresses as JSON</a>.</p>`
}

/**
 * A plan as GitHub-flavoured Markdown, for a change ticket or a chat: the verdict first, and every table as one
 * that renders there. Pure; whatever comes from outside is escaped.
 */
export function markdownReport(plan: ReportedPlan): string {
  const { mark, sentence } = buildVerdict(plan)
  const simulated =
    plan.azure === 'simulated'
      ? ['> **Simulated Azure.** No real cluster was read, and none of these addresses is real.']
      : []
  return `${[
    `# ${escapeMarkdown(reportTitle(plan))}`,
    ...simulated,
    `**${textToMarkdown([{ mark }])}.** ${escapeMarkdown(sentence)}`,
    ...sectionsOf(plan).map(sectionToMarkdown),
  ].join('\n\n')}\n`
}
