import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Comment, parseSync } from 'oxc-parser'

/** A node of the syntax tree; only what the walks here look at. */
export type Node = { type: string } & Record<string, unknown>

/** One file, parsed once. */
export interface SourceFile {
  /** Relative to the folder, with forward slashes. */
  path: string
  lines: number
  imports: string[]
  nodes: Node[]
  /** Comments as readers see them: adjacent `//` lines are one comment. */
  comments: { line: number; text: string }[]
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** Every TypeScript file of a folder, by default `src`, in a stable order. */
export function sourceFiles(folder = 'src'): SourceFile[] {
  const root = `${ROOT}${folder}/`
  return globSync('**/*.ts', { cwd: root })
    .map((path) => path.replaceAll('\\', '/'))
    .sort()
    .map((path) => parseSource(path, readFileSync(root + path, 'utf8')))
}

/** What a text imports in any way (value, type, re-export, dynamic, `import()` type), and all its nodes. */
export function parseSource(path: string, text: string): SourceFile {
  const { program, comments, errors } = parseSync(path, text)
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`)
  const nodes = descendants(program)
  return {
    path,
    lines: text.split('\n').length - 1,
    imports: nodes.flatMap(importedBy),
    nodes,
    comments: joinLines(comments, text),
  }
}

function joinLines(comments: readonly Comment[], source: string): SourceFile['comments'] {
  const blocks: { type: string; start: number; end: number; text: string }[] = []
  for (const { type, value, start, end } of comments) {
    const text = value.replace(/^[*\s]+/gm, '').trim()
    const last = blocks.at(-1)
    if (type === 'Line' && last?.type === 'Line' && /^\n[ \t]*$/.test(source.slice(last.end, start)))
      Object.assign(last, { end, text: `${last.text}\n${text}` })
    else blocks.push({ type, start, end, text })
  }
  return blocks.map(({ start, text }) => ({ line: source.slice(0, start).split('\n').length, text }))
}

const IMPORTING = [
  'ImportDeclaration',
  'ExportNamedDeclaration',
  'ExportAllDeclaration',
  'ImportExpression',
  'TSImportType',
  'TSExternalModuleReference',
]

function importedBy(node: Node): string[] {
  if (!IMPORTING.includes(node.type)) return []
  const from = (node.source ?? node.expression) as { value?: unknown } | null | undefined
  // An export without `from` imports nothing.
  if (from === null || from === undefined) return []
  return [typeof from.value === 'string' ? from.value : '(computed)']
}

/** All nodes of a syntax tree, parents first. */
function descendants(value: unknown, found: Node[] = []): Node[] {
  if (Array.isArray(value)) {
    for (const item of value) descendants(item, found)
  } else if (typeof value === 'object' && value !== null) {
    if (typeof (value as Node).type === 'string') found.push(value as Node)
    for (const key in value) descendants((value as Node)[key], found)
  }
  return found
}
