import type { Block, Cell, Filter, Inline, Section, Table, Text } from './document.ts'
import { escapeHtml, formatTime } from './escape.ts'
import { MARKS } from './labels.ts'
import { sourceId } from './sources.ts'

/**
 * A table in a container that scrolls if a word is too long. The container is reachable with the keyboard and has the
 * caption as its name. On a phone, each row is a card, and each cell shows the name of its column.
 */
function tableToHtml(
  { caption, columns, rows }: Table,
  id: string,
  cellToHtml: (cell: Cell) => string,
): string {
  const head = columns.map((column) => `<th scope="col">${escapeHtml(column)}</th>`).join('')
  const body = rows.map((row) => `<tr>${rowToHtml(row, columns, cellToHtml)}</tr>`).join('\n')
  return `<div class="wide" tabindex="0" role="region" aria-labelledby="${id}">
<table>
<caption id="${id}">${escapeHtml(caption)}</caption>
<thead><tr>${head}</tr></thead>
<tbody>
${body}
</tbody>
</table>
</div>`
}

function rowToHtml(
  [first = '', ...others]: Cell[],
  [, ...columns]: string[],
  cellToHtml: (cell: Cell) => string,
): string {
  return [
    `<th scope="row">${cellToHtml(first)}</th>`,
    ...others.map(
      (cell, index) => `<td data-column="${escapeHtml(columns[index] ?? '')}">${cellToHtml(cell)}</td>`,
    ),
  ].join('')
}

/** A section of a page, with a heading of level 2. */
export function sectionToHtml({ id, title, blocks }: Section): string {
  const heading = `${id}-title`
  return `<section id="${id}" aria-labelledby="${heading}">\n<h2 id="${heading}">${escapeHtml(title)}</h2>\n${blocksToHtml(blocks, id)}\n</section>`
}

/** A block. `id` is unique on the page, for references to captions and headings. `level` is that of its heading. */
function blockToHtml(block: Block, id: string, level = 3): string {
  switch (block.kind) {
    case 'paragraph':
      return `<p>${textToHtml(block.text)}</p>`
    case 'list': {
      if (block.items.length === 0) return ''
      const tag = block.isOrdered ? 'ol' : 'ul'
      const idOf = (index: number) => (block.itemId === undefined ? '' : ` id="${block.itemId(index + 1)}"`)
      return `<${tag}>${block.items.map((item, index) => `<li${idOf(index)}>${textToHtml(item)}</li>`).join('')}</${tag}>`
    }
    case 'facts':
      return `<dl>${block.facts.map(factToHtml).join('')}</dl>`
    case 'table':
      return tableToHtml(block, id, cellToHtml)
    case 'listing':
      return `<h${level} id="${id}">${escapeHtml(block.title)}</h${level}>\n<pre tabindex="0" role="region" aria-labelledby="${id}"><code>${escapeHtml(block.text.trimEnd())}</code></pre>`
    case 'part':
      return `<article class="part ${toneOf(block.title)}" aria-labelledby="${id}"><h${level} id="${id}">${textToHtml(block.title)}</h${level}>\n${blocksToHtml(block.blocks, id, level + 1)}</article>`
    case 'fold': {
      const lead = block.lead === undefined ? '' : `\n<span class="lead">${textToHtml(block.lead)}</span>`
      return `<article class="part ${toneOf(block.title)}" aria-labelledby="${id}"><details>\n<summary><h${level} id="${id}">${textToHtml(block.title)}</h${level}>${lead}</summary>\n${blocksToHtml(block.blocks, id, level + 1)}</details></article>`
    }
    case 'filters':
      return `<div class="filters">${block.filters.map((filter) => filterToHtml(filter, block.action)).join('\n')}</div>`
    case 'figure':
      return `<figure>\n<div class="pictures">${block.pictures.join('\n')}</div>\n<figcaption>${escapeHtml(block.caption)}</figcaption>\n</figure>`
  }
}

/** Every form has one field, so that an empty field is never sent. */
function filterToHtml({ name, label, options, example, kept }: Filter, action: string): string {
  const hidden = kept.map(
    ([key, value]) => `<input type="hidden" name="${escapeHtml(key)}" value="${escapeHtml(value)}">`,
  )
  const choices = options?.map(
    ([value, word]) => `<option value="${escapeHtml(value)}">${escapeHtml(word)}</option>`,
  )
  const field =
    choices === undefined
      ? `<input id="filter-${name}" name="${name}" required maxlength="200" placeholder="${escapeHtml(example ?? '')}">`
      : `<select id="filter-${name}" name="${name}" required><option value="">–</option>${choices.join('')}</select>`
  return `<form method="get" action="${escapeHtml(action)}">${hidden.join('')}<div><label for="filter-${name}">${escapeHtml(label)}</label>${field}</div><button>Apply</button></form>`
}

function blocksToHtml(blocks: Block[], parentId: string, level = 3): string {
  return blocks.map((child, index) => blockToHtml(child, `${parentId}-${index + 1}`, level)).join('\n')
}

export function textToHtml(text: Text): string {
  return typeof text === 'string' ? escapeHtml(text) : text.map(inlineToHtml).join('')
}

function inlineToHtml(inline: Inline): string {
  if (typeof inline === 'string') return escapeHtml(inline)
  if ('code' in inline)
    return `<code${ADDRESS.test(inline.code) ? ' class="address"' : ''}>${breakable(inline.code)}</code>`
  if ('finding' in inline) return findingToHtml(inline.finding)
  if ('job' in inline)
    return `<a href="/v1/jobs/${escapeHtml(encodeURIComponent(inline.job))}"><code>${breakable(inline.job)}</code></a>`
  if ('strong' in inline) return `<strong>${escapeHtml(inline.strong)}</strong>`
  if ('link' in inline) return `<a href="${escapeHtml(inline.url)}">${escapeHtml(inline.link)}</a>`
  if ('time' in inline)
    return `<time datetime="${escapeHtml(inline.time)}">${escapeHtml(formatTime(inline.time))}</time>`
  if ('sources' in inline)
    return (inline.numbers ?? [])
      .map((number) => `<a class="source" href="#${sourceId(number)}">[${number}]</a>`)
      .join(' ')
  const { shape, word, tone } = { ...MARKS[inline.mark], ...inline }
  return `<span class="mark ${tone}"><span aria-hidden="true">${shape}</span> ${word}</span>`
}

/** Only a code of this service is a part of a URL. */
function findingToHtml(code: string): string {
  const text = `<code>${escapeHtml(code)}</code>`
  return /^[A-Z0-9_]+$/.test(code) ? `<a href="/findings/${code}">${text}</a>` : text
}

/** Matches an IPv4 or IPv6 address or a CIDR block. Readers copy these, so they have no line break. */
const ADDRESS = /^[0-9a-f]*[.:][0-9a-f.:]*(\/\d+)?$/i

/** Resource IDs and paths may break after a slash, JSON after a comma. */
function breakable(code: string): string {
  const html = escapeHtml(code)
  if (code.startsWith('/')) return html.replace(/\/(?=.)/g, '/<wbr>')
  return /^[[{]/.test(code) ? html.replaceAll(',', ',<wbr>') : html
}

function factToHtml([name, value]: [string, Text]): string {
  return `<div><dt>${escapeHtml(name)}</dt><dd>${textToHtml(value)}</dd></div>`
}

function cellToHtml(cell: Cell): string {
  if (typeof cell === 'string' || Array.isArray(cell)) return textToHtml(cell)
  return cell.lines.map((line) => `<div>${textToHtml(line)}</div>`).join('')
}

function toneOf(title: Inline[]): string {
  const label = title.find((inline) => typeof inline === 'object' && 'mark' in inline)
  return typeof label === 'object' && 'mark' in label ? MARKS[label.mark].tone : 'plain'
}
