// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g
/** Turn the order of what follows, so that a name could read as another. */
const BIDI_CONTROLS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/** Text from outside without what no reader can see: control characters, turned directions, half characters. */
export function sanitize(text: string): string {
  return text.toWellFormed().replace(CONTROLS, '\ufffd').replace(BIDI_CONTROLS, '\ufffd')
}

/** The same on one line. */
export function sanitizeLine(text: string): string {
  return sanitize(text).replace(/\s+/g, ' ').trim()
}

/** `2026-09-01T00:00:00.000Z` as `2026-09-01 00:00 UTC`; anything else as it is. */
export function formatTime(iso: string): string {
  const parts = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}):\d{2}(?:\.\d+)?Z$/.exec(iso)
  return parts === null ? iso : `${parts[1]} ${parts[2]} UTC`
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text for the content or a quoted attribute of an HTML or SVG element. */
export function escapeHtml(text: string): string {
  return sanitize(text).replace(/[&<>"']/g, (found) => ENTITIES[found] ?? found)
}

/**
 * Plain text for any place of a Markdown document, tables too: nothing in it is read as markup, as HTML, as a
 * link or as a mention. Written for GitHub's dialect (GFM), which has the most that must be kept asleep. `|` becomes
 * an entity, since renderers do not agree on a backslash before it.
 */
export function escapeMarkdown(text: string): string {
  return sanitizeLine(text)
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
  const line = sanitizeLine(text)
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
