import type { Section } from '../document/document.ts'
import { escapeHtml } from '../document/escape.ts'
import { sectionToHtml } from '../document/to-html.ts'
import { PAGE_STYLE } from './page-style.ts'

/** At the top of every report about simulated Azure. */
export const SIMULATED = 'The cluster and its addresses are not real.'

interface Page {
  /** Plain text. */
  title: string
  /** HTML, as are the footer and what the sections become. */
  header: string
  sections: Section[]
  footer: string
}

/** One HTML page without scripts or external files. */
export function htmlPage({ title, header, sections, footer }: Page): string {
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
${header}
</header>
${navigation(sections)}
<main id="content">
${sections.map(sectionToHtml).join('\n')}
</main>
<footer>
${footer}
</footer>
</body>
</html>
`
}

function navigation(sections: Section[]): string {
  const items = sections
    .map(({ id, title }) => `<li><a href="#${id}">${escapeHtml(title)}</a></li>`)
    .join('\n')
  return `<nav aria-label="Sections">\n<ul>\n${items}\n</ul>\n</nav>`
}
