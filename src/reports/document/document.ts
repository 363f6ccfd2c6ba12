import type { EgressIpChange } from '../../contract/egress.ts'
import type { Severity } from '../../contract/finding.ts'
import type { CheckResult } from '../../contract/preflight.ts'

/** How urgent a mark is; the page gives each tone a colour, which never says anything alone. */
export const TONES = ['stop', 'accept', 'warn', 'note', 'good', 'plain'] as const
type Tone = (typeof TONES)[number]

interface Mark {
  /** One character, different for every mark of a family, also in grey and in plain text. */
  shape: string
  word: string
  tone: Tone
}

type VerdictMark = 'canBeMade' | 'acceptFirst' | 'blocked' | 'noChange' | 'over'
type EndpointMark = 'open' | 'closed' | 'notProven'
export type MarkName =
  | Severity
  | EgressIpChange['change']
  | VerdictMark
  | EndpointMark
  | CheckResult
  | 'simulated'
  | 'cutOver'

export const MARKS: Record<MarkName, Mark> = {
  blocker: { shape: '■', word: 'Blocker', tone: 'stop' },
  acknowledge: { shape: '◆', word: 'Accept by name', tone: 'accept' },
  warning: { shape: '▲', word: 'Warning', tone: 'warn' },
  info: { shape: '●', word: 'Info', tone: 'note' },
  kept: { shape: '=', word: 'kept', tone: 'good' },
  added: { shape: '+', word: 'added', tone: 'note' },
  lost: { shape: '−', word: 'lost', tone: 'stop' },
  unknown: { shape: '?', word: 'unknown', tone: 'accept' },
  canBeMade: { shape: '✓', word: 'Can be made', tone: 'good' },
  acceptFirst: { shape: '◆', word: 'Can be made once accepted', tone: 'accept' },
  blocked: { shape: '■', word: 'Blocked', tone: 'stop' },
  noChange: { shape: '=', word: 'Nothing to do', tone: 'good' },
  over: { shape: '×', word: 'No longer usable', tone: 'plain' },
  open: { shape: '✓', word: 'open', tone: 'good' },
  closed: { shape: '■', word: 'closed', tone: 'stop' },
  notProven: { shape: '?', word: 'not proven', tone: 'accept' },
  allowed: { shape: '✓', word: 'there', tone: 'good' },
  missing: { shape: '■', word: 'missing', tone: 'stop' },
  notChecked: { shape: '○', word: 'not checked', tone: 'accept' },
  simulated: { shape: '○', word: 'Simulated Azure', tone: 'warn' },
  cutOver: { shape: '▶', word: 'Traffic moves here', tone: 'accept' },
}

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

export function bulletList(items: Text[]): Block {
  return { kind: 'list', isOrdered: false, items }
}

/** The value as code, or a dash where there is none. */
export function codeOrDash(value: string | number | null): Inline {
  return value === null || value === '' ? '–' : { code: String(value) }
}

/** `1 address`, `2 addresses`; the plural is named where it is not the word with an s. */
export function pluralize(count: number, word: string, plural = `${word}s`): string {
  return `${count} ${count === 1 ? word : plural}`
}

/** Names one after the other, each as code. */
export function codeList(names: string[]): Inline[] {
  return names.flatMap((code, index): Inline[] => (index === 0 ? [{ code }] : [', ', { code }]))
}
