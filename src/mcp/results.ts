import type { CallToolResult } from '@modelcontextprotocol/server'
import type { Answer } from './dispatch.ts'
import { nameToolsIn, toProblem } from './problems.ts'
import { DEFAULT_MAX_TOKENS, isPage, membersOf, type View } from './schemas.ts'
import { makeAllVisible, toDataText, UNTRUSTED_NOTE } from './untrusted.ts'

interface Cut {
  field: string
  shown: number
  total: number
}

/** The options of the caller for a result. */
export interface Wanted {
  fields?: string[] | undefined
  maxTokens?: number | undefined
}

/** A result contains its data twice: as JSON text for older clients, and as structured content. */
function costOf(value: unknown): number {
  return countTokens(toDataText(value)) + countTokens(JSON.stringify(value) ?? '')
}

/** The result of a successful call: the wanted members of the body, as many as fit. */
export function toResult(view: View, body: unknown, wanted: Wanted): CallToolResult {
  const chosen = selectMembers(view, body as Record<string, unknown>, wanted.fields)
  const frame = { note: UNTRUSTED_NOTE, [view.root]: {}, more: membersOf(view), cut: [] }
  const limit = (wanted.maxTokens ?? DEFAULT_MAX_TOKENS) - costOf(frame)
  const { kept, cut } = fitMembers(chosen, limit, isPage(view))
  const more = membersOf(view).filter(
    (name) =>
      Object.hasOwn(body as object, name) &&
      (!Object.hasOwn(kept, name) || isBrief(view, name, wanted.fields)),
  )
  const structuredContent = { note: UNTRUSTED_NOTE, [view.root]: kept, more, cut }
  return { content: [{ type: 'text', text: toDataText(structuredContent) }], structuredContent }
}

/** Whether the items of the list are shortened: the caller did not ask for the list itself. */
function isBrief({ briefs }: View, name: string, fields: string[] = []): boolean {
  return Object.hasOwn(briefs, name) && !fields.includes(name)
}

/** The members in the order of their importance. A list that was not asked for has only the brief members of its items. */
function selectMembers(view: View, body: Record<string, unknown>, fields?: string[]): [string, unknown][] {
  const asked = fields === undefined ? view.summary : [...(view.always ?? []), ...fields]
  const names = asked.filter((name) => Object.hasOwn(body, name))
  return [...new Set(names)].map((name) => {
    const value = body[name]
    const brief = isBrief(view, name, fields) ? view.briefs[name] : undefined
    const chosen =
      brief === undefined || !Array.isArray(value)
        ? value
        : value.map((item) => pick(item as Record<string, unknown>, brief))
    return [name, nameToolsIn(makeAllVisible(chosen))]
  })
}

function pick(item: Record<string, unknown>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    names.filter((name) => Object.hasOwn(item, name)).map((name) => [name, item[name]]),
  )
}

/**
 * Members, in order, as far as they fit. A list is returned up to its last item that fits, any other member complete or
 * not at all. The only item of a page is never cut, because the next page would not contain it. It loses members instead.
 */
function fitMembers(
  members: [string, unknown][],
  maxTokens: number,
  isPageBody = false,
): { kept: Record<string, unknown>; cut: Cut[] } {
  const notes = members.map(([field, value]): Cut => ({ field, shown: 0, total: sizeOf(value) }))
  // Space to state that a member was cut is reserved for each, and released where it was not.
  let left = maxTokens - notes.reduce((sum, note) => sum + noteCost(note), 0)
  const kept: Record<string, unknown> = {}
  const cut: Cut[] = []
  members.forEach(([name, value], index) => {
    const note = notes[index] as Cut
    const nameCost = costOf({ [name]: 0 })
    const cost = nameCost + costOf(value)
    if (cost <= left + noteCost(note)) {
      kept[name] = value
      left += noteCost(note) - cost
      return
    }
    if (isPageBody && Array.isArray(value) && value.length === 1) {
      const item = value[0] as Record<string, unknown>
      const part = membersWithin(item, left - nameCost - ITEM_NOTE_COST)
      cut.push({
        field: `${name}/0`,
        shown: Object.keys(part).length,
        total: Object.keys(item).length,
      })
      kept[name] = [part]
      left -= nameCost + costOf([part]) + ITEM_NOTE_COST
      return
    }
    const items = Array.isArray(value) ? itemsWithin(value, left - nameCost) : []
    cut.push({ ...note, shown: items.length })
    if (items.length > 0) {
      kept[name] = items
      left -= nameCost + costOf(items)
    }
  })
  return { kept, cut }
}

function sizeOf(value: unknown): number {
  return Array.isArray(value) ? value.length : 1
}

/** With the number of items that are shown, which is not known yet, and a comma. */
function noteCost(note: Cut): number {
  return costOf({ ...note, shown: note.total }) + 2
}

/** What the note of a shortened item costs more than that of its list, with the brackets of the list. */
const ITEM_NOTE_COST = 20

function membersWithin(item: Record<string, unknown>, limit: number): Record<string, unknown> {
  let left = limit
  const kept: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(item)) {
    const cost = costOf({ [name]: value })
    if (cost > left) continue
    kept[name] = value
    left -= cost
  }
  return kept
}

function itemsWithin(list: readonly unknown[], limit: number): unknown[] {
  let left = limit - costOf([])
  const items: unknown[] = []
  for (const item of list) {
    // A comma in each of the two forms.
    left -= costOf(item) + 2
    if (left < 0) break
    items.push(item)
  }
  return items
}

/** The result of a rejected call: the problem of the operation, for the agent to correct its call. */
export function toErrorResult(answer: Pick<Answer, 'text'> & Partial<Answer>): CallToolResult {
  return {
    content: [{ type: 'text', text: toDataText({ note: UNTRUSTED_NOTE, problem: fitProblem(answer) }) }],
    isError: true,
  }
}

/** The problem within the default limit. */
export function fitProblem(answer: Pick<Answer, 'text'> & Partial<Answer>): Record<string, unknown> {
  const limit = DEFAULT_MAX_TOKENS - costOf({ note: UNTRUSTED_NOTE, problem: {} })
  return fitMembers(toProblem(answer), limit).kept
}

/**
 * Letters count one token for each 4 of a run, digits one for each 2. Every other ASCII character is one token, every other
 * character two. Spaces and line breaks do not count. Tokenizers of common models need fewer for the JSON and the English of
 * this service, so the count is an upper estimate that needs no vocabulary.
 */
const PIECES = /[A-Za-z]+|\d+|[!-~]|[^\p{ASCII}]/gu

/** The estimated number of tokens of a text. */
export function countTokens(text: string): number {
  let tokens = 0
  for (const [piece] of text.matchAll(PIECES)) {
    const first = piece.charCodeAt(0)
    if (first > 0x7f) tokens += 2
    else if (first >= 0x30 && first <= 0x39) tokens += Math.ceil(piece.length / 2)
    else tokens += Math.ceil(piece.length / 4)
  }
  return tokens
}
