import type { AllowListType } from '../../contract/allow-lists.ts'
import { ALLOW_LIST_TYPE_NAMES } from '../../contract/allow-lists.ts'
import type { AllowListResource } from '../../core/snapshot/allow-list-facts.ts'
import type { AllowListSearch, ChildListsRef } from '../arm.ts'
import { API_VERSIONS } from '../client/api-versions.ts'
import { type ArmRequests, toUrl } from '../client/arm-requests.ts'
import { BodyReader } from '../client/body-reader.ts'
import { ListBounds } from '../client/list-bounds.ts'
import { ArmFault, toUnread } from '../errors/arm-fault.ts'
import { faultOfBody } from '../errors/fault-mapping.ts'
import { ALLOW_LIST_QUERY, ALLOW_LIST_TYPES, toAllowListType } from './list-readers.ts'

/** The most rows that Resource Graph returns on a page (Learn: paginate-results). */
const ROWS_PER_PAGE = 1_000
/** Pages are read in sequence; a principal has some 15 queries in 5 s (Learn: guidance-for-throttled-requests). */
const MAX_GRAPH_PAGES = 20

interface GraphRows {
  rows: BodyReader[]
  /** How many rows match, however many were fetched. */
  total: number
}

/**
 * All rows of a query, up to 20,000, over every subscription that the caller may read. A query is a POST that
 * changes nothing, so it is retried like a GET. Rejects with an `ArmFault`.
 */
async function queryResourceGraph(requests: ArmRequests, query: string): Promise<GraphRows> {
  const url = toUrl('/providers/Microsoft.ResourceGraph/resources', {
    apiVersion: API_VERSIONS.resourceGraph,
  })
  const rows: BodyReader[] = []
  const bounds = new ListBounds('')
  let skipToken: string | undefined
  for (let page = 1; ; page++) {
    const options = { $skipToken: skipToken, $top: ROWS_PER_PAGE, resultFormat: 'objectArray' }
    const response = await requests.send('post', url, { body: { query, options }, isQuery: true })
    const answer = new BodyReader(response.body)
    if (!answer.has('data')) throw faultOfBody('an answer of Resource Graph has no data')
    const pageRows = answer.list('data')
    for (const row of pageRows) rows.push(row)
    skipToken = answer.string('$skipToken') ?? undefined
    bounds.add(response, pageRows.length, page === MAX_GRAPH_PAGES ? null : (skipToken ?? null))
    if (skipToken === undefined || page === MAX_GRAPH_PAGES)
      return { rows, total: Math.max(rows.length, answer.number('totalRecords') ?? 0) }
  }
}

/** What Resource Graph shows of every resource that can hold an allow list. Rejects with an `ArmFault`. */
export async function findAllowLists(requests: ArmRequests): Promise<AllowListSearch> {
  const { rows, total } = await queryResourceGraph(requests, ALLOW_LIST_QUERY)
  const omittedRows = total - rows.length
  const found: AllowListSearch = {
    ids: [],
    resources: [],
    childLists: [],
    searched: [],
    unread: [],
    omittedRows,
  }
  const counts = new Map(ALLOW_LIST_TYPE_NAMES.map((type) => [type, 0]))
  for (const row of rows) {
    const type = toAllowListType(row.string('type') ?? '')
    if (type === undefined) continue
    counts.set(type, (counts.get(type) ?? 0) + 1)
    addRow(found, row, type)
  }
  found.searched = [...counts].map(([type, resources]) => ({ type, resources }))
  return found
}

/** The lists below one resource; null where there are none. Rejects with an `ArmFault`. */
export async function readChildLists(
  requests: ArmRequests,
  { id, type, location, isOff }: ChildListsRef,
): Promise<AllowListResource | null> {
  const reading = ALLOW_LIST_TYPES[type]
  if (!('fromChild' in reading)) return null
  const { path, apiVersion, translate } = reading.fromChild
  const bodies = await requests.listOrGet(`${id}/${path}`, { apiVersion }).catch(ignoreNotFound)
  return toAllowListResource({ id, type, location, isOff }, translate(bodies))
}

/** A row that cannot be read is reported, and does not prevent reading the others. */
function addRow(found: AllowListSearch, row: BodyReader, type: AllowListType): void {
  const reading = ALLOW_LIST_TYPES[type]
  let id: string = type
  try {
    id = row.requiredString('id')
    found.ids.push(id)
    const location = row.string('location')
    const isOff = row.is('publicNetworkAccess', 'Disabled')
    if ('fromRow' in reading) {
      const resource = toAllowListResource({ id, type, location, isOff }, reading.fromRow(row))
      if (resource !== null) found.resources.push(resource)
    } else {
      found.childLists.push({ id, type, location, isOff })
    }
  } catch (error) {
    if (!(error instanceof ArmFault)) throw error
    found.unread.push({ type, ...toUnread(id, error) })
  }
}

function toAllowListResource(
  { id, type, location, isOff }: ChildListsRef,
  entries: AllowListResource['entries'],
): AllowListResource | null {
  if (entries.length === 0) return null
  const enforced = isOff ? entries.map((entry) => ({ ...entry, inForce: false })) : entries
  return { id, type, location, entries: enforced }
}

/** There is no policy or rule set, or the resource was deleted after Resource Graph saw it. */
function ignoreNotFound(error: unknown): [] {
  if (error instanceof ArmFault && error.kind === 'not-found') return []
  throw error
}
