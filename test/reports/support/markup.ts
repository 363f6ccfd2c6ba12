/** An element or a text of a page. */
export interface Node {
  name: string
  attributes: Record<string, string>
  children: (Node | string)[]
}

const VOID = ['meta', 'wbr']
const TAG = /^<(\/?)([a-zA-Z][a-zA-Z0-9]*)((?: [a-zA-Z:-]+="[^"<>]*")*)(\/?)>/

/**
 * Reads a page as strictly as XML: every element closed in its order, every attribute quoted, no `<` or bare `&` in
 * text. Stricter than a browser on purpose: what passes here means the same to every reader.
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
  if (open.length !== 1) throw new Error(`${open.at(-1)?.name} is never closed`)
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

/** All elements below, in the order of the page. */
export function elements(node: Node, name?: string): Node[] {
  const below = node.children.flatMap((child) =>
    typeof child === 'string' ? [] : [child, ...elements(child)],
  )
  return name === undefined ? below : below.filter((each) => each.name === name)
}

export function textOf(node: Node): string {
  return node.children.map((child) => (typeof child === 'string' ? child : textOf(child))).join('')
}
