import type { Severity } from '../../core/plan.ts'
import type { EgressIpChange } from '../../core/plan-egress.ts'
import type { CheckResult } from '../../core/plan-preflight.ts'

/** How urgent a mark is; the page gives each tone a colour, which never says anything alone. */
export const TONES = ['stop', 'accept', 'warn', 'note', 'good', 'plain'] as const
export type Tone = (typeof TONES)[number]

export interface Mark {
  /** One character, different for every mark of a family, also in grey and in plain text. */
  shape: string
  word: string
  tone: Tone
}

type Verdict = 'canBeMade' | 'acceptFirst' | 'blocked' | 'noChange' | 'over'
type Opening = 'open' | 'closed' | 'notProven'
export type MarkName =
  | Severity
  | EgressIpChange['change']
  | Verdict
  | Opening
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
