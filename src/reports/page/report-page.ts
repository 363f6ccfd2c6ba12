import type { ReportPage, Section } from '../document/document.ts'
import { escapeHtml, escapeMarkdown } from '../document/escape.ts'
import { MARKS } from '../document/labels.ts'
import { mapInlines, numberSources } from '../document/sources.ts'
import { sectionToHtml, textToHtml } from '../document/to-html.ts'
import { sectionToMarkdown, textToMarkdown } from '../document/to-markdown.ts'
import { PAGE_STYLE } from './page-style.ts'

/** The link of every page to the home page. */
export const HOME_LINK = { text: 'Home: all plans and jobs', path: '/' }

const SIMULATED = 'The cluster and its addresses are not real: do not add these addresses to a real firewall.'

/**
 * The page as one HTML document without external files: for a browser, a phone, a screen reader, and print, in
 * light and dark. Reports have no script.
 */
export function pageToHtml(page: ReportPage, script = ''): string {
  const { mark, word = MARKS[mark].word } = page.verdict
  const sections = numberSources(page.sections)
  const title = `${word}. ${page.heading}`
  return `<!doctype html>
<html lang="en" data-running-title="${escapeHtml(page.runningTitle)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header>
${headerOf(page)}
</header>
${contentsOf(sections)}
<main id="content">
${sections.map(sectionToHtml).join('\n')}
</main>
<footer>
${page.links.map(({ text, path }) => `<p><a href="${escapeHtml(path)}">${escapeHtml(text)}</a></p>`).join('\n')}
</footer>${script === '' ? '' : `\n<script type="module">${script}</script>`}
</body>
</html>
`
}

/** The page without links into the service, which the reader of a share link could not follow. */
export function asShared(page: ReportPage): ReportPage {
  const { sections, verdict } = mapInlines({ sections: page.sections, verdict: page.verdict }, (value) => {
    const text = value.finding ?? value.job
    return typeof text === 'string' ? { code: text } : null
  })
  return { ...page, sections, verdict, links: [] }
}

function headerOf({ heading, verdict, isSimulated, identity }: ReportPage): string {
  const { mark, sentence, ...label } = verdict
  const simulated = isSimulated
    ? `<p class="simulated">${textToHtml([{ mark: 'simulated' }, `. ${SIMULATED}`])}</p>\n`
    : ''
  const facts = identity.map(
    ([name, value]) => `<div><dt>${escapeHtml(name)}</dt><dd>${textToHtml(value)}</dd></div>`,
  )
  return `${simulated}<h1>${escapeHtml(heading)}</h1>
<p class="verdict ${MARKS[mark].tone}">${textToHtml([{ mark, ...label }, ' '])}${textToHtml(sentence)}</p>
<dl class="identity">${facts.join('')}</dl>`
}

function contentsOf(sections: Section[]): string {
  const items = sections.map(({ id, title, shortTitle = title, count }) => {
    const number = count === undefined ? '' : ` <span class="count">${count}</span>`
    return `<li><a href="#${id}">${escapeHtml(shortTitle)}</a>${number}</li>`
  })
  return `<nav aria-label="Contents">\n<ul>\n${items.join('\n')}\n</ul>\n</nav>`
}

/** The page as GitHub Flavored Markdown, for a ticket or a chat, with the verdict first. */
export function pageToMarkdown({ heading, verdict, isSimulated, identity, sections }: ReportPage): string {
  const { mark, sentence, ...label } = verdict
  const facts = identity.map(([name, value]) => `- **${escapeMarkdown(name)}:** ${textToMarkdown(value)}`)
  return `${[
    `# ${escapeMarkdown(heading)}`,
    ...(isSimulated ? [`> **Simulated Azure.** ${SIMULATED}`] : []),
    `**${textToMarkdown([{ mark, ...label }])}.** ${textToMarkdown(sentence)}`,
    facts.join('\n'),
    ...numberSources(sections).map(sectionToMarkdown),
  ].join('\n\n')}\n`
}
