import type { ArmResponse } from '../errors/arm-fault.ts'
import { faultOfSize } from '../errors/fault-mapping.ts'

/** More items than any list that this service reads: a subscription has at most 8,000 role assignments. */
const MAX_ITEMS = 20_000
/** The maximum size of all decompressed pages. Virtual networks of a large subscription list each address of each node. */
const MAX_LIST_BYTES = 64 * 1024 * 1024
const MAX_PAGES = 500

/**
 * The limits of one list. Without them, circular next links would cause thousands of requests, and endless pages would
 * fill the memory of the process.
 */
export class ListBounds {
  readonly #maxPages: number
  readonly #links: Set<string>
  #pages = 0
  #items = 0
  #bytes = 0

  /** `first` is the URL of the first page. */
  constructor(first: string, maxPages = MAX_PAGES) {
    this.#links = new Set([first])
    this.#maxPages = maxPages
  }

  /** Counts a page and records the absolute URL or token of the next page. Throws an `ArmFault` above a limit. */
  add({ bytes }: Pick<ArmResponse, 'bytes'>, items: number, next: string | null): void {
    this.#pages++
    this.#items += items
    this.#bytes += bytes
    if (this.#items > MAX_ITEMS) throw faultOfSize(`a list has more than ${MAX_ITEMS} items`)
    if (this.#bytes > MAX_LIST_BYTES) throw faultOfSize(`a list has more than ${MAX_LIST_BYTES} bytes`)
    if (next === null) return
    if (this.#pages === this.#maxPages) throw faultOfSize(`a list has more than ${this.#maxPages} pages`)
    if (this.#links.has(next)) throw faultOfSize('the next link of a list leads to an earlier page')
    this.#links.add(next)
  }
}
