import { setTimeout as delay } from 'node:timers/promises'
import { API_VERSIONS, READ_API_VERSION } from '../client/api-versions.ts'
import { type ArmRequests, subscriptionPath } from '../client/arm-requests.ts'
import { BodyReader } from '../client/body-reader.ts'
import { type GraphPage, queryGraphPage, ROWS_PER_PAGE } from '../client/graph-query.ts'
import { ANSWER_TOO_LARGE, ArmFault } from '../errors/arm-fault.ts'
import { faultOfSize } from '../errors/fault-mapping.ts'
import { readClusterFacts } from '../mapping/cluster.ts'
import { readCluster } from '../reads/read-cluster.ts'
import { listNetwork, NETWORK_MAPPERS } from '../reads/read-network.ts'
import type { Estate, EstatePage } from './estate.ts'
import { estateQuery, type GraphType, toResourceBody } from './graph-columns.ts'

/**
 * The maximum number of rows of one type: more than any tenant is known to have (inferred), and small enough to keep
 * the facts in memory.
 */
const MAX_ROWS = 200_000
/**
 * The number of rows of a page, and of a page after a response that was too large. Virtual networks list each address
 * of each node.
 */
const PAGE_SIZES: [number, ...number[]] = [ROWS_PER_PAGE, 250, 50]

type Read = <T>(attempt: () => Promise<T>) => Promise<T>

/** `requests` creates the requests of one call. */
export function createEstate(requests: () => ArmRequests, wait?: Wait): Estate {
  const read: Read = (attempt) => waitForBudget(attempt, wait)
  const page = (query: string, skipToken: string | null, top: number) =>
    read(() => queryGraphPage(requests(), query, skipToken, top))
  return {
    findClusters: () => pagesOf(page, 'managedClusters', readClusterFacts),
    findNetwork: (kind) => pagesOf(page, kind, NETWORK_MAPPERS[kind]),
    listSubscriptions: () =>
      read(async () => {
        const bodies = await requests().list('/subscriptions', { apiVersion: API_VERSIONS.subscriptions })
        return bodies.map((body) => body.requiredString('subscriptionId'))
      }),
    listClusters: (subscriptionId) =>
      read(async () => {
        const path = subscriptionPath(subscriptionId, 'Microsoft.ContainerService', 'managedClusters')
        return (await requests().list(path, { apiVersion: READ_API_VERSION })).map(readClusterFacts)
      }),
    listNetwork: (kind, subscriptionId) => read(() => listNetwork(requests(), kind, subscriptionId)),
    async isGone(ref) {
      try {
        await read(() => readCluster(requests(), ref))
        return false
      } catch (error) {
        if (error instanceof ArmFault && error.kind === 'not-found') return true
        throw error
      }
    },
  }
}

/**
 * All rows of a type, page by page. A page that is too large is read again in smaller pages; a token holds the position,
 * not the size of the pages (inferred).
 */
async function* pagesOf<T>(
  readPage: (query: string, skipToken: string | null, top: number) => Promise<GraphPage>,
  type: GraphType,
  translate: (body: BodyReader) => T,
): AsyncGenerator<EstatePage<T>> {
  const query = estateQuery(type)
  const tokens = new Set<string>()
  let rows = 0
  let [top, ...smaller] = PAGE_SIZES
  for (let token: string | null = null; ; ) {
    const page: GraphPage | null = await readPage(query, token, top).catch((error: unknown) => {
      if (isTooLarge(error) && smaller.length > 0) return null
      throw error
    })
    if (page === null) {
      ;[top = 1, ...smaller] = smaller
      continue
    }
    yield translateRows(type, page.rows, translate)
    token = page.skipToken
    if (token === null) return
    rows += page.rows.length
    if (rows > MAX_ROWS) throw faultOfSize(`Resource Graph has more than ${MAX_ROWS} rows of one type`)
    if (tokens.has(token)) throw faultOfSize('a page of Resource Graph leads to an earlier page')
    tokens.add(token)
  }
}

function translateRows<T>(
  type: GraphType,
  rows: BodyReader[],
  translate: (body: BodyReader) => T,
): EstatePage<T> {
  const page: EstatePage<T> = { items: [], unreadable: [] }
  for (const row of rows)
    try {
      page.items.push(translate(new BodyReader(toResourceBody(type, row))))
    } catch (error) {
      if (!(error instanceof ArmFault)) throw error
      const id = row.json('id')
      page.unreadable.push(typeof id === 'string' ? id : type)
    }
  return page
}

function isTooLarge(error: unknown): boolean {
  return error instanceof ArmFault && error.code === ANSWER_TOO_LARGE
}

/**
 * The maximum total wait of one request. Resource Graph allows 15 queries in 5 s; a list of a subscription waits for
 * seconds.
 */
const MAX_WAIT_MS = 300_000
const MIN_WAIT_MS = 100
/** The retries after 5xx responses and lost connections, in addition to the quick retries of each read. */
const TRANSIENT_WAITS_MS = [1_000, 5_000]

/** Waits for this number of milliseconds. */
export type Wait = (ms: number) => Promise<unknown>

/**
 * Repeats a read of the inventory until it succeeds. No caller waits for the inventory, so its reads wait for the
 * budget and for short outages. Rejects with the `ArmFault` after the maximum wait.
 */
export async function waitForBudget<T>(read: () => Promise<T>, wait: Wait = delay): Promise<T> {
  let waitedMs = 0
  let transient = 0
  for (;;) {
    try {
      return await read()
    } catch (error) {
      const waitMs = waitAfter(error, transient)
      if (waitMs === null || waitedMs + waitMs > MAX_WAIT_MS) throw error
      if (error instanceof ArmFault && error.kind === 'transient') transient++
      waitedMs += waitMs
      await wait(waitMs)
    }
  }
}

function waitAfter(error: unknown, transient: number): number | null {
  if (!(error instanceof ArmFault)) return null
  if (error.kind === 'throttled') return Math.max(MIN_WAIT_MS, error.retryAfterMs ?? 5_000)
  return error.kind === 'transient' ? (TRANSIENT_WAITS_MS[transient] ?? null) : null
}
