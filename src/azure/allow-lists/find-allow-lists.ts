import type { AllowListType } from '../../contract/allow-lists.ts'
import { ALLOW_LIST_TYPE_NAMES } from '../../contract/allow-lists.ts'
import type { AllowListResource } from '../../core/snapshot/allow-list-facts.ts'
import type { AllowListSearch, ChildListsRef } from '../arm.ts'
import type { ArmRequests } from '../client/arm-requests.ts'
import type { BodyReader } from '../client/body-reader.ts'
import { queryGraphPage } from '../client/graph-query.ts'
import { ListBounds } from '../client/list-bounds.ts'
import { ArmFault, toUnread } from '../errors/arm-fault.ts'
import { ALLOW_LIST_QUERY, ALLOW_LIST_TYPES, toAllowListType } from './list-readers.ts'

/** Pages are read in sequence; a principal can send about 15 queries in 5 s (Learn: guidance-for-throttled-requests). */
const MAX_GRAPH_PAGES = 20

interface GraphRows {
  rows: BodyReader[]
  /** The number of matching rows, including rows that were not fetched. */
  total: number
}

/** All rows of a query, up to 20,000. Rejects with an `ArmFault`. */
async function queryResourceGraph(requests: ArmRequests, query: string): Promise<GraphRows> {
  const rows: BodyReader[] = []
  const bounds = new ListBounds('')
  let skipToken: string | null = null
  for (let page = 1; ; page++) {
    const answer = await queryGraphPage(requests, query, skipToken)
    for (const row of answer.rows) rows.push(row)
    skipToken = page === MAX_GRAPH_PAGES ? null : answer.skipToken
    bounds.add(answer, answer.rows.length, skipToken)
    if (skipToken === null) return { rows, total: Math.max(rows.length, answer.total) }
  }
}

/** The facts that Resource Graph shows about every resource that can have an allow list. Rejects with an `ArmFault`. */
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

/** The lists in child resources of a resource; null if there are none. Rejects with an `ArmFault`. */
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

/** The resource has no policy or rule set, or it was deleted after Resource Graph indexed it. */
function ignoreNotFound(error: unknown): [] {
  if (error instanceof ArmFault && error.kind === 'not-found') return []
  throw error
}
