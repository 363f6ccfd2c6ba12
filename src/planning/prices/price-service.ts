import { regionKey } from '../../core/arm/regions.ts'
import { readRetailPrices, retailFilters } from '../../core/cost/retail-prices.ts'
import type { Logger } from '../../core/lib/logger.ts'
import type { PriceList } from '../../core/references/price-list.ts'

export interface PriceServiceOptions {
  /** The address of the Azure Retail Prices API, such as `https://prices.azure.com/api/retail/prices`. */
  url: string
  /** ISO 4217. */
  currency: string
  now: () => Date
  logger: Logger
  fetch?: typeof fetch
}

/** List prices that never delay a plan. */
export interface PriceService {
  /** The prices of a region that are known now. Starts a refresh if they are missing or old, and does not wait for it. */
  current(location: string): PriceList | undefined
}

const TIMEOUT_MS = 10_000
/** List prices change on the first day of a month. */
const REFRESH_AFTER_MS = 24 * 60 * 60_000
const RETRY_AFTER_MS = 10 * 60_000
/** A region has some 50 items of these services; a page has up to 1,000. */
const MAX_PAGES = 5
const MAX_PAGE_CHARACTERS = 5_000_000
/** Azure has fewer regions. The limit keeps invalid locations from filling the memory. */
const MAX_REGIONS = 200

interface Entry {
  list: PriceList | undefined
  askAgainAt: number
}

/** Prices from the Azure Retail Prices API, kept in memory for a day. Without an answer, plans use the built-in table. */
export function createPriceService(options: PriceServiceOptions): PriceService {
  const { currency, now, logger } = options
  const regions = new Map<string, Entry>()
  const refresh = async (location: string, entry: Entry) => {
    try {
      const items = await fetchItems(options, location)
      const asOf = now().toISOString().slice(0, 10)
      const list = readRetailPrices(items, location, currency, asOf)
      if (list === null) throw new Error('the answer contains no price')
      entry.list = list
      entry.askAgainAt = now().getTime() + REFRESH_AFTER_MS
    } catch (error) {
      logger.warn({ err: error, region: location }, 'list prices could not be read')
    }
  }
  return {
    current(location) {
      const key = regionKey(location)
      const entry = regions.get(key) ?? { list: undefined, askAgainAt: 0 }
      if (now().getTime() >= entry.askAgainAt && (regions.has(key) || regions.size < MAX_REGIONS)) {
        regions.set(key, entry)
        entry.askAgainAt = now().getTime() + RETRY_AFTER_MS
        void refresh(key, entry)
      }
      return entry.list
    },
  }
}

async function fetchItems(options: PriceServiceOptions, location: string): Promise<unknown[]> {
  const signal = AbortSignal.timeout(TIMEOUT_MS)
  const lists = retailFilters(location).map(async (filter) => {
    const items: unknown[] = []
    let url: URL | null = firstUrl(options, filter)
    for (let page = 0; url !== null && page < MAX_PAGES; page++) {
      const body = await fetchPage(options, url, signal)
      items.push(...(Array.isArray(body.Items) ? body.Items : []))
      url = nextUrl(body.NextPageLink, options)
    }
    return items
  })
  return (await Promise.all(lists)).flat()
}

function firstUrl({ url, currency }: PriceServiceOptions, filter: string): URL {
  const target = new URL(url)
  target.searchParams.set('currencyCode', currency)
  target.searchParams.set('$filter', filter)
  return target
}

/** Follows a link only to the configured server. A mirror must rewrite the links to itself. */
function nextUrl(link: unknown, { url: base, logger }: PriceServiceOptions): URL | null {
  if (typeof link !== 'string' || !URL.canParse(link)) return null
  const url = new URL(link)
  if (url.origin === new URL(base).origin) return url
  logger.warn(
    { link: url.origin, configured: new URL(base).origin },
    'the next page of list prices is on another host and was not read; built-in prices fill the gap',
  )
  return null
}

async function fetchPage(
  { fetch: send = fetch }: PriceServiceOptions,
  url: URL,
  signal: AbortSignal,
): Promise<Record<string, unknown>> {
  const response = await send(url, { signal, redirect: 'error', headers: { accept: 'application/json' } })
  if (!response.ok) throw new Error(`the price service returned ${response.status}`)
  const text = await response.text()
  if (text.length > MAX_PAGE_CHARACTERS) throw new Error('the answer of the price service is too large')
  const body: unknown = JSON.parse(text)
  if (typeof body !== 'object' || body === null)
    throw new Error('the answer of the price service is no object')
  return body as Record<string, unknown>
}
