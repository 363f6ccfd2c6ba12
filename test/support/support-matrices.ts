import { readFileSync } from 'node:fs'

/** One cell of a published support matrix. */
export interface Cell {
  edition: string
  vnet: 'managed' | 'byo'
  from: string
  to: string
  verdict: string
}

/** The cells of `test/data/support-matrices.md`, which was written out from the published tables. */
export function publishedCells(): Cell[] {
  const text = readFileSync(new URL('../data/support-matrices.md', import.meta.url), 'utf8')
  const cells: Cell[] = []
  let edition = ''
  let vnet: Cell['vnet'] = 'managed'
  let columns: string[] = []
  for (const line of text.split('\n')) {
    if (line.startsWith('# ')) edition = line.slice(2)
    if (line.startsWith('## ')) vnet = line.slice(3) === 'byo' ? 'byo' : 'managed'
    if (!line.startsWith('| ')) continue
    const [first = '', ...rest] = line
      .split('|')
      .slice(1, -1)
      .map((each) => each.trim())
    if (first.startsWith('from')) columns = rest
    else
      cells.push(
        ...rest.map((verdict, at) => ({ edition, vnet, from: first, to: columns[at] ?? '', verdict })),
      )
  }
  return cells
}
