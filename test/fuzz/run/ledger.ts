import { OPERATIONS, parametersIn } from '../document/operations.ts'
import { type Answer, type Exchange, headerOf, jsonOf, type Wire } from './wire.ts'

/** A resource in a response: the IDs that lead to it, and what its body contained. */
export interface Known {
  ids: Record<string, string>
  members: Record<string, unknown>
}

/** Nothing has this id. */
const NOBODY = '01990000-0000-7000-8000-0000000000ff'

/** Every place of the document that an id leads to, with where it is: `/v1/plans/{planId}`. */
const PLACES = [
  ...new Set(
    OPERATIONS.flatMap(({ path }) => {
      const parts = path.split('/')
      const ends = parts.flatMap((part, index) => (/^\{.+Id\}$/.test(part) ? [index + 1] : []))
      return ends.map((end) => parts.slice(0, end).join('/'))
    }),
  ),
]

/** What a lane has learnt from its answers. */
export class Ledger {
  readonly #name: string
  readonly #known: Known[] = []
  readonly #tags = new Map<string, string>()
  readonly #pages: { wire: Wire; next: string }[] = []
  readonly sent: Exchange[] = []

  readonly #turn: Known[]

  /** Where messages may be sent: every address of a request is this one. */
  readonly receiver: string

  /** `turn` is what all lanes that run at the same time know together. */
  constructor(name: string, turn: Known[] = [], receiver = 'https://127.0.0.1:9/hook') {
    this.#name = name
    this.#turn = turn
    this.receiver = receiver
  }

  /** Keeps what an answer tells that later requests may use. */
  learn(exchange: Exchange): void {
    this.sent.push(exchange)
    const { wire, answer } = exchange
    if (answer === null || answer.status >= 300 || answer.isCut || wire.method === 'HEAD') return
    const tag = headerOf(answer, 'etag')
    if (tag !== null) this.#tags.set(pathOf(wire.target), tag)
    const body = jsonOf(answer)
    if (typeof body !== 'object' || body === null) return
    const members = body as Record<string, unknown>
    if (typeof members.next === 'string') this.#pages.push({ wire, next: members.next })
    this.#learnPlaces(wire, answer, members)
  }

  /** The page of a list after a page that was received. */
  page(of: number): Wire | null {
    const page = nthLast(this.#pages, of)
    if (page === undefined) return null
    const [path, query = ''] = page.wire.target.split('?')
    const others = query.split('&').filter((each) => each !== '' && !each.startsWith('cursor='))
    const target = `${path}?${[...others, `cursor=${encodeURIComponent(page.next)}`].join('&')}`
    return { ...page.wire, target, ways: [] }
  }

  /**
   * The nth thing from the last that has all of these ids, and if there is none one with some of them. Who has
   * none of their own takes what another lane has: several may be about the same thing.
   */
  about(names: string[], nth: number): Known {
    const [own, others] = [fitting(this.#known, names), fitting(this.#turn, names)]
    return nthLast(own.length > 0 || names.length === 0 ? own : others, nth) ?? { ids: {}, members: {} }
  }

  /** What a stand-in stands for, in a request about something known. */
  take(name: string, about: Known, path: string): unknown {
    if (name === 'etag') return this.#tags.get(path) ?? nthLast([...this.#tags.values()], 0) ?? '"1"'
    if (name === 'next') return nthLast(this.#pages, 0)?.next ?? 'x'
    const isThere = (each: Known) => name in each.ids || name in each.members
    const known = isThere(about) ? about : (this.#known.findLast(isThere) ?? this.#turn.findLast(isThere))
    return known?.ids[name] ?? known?.members[name] ?? (name.endsWith('Id') ? NOBODY : [])
  }

  /** An ID of any kind. */
  anyId(nth: number): string {
    return (
      nthLast(
        this.#known.flatMap(({ ids }) => Object.values(ids)),
        nth,
      ) ?? NOBODY
    )
  }

  /** An idempotency key that no other lane has. */
  key(nth: number): string {
    return `fuzz-${this.#name}-${nth}`
  }

  /** The ids that were learnt under this name. */
  ids(name: string): string[] {
    return [...new Set(this.#known.flatMap(({ ids }) => ids[name] ?? []))]
  }

  /** Where an answer says that something is: in `Location`, as the thing asked for, and as the items of a list. */
  #learnPlaces(wire: Wire, answer: Answer, members: Record<string, unknown>): void {
    const path = pathOf(wire.target)
    this.#learnPlace(headerOf(answer, 'location') ?? path, members)
    const items = Array.isArray(members.items) ? (members.items as Record<string, unknown>[]) : []
    // Only some: a lane is about what it made itself.
    for (const item of items.slice(0, 2)) this.#learnPlace(`${path}/${String(item.id)}`, item)
  }

  #learnPlace(place: string, members: Record<string, unknown>): void {
    const ids = PLACES.map((each) => parametersIn(each, place)).find((each) => each !== null)
    if (ids === undefined || ids === null) return
    const known = this.#known.findIndex((each) => sameIds(each.ids, ids))
    if (known >= 0) this.#known.splice(known, 1)
    this.#known.push({ ids, members })
    this.#turn.push({ ids, members })
  }
}

export function pathOf(target: string): string {
  return target.split('?')[0] ?? ''
}

/** Those that have some of the ids, and of these the ones with the most. */
function fitting(list: Known[], names: string[]): Known[] {
  const counted = list.map((each) => names.filter((name) => name in each.ids).length)
  const most = Math.max(0, ...counted)
  return list.filter((_, index) => counted[index] === most && (most > 0 || names.length === 0))
}

function nthLast<T>(list: readonly T[], nth: number): T | undefined {
  return list.length === 0 ? undefined : list[list.length - 1 - (nth % list.length)]
}

function sameIds(one: Record<string, string>, other: Record<string, string>): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
