import type { MarkName } from './labels.ts'

/**
 * The content of a report, before it is Markdown or HTML. Each section is written once, and only the writers know how
 * either format escapes text. Text is plain everywhere: nothing in it is read as markup.
 */
export type Inline =
  | string
  /** A name, an ID, an address, or text from outside: shown unchanged. */
  | { code: string }
  | { strong: string }
  /** The shape and the word of a label, so that neither needs color. `word` replaces the word of the label. */
  | { mark: MarkName; word?: string }
  /** An instant as in the contract, RFC 3339 in UTC. */
  | { time: string }
  /** A link to an external page. The URL is a constant of this code, never text from outside. */
  | { link: string; url: string }
export type Text = string | Inline[]

export type Block =
  | { kind: 'paragraph'; text: Text }
  | { kind: 'list'; isOrdered: boolean; items: Text[] }
  | { kind: 'facts'; facts: [name: string, value: Text][] }
  | Table
  /** Text that readers copy as a whole: a command, a fragment, a request body. */
  | { kind: 'listing'; title: string; language: string; text: string }
  /** A finding or another item with its own heading below the heading of the section. */
  | { kind: 'part'; title: Inline[]; blocks: Block[] }
  /** Two pictures. Markdown omits them, so the section always repeats their content as text. */
  | { kind: 'figure'; caption: string; pictures: [before: string, after: string] }

export interface Table {
  kind: 'table'
  caption: string
  columns: string[]
  /** Each row has as many cells as there are columns, and its first cell names it. A cell has one or more lines. */
  rows: Cell[][]
}
export type Cell = Text | { lines: Text[] }

/** A section of a report. Its ID is unique and is the anchor of links. */
export interface Section {
  id: string
  title: string
  blocks: Block[]
}

export function paragraph(...text: Inline[]): Block {
  return { kind: 'paragraph', text }
}

export function bulletList(items: Text[]): Block {
  return { kind: 'list', isOrdered: false, items }
}

/** A list below a sentence that introduces it; nothing if the list is empty. */
export function listBelow(lead: string, items: Text[]): Block[] {
  return items.length === 0 ? [] : [paragraph(lead), bulletList(items)]
}

/** A table, or nothing if it has no rows. */
export function tableOf(caption: string, columns: string[], rows: Cell[][]): Block[] {
  return rows.length === 0 ? [] : [{ kind: 'table', caption, columns, rows }]
}

/** The value as code, or a dash if there is none. */
export function codeOrDash(value: string | number | null): Inline {
  return value === null || value === '' ? '–' : { code: String(value) }
}

/** `1 address`, `2 addresses`. The plural is given if it is not the word with an s. */
export function pluralize(count: number, word: string, plural = `${word}s`): string {
  return `${count} ${count === 1 ? word : plural}`
}

/** A list of names, each as code. */
export function codeList(names: string[]): Inline[] {
  return joinTexts(
    names.map((code) => [{ code }]),
    ', ',
  )
}

/** A sentence of the planner, in which backticks enclose code. */
export function prose(text: string): Inline[] {
  return text.split(/`([^`\n]+)`/).flatMap((part, index): Inline[] => {
    if (part === '') return []
    return [index % 2 === 0 ? part : { code: part }]
  })
}

/** Texts with a separator between them. */
export function joinTexts(texts: Inline[][], separator: string): Inline[] {
  return texts.flatMap((text, index) => (index === 0 ? text : [separator, ...text]))
}
