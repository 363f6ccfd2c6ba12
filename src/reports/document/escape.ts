// biome-ignore lint/suspicious/noControlCharactersInRegex: the expression finds control characters.
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g
/** They change the reading direction, so that a name could look like another name. */
const BIDI_CONTROLS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/** Text from outside without invisible parts: control characters, direction changes, unpaired surrogates. */
export function sanitize(text: string): string {
  return text.toWellFormed().replace(CONTROLS, '\ufffd').replace(BIDI_CONTROLS, '\ufffd')
}

/** Sanitized text on one line. */
export function sanitizeLine(text: string): string {
  return sanitize(text).replace(/\s+/g, ' ').trim()
}

/** `2026-09-01T00:00:00.000Z` as `2026-09-01 00:00 UTC`; any other text is unchanged. */
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
  return sanitize(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
}

/**
 * Plain text for any place in a Markdown document, including tables: nothing in it is read as markup, HTML, a link, or
 * a mention. The rules follow GitHub Flavored Markdown (GFM), which gives the most characters a meaning. `|` becomes an
 * entity, because renderers disagree on a backslash before it.
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
    .replace(/www\./gi, (prefix) => `${prefix.slice(0, 3)}\\.`)
    .replace(/(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, '\\_')
}

/** Escapes what has a meaning only at the start of a line: headings, lists, quotes, rules. */
export function escapeLineStart(line: string): string {
  return line
    .trimStart()
    .replace(/^([#+=-])/, '\\$1')
    .replace(/^(\d+)([.)])(?=\s|$)/, '$1\\$2')
}

/**
 * A code span for any text. In a table, a pipe ends the cell even inside code, so text with a pipe becomes escaped plain
 * text.
 */
export function codeSpan(text: string): string {
  const line = sanitizeLine(text)
  if (line === '') return '(empty)'
  if (line.includes('|')) return escapeMarkdown(line)
  const fence = '`'.repeat(longestRun(line) + 1)
  const pad = line.startsWith('`') || line.endsWith('`') ? ' ' : ''
  return `${fence}${pad}${line}${pad}${fence}`
}

/** A fence longer than any run of backticks in the text. */
export function codeFence(text: string): string {
  return '`'.repeat(Math.max(3, longestRun(text) + 1))
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length))
}
