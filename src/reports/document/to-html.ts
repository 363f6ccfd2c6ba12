import { type Block, type Cell, type Inline, MARKS, type Section, type Table, type Text } from './document.ts'
import { escapeHtml, formatTime } from './escape.ts'

/**
 * A table that scrolls by itself where the screen is narrow: the container can be reached with the keyboard and is
 * named after the caption.
 */
function tableToHtml(
  { caption, columns, rows }: Table,
  id: string,
  cellToHtml: (cell: Cell) => string,
): string {
  const head = columns.map((each) => `<th scope="col">${escapeHtml(each)}</th>`).join('')
  const body = rows.map((row) => `<tr>${rowToHtml(row, cellToHtml)}</tr>`).join('\n')
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

function rowToHtml([first = '', ...others]: Cell[], cellToHtml: (cell: Cell) => string): string {
  return [
    `<th scope="row">${cellToHtml(first)}</th>`,
    ...others.map((cell) => `<td>${cellToHtml(cell)}</td>`),
  ].join('')
}

/** A section of a page, headed at level two. */
export function sectionToHtml({ id, title, blocks }: Section): string {
  const heading = `${id}-title`
  const inside = blocks.map((block, index) => blockToHtml(block, `${id}-${index + 1}`)).join('\n')
  return `<section id="${id}" aria-labelledby="${heading}">\n<h2 id="${heading}">${escapeHtml(title)}</h2>\n${inside}\n</section>`
}

/** A block; `id` is unique on the page, for captions and headings that are pointed at. */
function blockToHtml(block: Block, id: string): string {
  switch (block.kind) {
    case 'paragraph':
      return `<p>${textToHtml(block.text)}</p>`
    case 'list': {
      if (block.items.length === 0) return ''
      const tag = block.isOrdered ? 'ol' : 'ul'
      return `<${tag}>${block.items.map((item) => `<li>${textToHtml(item)}</li>`).join('')}</${tag}>`
    }
    case 'facts':
      return `<dl>${block.facts.map(factToHtml).join('')}</dl>`
    case 'table':
      return tableToHtml(block, id, cellToHtml)
    case 'listing':
      return `<h3 id="${id}">${escapeHtml(block.title)}</h3>\n<pre tabindex="0" role="region" aria-labelledby="${id}"><code>${escapeHtml(block.text.trimEnd())}</code></pre>`
    case 'part': {
      const inside = block.blocks.map((each, index) => blockToHtml(each, `${id}-${index + 1}`)).join('\n')
      return `<article class="part ${toneOf(block.title)}" aria-labelledby="${id}"><h3 id="${id}">${textToHtml(block.title)}</h3>\n${inside}</article>`
    }
    case 'figure':
      return `<figure>\n<div class="pictures">${block.pictures.join('\n')}</div>\n<figcaption>${escapeHtml(block.caption)}</figcaption>\n</figure>`
  }
}

export function textToHtml(text: Text): string {
  return typeof text === 'string' ? escapeHtml(text) : text.map(inlineToHtml).join('')
}

function inlineToHtml(inline: Inline): string {
  if (typeof inline === 'string') return escapeHtml(inline)
  if ('code' in inline)
    return `<code${ADDRESS.test(inline.code) ? ' class="address"' : ''}>${breakable(inline.code)}</code>`
  if ('strong' in inline) return `<strong>${escapeHtml(inline.strong)}</strong>`
  if ('link' in inline) return `<a href="${escapeHtml(inline.url)}">${escapeHtml(inline.link)}</a>`
  if ('time' in inline)
    return `<time datetime="${escapeHtml(inline.time)}">${escapeHtml(formatTime(inline.time))}</time>`
  const { shape, word, tone } = MARKS[inline.mark]
  return `<span class="mark ${tone}"><span aria-hidden="true">${shape}</span> ${word}</span>`
}

/** An IPv4 or IPv6 address or a CIDR, as far as its letters go: never broken, since it is copied. */
const ADDRESS = /^[0-9a-f]*[.:][0-9a-f.:]*(\/\d+)?$/i

/** Ids and paths may break after a slash, JSON after a comma. */
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
  const mark = title.find((each) => typeof each === 'object' && 'mark' in each)
  return typeof mark === 'object' && 'mark' in mark ? MARKS[mark.mark].tone : 'plain'
}
