import { cleanLine } from './clean.ts'

/**
 * Plain text for any place of a Markdown document, tables too: nothing in it is read as markup, as HTML, as a
 * link or as a mention. Written for GitHub's dialect (GFM), which has the most that must be kept asleep. `|` becomes
 * an entity, since renderers do not agree on a backslash before it.
 */
export function escapeMarkdown(text: string): string {
  return cleanLine(text)
    .replace(/[\\`*[\]~$]/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('|', '&#124;')
    .replaceAll('@', '\\@')
    .replaceAll('://', '\\://')
    .replace(/www\./gi, (found) => `${found.slice(0, 3)}\\.`)
    .replace(/(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, '\\_')
}

/** What only means something at the start of a line: headings, lists, quotes, rules. */
export function escapeLineStart(line: string): string {
  return line
    .trimStart()
    .replace(/^([#+=-])/, '\\$1')
    .replace(/^(\d+)([.)])(?=\s|$)/, '$1\\$2')
}

/**
 * A code span that holds any text. In a table a pipe would end the cell even inside of code, so such text is
 * written as escaped plain text.
 */
export function codeSpan(text: string): string {
  const line = cleanLine(text)
  if (line === '') return '(empty)'
  if (line.includes('|')) return escapeMarkdown(line)
  const fence = '`'.repeat(longestRun(line) + 1)
  const pad = line.startsWith('`') || line.endsWith('`') ? ' ' : ''
  return `${fence}${pad}${line}${pad}${fence}`
}

/** A fence longer than any run of backticks inside. */
export function codeFence(text: string): string {
  return '`'.repeat(Math.max(3, longestRun(text) + 1))
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length))
}
