import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseSync } from 'oxc-parser'

/** A node of the syntax tree; only what the walks here look at. */
export type Node = { type: string } & Record<string, unknown>

/** One file of `src`, parsed once. */
export interface SourceFile {
  /** Relative to `src`, with forward slashes. */
  path: string
  lines: number
  imports: string[]
  nodes: Node[]
}

const SRC = fileURLToPath(new URL('../../src/', import.meta.url))

/** Every TypeScript file of `src`, in a stable order. */
export function sourceFiles(): SourceFile[] {
  return globSync('**/*.ts', { cwd: SRC })
    .map((path) => path.replaceAll('\\', '/'))
    .sort()
    .map((path) => parseSource(path, readFileSync(SRC + path, 'utf8')))
}

/** What a text imports in any way (value, type, re-export, dynamic, `import()` type), and all its nodes. */
export function parseSource(path: string, text: string): SourceFile {
  const { program, errors } = parseSync(path, text)
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`)
  const nodes = [...descendants(program)]
  return { path, lines: text.split('\n').length - 1, imports: nodes.flatMap(importedBy), nodes }
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

function* descendants(value: unknown): Generator<Node> {
  if (Array.isArray(value)) {
    for (const each of value) yield* descendants(each)
    return
  }
  if (typeof value !== 'object' || value === null) return
  if ('type' in value && typeof value.type === 'string') yield value as Node
  for (const each of Object.values(value)) yield* descendants(each)
}
