import type { Source } from '../../core/references/references.ts'
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
  /** The code of a finding, which the page links to its description. */
  | { finding: string }
  /** The ID of a job, which the page links to its report. */
  | { job: string }
  /** References to sources, which the page numbers and lists once at its end. */
  | { sources: Source[]; numbers?: number[] }
export type Text = string | Inline[]

export type Block =
  | { kind: 'paragraph'; text: Text }
  /** `itemId` gives the item with this number, from 1, an ID of its own. */
  | { kind: 'list'; isOrdered: boolean; items: Text[]; itemId?: (number: number) => string }
  | { kind: 'facts'; facts: [name: string, value: Text][] }
  | Table
  /** Text that readers copy as a whole: a command, a fragment, a request body. */
  | { kind: 'listing'; title: string; language: string; text: string }
  /** A finding or another item with its own heading below the heading of the section. */
  | { kind: 'part'; title: Inline[]; blocks: Block[] }
  /** An item of which the page shows only the title and the lead until a reader opens it. It is open in print. */
  | { kind: 'fold'; title: Inline[]; lead?: Text; blocks: Block[] }
  /** Forms that each add one filter to the address of the page. Only pages have them, not Markdown. */
  | { kind: 'filters'; action: string; filters: Filter[] }
  /** Pictures side by side. Markdown omits them, so the section always repeats their content as text. */
  | { kind: 'figure'; caption: string; pictures: string[] }

/** One filter of a list: a choice, or text. */
export interface Filter {
  name: string
  label: string
  /** The values to choose from, with their words; without them, any text. */
  options?: [value: string, word: string][]
  example?: string
  /** What the address of the page already has. */
  kept: [name: string, value: string][]
}

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
  /** The name in the list of contents, if the title is too long for it. */
  shortTitle?: string
  /** The number of items, for the list of contents. */
  count?: number
  blocks: Block[]
}

/** The result of a report, for a reader who reads no further. */
export interface Verdict {
  mark: MarkName
  /** The verdict in a few words, if the word of the mark says less. */
  word?: string
  /** One or two sentences. */
  sentence: Text
}

/** A report of any subject, before it is HTML or Markdown. Text from outside is escaped by the writers. */
export interface ReportPage {
  heading: string
  verdict: Verdict
  /** Whether the subject exists only in the simulator. */
  isSimulated: boolean
  /** What identifies the subject, and its times, shown below the verdict. */
  identity: [name: string, value: Text][]
  /** The subject in a few words, repeated on every printed page. */
  runningTitle: string
  sections: Section[]
  /** The same data for programs. */
  links: { text: string; path: string }[]
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
