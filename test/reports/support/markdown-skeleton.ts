/**
 * What is markup in a Markdown document, and nothing of its text: written for these tests, by the rules of GFM and
 * apart from the writer. Two documents of one shape must have one skeleton, whatever text they hold.
 */
export function markdownSkeleton(markdown: string): string[] {
  const skeleton: string[] = []
  const lines = markdown.split('\n')
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? ''
    const fence = /^(`{3,})([a-z]*)$/.exec(line)
    if (fence === null) {
      skeleton.push(lineSkeleton(line))
      continue
    }
    const end = lines.indexOf(fence[1] ?? '', at + 1)
    if (end === -1) throw new Error(`the fence of line ${at + 1} never ends`)
    skeleton.push(`listing ${fence[2]}`)
    at = end
  }
  return skeleton
}

/** How the line begins, and every character in it that is alive. */
function lineSkeleton(line: string): string {
  const start = /^ {0,3}(#{1,6} |[-+*] |\d+[.)] |>|\||={2,}|-{3,}|~{3,}|`{3,})/.exec(line)?.[1] ?? ''
  return `${start.replace(/\d+/, '1')}:${alive(line)}`
}

function alive(line: string): string {
  let found = ''
  for (let at = 0; at < line.length; at++) {
    const char = line[at] ?? ''
    if (char === '\\') at++
    else if (char === '`') {
      const run = /^`+/.exec(line.slice(at))?.[0] ?? '`'
      const end = endOfCode(line, at + run.length, run)
      if (end === -1) found += run
      else if (line.slice(at, end).includes('|')) throw new Error(`a pipe inside of code: ${line}`)
      else at = end - 1
      if (end === -1) at += run.length - 1
    } else if ('*[]<>|~$@'.includes(char)) found += char
    else if (char === '_' && !isInsideWord(line, at)) found += char
    else if (char === ':' && line.startsWith('://', at)) found += '://'
    else if (/^www\./i.test(line.slice(at))) found += 'www'
  }
  return found
}

function endOfCode(line: string, from: number, run: string): number {
  for (const match of line.slice(from).matchAll(/`+/g))
    if (match[0].length === run.length) return from + match.index + run.length
  return -1
}

function isInsideWord(line: string, at: number): boolean {
  return /[A-Za-z0-9]/.test(line[at - 1] ?? '') && /[A-Za-z0-9]/.test(line[at + 1] ?? '')
}

/** Cells of each line of each table, by pipes that are alive. */
export function tableWidths(markdown: string): number[][] {
  const tables: number[][] = []
  let isInside = false
  for (const line of markdown.replace(/^(`{3,})[a-z]*\n[\s\S]*?\n\1$/gm, '').split('\n')) {
    if (!line.startsWith('|')) {
      isInside = false
      continue
    }
    if (!isInside) tables.push([])
    isInside = true
    tables.at(-1)?.push(alive(line).split('|').length - 2)
  }
  return tables
}
