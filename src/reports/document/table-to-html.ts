import type { Cell, Table } from './document.ts'
import { escapeHtml } from './escape-html.ts'

/**
 * A table that scrolls by itself where the screen is narrow: the container can be reached with the keyboard and is
 * named after the caption.
 */
export function tableToHtml(
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
