import type { Block, Cell, Inline, Section, Table, Text } from './document.ts'
import { codeFence, codeSpan, escapeLineStart, escapeMarkdown, formatTime, sanitize } from './escape.ts'
import { MARKS } from './labels.ts'

/** A section as GitHub Flavored Markdown, with a heading of level 2. */
export function sectionToMarkdown({ title, blocks }: Section): string {
  return [`## ${escapeMarkdown(title)}`, ...blocksToMarkdown(blocks, 3)].join('\n\n')
}

function blocksToMarkdown(blocks: Block[], level: number): string[] {
  return blocks.flatMap((block) => blockToMarkdown(block, level))
}

/** A block as paragraphs, which an empty line separates. `level` is that of its heading. */
function blockToMarkdown(block: Block, level: number): string[] {
  switch (block.kind) {
    case 'paragraph':
      return [escapeLineStart(textToMarkdown(block.text))]
    case 'list':
      return block.items.length === 0 ? [] : [listToMarkdown(block.isOrdered, block.items)]
    case 'facts':
      return [
        listToMarkdown(
          false,
          block.facts.map(([name, value]) => [{ strong: `${name}:` }, ' ', ...inlines(value)]),
        ),
      ]
    case 'table':
      return [`**${escapeMarkdown(block.caption)}**`, tableToMarkdown(block)]
    case 'listing':
      return [`**${escapeMarkdown(block.title)}**`, listing(block.language, block.text)]
    case 'part':
      return [headingOf(block.title, level), ...blocksToMarkdown(block.blocks, level + 1)]
    case 'fold':
      return [
        headingOf(block.title, level),
        ...(block.lead === undefined ? [] : [escapeLineStart(textToMarkdown(block.lead))]),
        ...blocksToMarkdown(block.blocks, level + 1),
      ]
    case 'filters':
    case 'figure':
      return []
  }
}

function headingOf(title: Inline[], level: number): string {
  return `${'#'.repeat(level)} ${textToMarkdown(title)}`
}

export function textToMarkdown(text: Text): string {
  return inlines(text).map(inlineToMarkdown).join('')
}

function inlines(text: Text): Inline[] {
  return typeof text === 'string' ? [text] : text
}

function inlineToMarkdown(inline: Inline): string {
  if (typeof inline === 'string') return spaced(inline)
  if ('code' in inline) return codeSpan(inline.code)
  if ('finding' in inline) return codeSpan(inline.finding)
  if ('job' in inline) return codeSpan(inline.job)
  if ('strong' in inline) return `**${escapeMarkdown(inline.strong)}**`
  if ('link' in inline) return `[${escapeMarkdown(inline.link)}](<${inline.url}>)`
  if ('time' in inline) return escapeMarkdown(formatTime(inline.time))
  if ('sources' in inline) return (inline.numbers ?? []).map((number) => `\\[${number}\\]`).join(' ')
  const { shape, word } = { ...MARKS[inline.mark], ...inline }
  return `${shape} ${word}`
}

/** Escaping trims a line, but between two inlines the spaces at the ends matter. */
function spaced(text: string): string {
  const before = /^\s/.test(text) ? ' ' : ''
  const after = /\S\s+$/.test(text) ? ' ' : ''
  return `${before}${escapeMarkdown(text)}${after}`
}

function listToMarkdown(isOrdered: boolean, items: Text[]): string {
  return items
    .map((item, index) => `${isOrdered ? `${index + 1}.` : '-'} ${escapeLineStart(textToMarkdown(item))}`)
    .join('\n')
}

function tableToMarkdown({ columns, rows }: Table): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`
  return [
    line(columns.map(escapeMarkdown)),
    line(columns.map(() => '---')),
    ...rows.map((row) => line(row.map(cellToMarkdown))),
  ].join('\n')
}

/** A cell is one line in Markdown. A semicolon separates the lines of the page, except after a colon or a period. */
function cellToMarkdown(cell: Cell): string {
  if (typeof cell === 'string' || Array.isArray(cell)) return textToMarkdown(cell)
  return cell.lines
    .map(textToMarkdown)
    .join('; ')
    .replaceAll(/([.:]); /g, '$1 ')
}

function listing(language: string, text: string): string {
  const content = sanitize(text).replace(/\n+$/, '')
  const fence = codeFence(content)
  return `${fence}${language}\n${content}\n${fence}`
}
