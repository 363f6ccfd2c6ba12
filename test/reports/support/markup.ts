/**
 * The markup of a Markdown document without its text, by the rules of GFM and independent of the writer. Two documents
 * with the same structure must have the same skeleton, regardless of their text.
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
    if (end === -1) throw new Error(`the fence in line ${at + 1} is not closed`)
    skeleton.push(`listing ${fence[2]}`)
    at = end
  }
  return skeleton
}

/** The start of the line, and every character in it that is markup. */
function lineSkeleton(line: string): string {
  const start = /^ {0,3}(#{1,6} |[-+*] |\d+[.)] |>|\||={2,}|-{3,}|~{3,}|`{3,})/.exec(line)?.[1] ?? ''
  return `${start.replace(/\d+/, '1')}:${markupOf(line)}`
}

function markupOf(line: string): string {
  let found = ''
  for (let at = 0; at < line.length; at++) {
    const char = line[at] ?? ''
    if (char === '\\') at++
    else if (char === '`') {
      const run = /^`+/.exec(line.slice(at))?.[0] ?? '`'
      const end = endOfCode(line, at + run.length, run)
      if (end === -1) found += run
      else if (line.slice(at, end).includes('|')) throw new Error(`a pipe inside code: ${line}`)
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

/** The number of cells of each row of each table, by pipes that are markup. */
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
    tables.at(-1)?.push(markupOf(line).split('|').length - 2)
  }
  return tables
}

/** An element or a text of a page. */
export interface Node {
  name: string
  attributes: Record<string, string>
  children: (Node | string)[]
}

const VOID = ['meta', 'wbr']
const TAG = /^<(\/?)([a-zA-Z][a-zA-Z0-9]*)((?: [a-zA-Z:-]+="[^"<>]*")*)(\/?)>/

/**
 * Parses a page as strictly as XML: every element closed in order, every attribute quoted, no `<` or bare `&` in text.
 * It is stricter than a browser, so that every browser reads the page in the same way.
 */
export function parsePage(page: string): Node {
  const root: Node = { name: '#root', attributes: {}, children: [] }
  const open: Node[] = [root]
  let rest = page.replace(/^<!doctype html>\n/, '')
  while (rest !== '') {
    const top = open.at(-1) as Node
    if (!rest.startsWith('<') || top.name === 'style') {
      const end = top.name === 'style' ? rest.indexOf('</style>') : rest.indexOf('<')
      const text = end === -1 ? rest : rest.slice(0, end)
      top.children.push(top.name === 'style' ? text : decoded(text))
      rest = rest.slice(text.length)
      if (top.name !== 'style') continue
    }
    const tag = TAG.exec(rest)
    if (tag === null) throw new Error(`not a tag: ${rest.slice(0, 120)}`)
    const [whole, slash, name = '', attributes = '', empty] = tag
    rest = rest.slice(whole.length)
    if (slash === '/') {
      if (open.pop()?.name !== name) throw new Error(`</${name}> closes ${top.name}`)
      continue
    }
    const node: Node = { name, attributes: attributesOf(attributes), children: [] }
    top.children.push(node)
    if (empty !== '/' && !VOID.includes(name)) open.push(node)
  }
  if (open.length !== 1) throw new Error(`${open.at(-1)?.name} is not closed`)
  return root
}

function attributesOf(text: string): Record<string, string> {
  const pairs = [...text.matchAll(/ ([a-zA-Z:-]+)="([^"]*)"/g)]
  const names = pairs.map(([, name]) => name)
  if (new Set(names).size < names.length) throw new Error(`an attribute twice: ${text}`)
  return Object.fromEntries(pairs.map(([, name = '', value = '']) => [name, decoded(value)]))
}

function decoded(text: string): string {
  const bare = text.replace(/&(amp|lt|gt|quot|#39);/g, '')
  if (/[&<>]/.test(bare)) throw new Error(`not escaped: ${text.slice(0, 120)}`)
  const characters: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" }
  return text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => characters[name] ?? '')
}

/** All descendant elements, in page order. */
export function elements(node: Node, name?: string): Node[] {
  const below = node.children.flatMap((child) =>
    typeof child === 'string' ? [] : [child, ...elements(child)],
  )
  return name === undefined ? below : below.filter((element) => element.name === name)
}

export function textOf(node: Node): string {
  return node.children.map((child) => (typeof child === 'string' ? child : textOf(child))).join('')
}

/** A section of a Markdown report, without its heading. */
export function sectionOf(report: string, title: string): string {
  return new RegExp(`## ${title}\\n([\\s\\S]*?)(?=\\n## |$)`).exec(report)?.[1] ?? ''
}
