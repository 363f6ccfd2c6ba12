import { globSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** A code block, with the name in the comment above it: `<!-- demo:plan -->` or `<!-- example:azure -->`. */
export interface Block {
  file: string
  language: string
  /** `demo`: a test runs it. `example`: it needs something that tests do not have. */
  kind: string | null
  name: string | null
  text: string
}

export function readDocument(file: string): string {
  return readFileSync(`${ROOT}${file}`, 'utf8')
}

/** The pages that people read, from the root of the repository. */
export function documents(): string[] {
  return globSync(['*.md', 'docs/*.md', 'src/**/README.md', 'test/**/README.md'], { cwd: ROOT }).toSorted()
}

export function blocksOf(file: string): Block[] {
  const blocks = readDocument(file).matchAll(
    /(?:<!-- (?:(\w+):)?([\w-]+) -->\n)?^```(\w*)\n([\s\S]*?)^```$/gm,
  )
  return [...blocks].map(([, kind = null, name = null, language = '', text = '']) => ({
    file,
    language,
    kind,
    name,
    text,
  }))
}

/** The text of the code block with this comment. */
export function blockText(kind: string, name: string): string {
  const found = documents()
    .flatMap(blocksOf)
    .filter((block) => block.kind === kind && block.name === name)
  if (found.length !== 1) throw new Error(`${found.length} blocks are marked ${kind}:${name}`)
  return found[0]?.text ?? ''
}

/** Relative links that lead to no file, or to no heading. */
export function brokenLinks(file: string): string[] {
  const targets = [...withoutCode(readDocument(file)).matchAll(/\]\(<?([^)>\s]+)>?\)/g)].map(
    ([, target = '']) => target,
  )
  return targets
    .filter((target) => !/^[a-z]+:/.test(target) && !exists(file, target))
    .map((target) => `${file}: ${target}`)
}

function exists(from: string, target: string): boolean {
  const [path = '', heading] = target.split('#')
  const file = path === '' ? from : posix.join(posix.dirname(from), path)
  if (globSync(file, { cwd: ROOT }).length === 0) return false
  return heading === undefined || headingsOf(file).includes(heading)
}

/** The anchors of a page, as GitHub derives them from its headings. */
function headingsOf(file: string): string[] {
  const seen = new Map<string, number>()
  return [...withoutCode(readDocument(file)).matchAll(/^#{1,6} +(.+)$/gm)].map(([, heading = '']) => {
    const slug = heading
      .trim()
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-')
    const count = seen.get(slug) ?? 0
    seen.set(slug, count + 1)
    return count === 0 ? slug : `${slug}-${count}`
  })
}

function withoutCode(text: string): string {
  return text.replaceAll(/^```[\s\S]*?^```$/gm, '')
}

/** The names in the first column of the table whose first heading is this one. */
export function tableNames(file: string, heading: string): string[] {
  const table = new RegExp(`^\\| *${heading} *\\|.*\\n\\|[-| :]+\\|\\n((?:\\|.*\\n)*)`, 'm')
  const rows = table.exec(readDocument(file))?.[1] ?? ''
  return [...rows.matchAll(/^\|([^|]*)\|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([A-Z_]+)`/g)].map(([, name = '']) => name),
  )
}
