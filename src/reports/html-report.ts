import type { Section } from './document/document.ts'
import { escapeHtml } from './document/escape-html.ts'
import { MARKS } from './document/marks.ts'
import { sectionToHtml, textToHtml } from './document/to-html.ts'
import { PAGE_STYLE } from './page/style.ts'
import { type ReportedPlan, titleOf } from './reported-plan.ts'
import { sectionsOf } from './sections/all-sections.ts'
import { verdictOf } from './verdict.ts'

/**
 * A plan as one HTML page without script and without anything to load: for a browser, a phone, a screen reader and
 * paper, in light and dark. Pure; whatever comes from outside is escaped.
 */
export function htmlReport(plan: ReportedPlan): string {
  const { mark } = verdictOf(plan)
  const sections = sectionsOf(plan)
  const title = `${MARKS[mark].word}. ${titleOf(plan)}`
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
  const { mark, sentence } = verdictOf(plan)
  const simulated =
    plan.azure === 'simulated'
      ? `<p class="simulated">${textToHtml([{ mark: 'simulated' }, '. No real cluster was read, and none of these addresses is real.'])}</p>\n`
      : ''
  const heading = textToHtml(titleOf(plan))
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
