import type { MarkName } from './marks.ts'

/**
 * What a report says, before it is Markdown or HTML: sections say it once, and only the writers know how
 * either form escapes. Text is plain everywhere; nothing in it is ever read as markup.
 */
export type Inline =
  | string
  /** A name, an id, an address, or words of somebody outside: shown as they are. */
  | { code: string }
  | { strong: string }
  /** A shape and a word for a severity or a fate, so that neither needs colour. */
  | { mark: MarkName }
  /** An instant as the contract has it, ISO 8601 in UTC. */
  | { time: string }
  /** Words that lead to a page of somebody else's; the address is one that this code knows, never one from outside. */
  | { link: string; url: string }
export type Text = string | Inline[]

export type Block =
  | { kind: 'paragraph'; text: Text }
  | { kind: 'list'; isOrdered: boolean; items: Text[] }
  | { kind: 'facts'; facts: [name: string, value: Text][] }
  | Table
  /** What is copied as a whole: a command, a fragment, a body. */
  | { kind: 'listing'; title: string; language: string; text: string }
  /** A finding or another thing with a heading of its own below the section's. */
  | { kind: 'part'; title: Inline[]; blocks: Block[] }
  /** Two pictures, which Markdown leaves out: what they show is always told in words beside them. */
  | { kind: 'figure'; caption: string; pictures: [before: string, after: string] }

export interface Table {
  kind: 'table'
  caption: string
  columns: string[]
  /** As many cells as columns; the first one names the row. A cell is one line or several. */
  rows: Cell[][]
}
export type Cell = Text | { lines: Text[] }

/** A section of a report; its id is unique and is the place that links lead to. */
export interface Section {
  id: string
  title: string
  blocks: Block[]
}

export function paragraph(...text: Inline[]): Block {
  return { kind: 'paragraph', text }
}

export function bullets(items: Text[]): Block {
  return { kind: 'list', isOrdered: false, items }
}

/** The value as code, or a dash where there is none. */
export function codeOrDash(value: string | number | null): Inline {
  return value === null || value === '' ? '–' : { code: String(value) }
}

/** `1 address`, `2 addresses`; the plural is named where it is not the word with an s. */
export function counted(count: number, word: string, plural = `${word}s`): string {
  return `${count} ${count === 1 ? word : plural}`
}

/** Names one after the other, each as code. */
export function codes(names: string[]): Inline[] {
  return names.flatMap((code, index): Inline[] => (index === 0 ? [{ code }] : [', ', { code }]))
}
