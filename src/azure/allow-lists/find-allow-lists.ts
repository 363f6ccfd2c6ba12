import type { AllowListResource } from '../../core/allow-lists/facts.ts'
import { ALLOW_LIST_TYPE_NAMES, type AllowListType } from '../../core/allow-lists/types.ts'
import type { AllowListSearch, ListsBelow } from '../arm.ts'
import type { ArmCall } from '../arm-call.ts'
import type { ArmClients } from '../arm-clients.ts'
import { ArmFault } from '../arm-fault.ts'
import type { BodyReader } from '../body-reader.ts'
import { queryResourceGraph } from '../query-resource-graph.ts'
import { readBelow } from '../read-below.ts'
import { ALLOW_LIST_QUERY, ALLOW_LIST_TYPES, spelledType } from './types.ts'

/** What Resource Graph shows of every resource that can hold an allow-list. Rejects with an `ArmFault`. */
export async function findAllowLists(clients: ArmClients, call: ArmCall): Promise<AllowListSearch> {
  const { rows, total } = await queryResourceGraph(clients, call, ALLOW_LIST_QUERY)
  const found: AllowListSearch = {
    ids: [],
    resources: [],
    below: [],
    searched: [],
    unread: [],
    beyond: total - rows.length,
  }
  const counts = new Map(ALLOW_LIST_TYPE_NAMES.map((type) => [type, 0]))
  for (const row of rows) {
    const type = spelledType(row.text('type') ?? '')
    if (type === undefined) continue
    counts.set(type, (counts.get(type) ?? 0) + 1)
    keepRow(found, row, type)
  }
  found.searched = [...counts].map(([type, resources]) => ({ type, resources }))
  return found
}

/** The lists below one resource; null where there are none. Rejects with an `ArmFault`. */
export async function readListsBelow(
  clients: ArmClients,
  call: ArmCall,
  { id, type, isOff }: ListsBelow,
): Promise<AllowListResource | null> {
  const reading = ALLOW_LIST_TYPES[type]
  if (!('fromChild' in reading)) return null
  const { path, apiVersion, translate } = reading.fromChild
  const bodies = await readBelow(clients, call, { id, path, apiVersion }).catch(noneOfThem)
  return resourceOf({ id, type, isOff }, translate(bodies))
}

/** A row that cannot be read is said, and the others are read all the same. */
function keepRow(found: AllowListSearch, row: BodyReader, type: AllowListType): void {
  const reading = ALLOW_LIST_TYPES[type]
  let id: string = type
  try {
    id = row.requiredText('id')
    found.ids.push(id)
    const isOff = row.text('publicNetworkAccess')?.toLowerCase() === 'disabled'
    if ('fromRow' in reading) {
      const resource = resourceOf({ id, type, isOff }, reading.fromRow(row))
      if (resource !== null) found.resources.push(resource)
    } else {
      found.below.push({ id, type, isOff })
    }
  } catch (error) {
    if (!(error instanceof ArmFault)) throw error
    found.unread.push({ type, what: id, reason: 'failed', code: error.code, message: error.message })
  }
}

function resourceOf(
  { id, type, isOff }: ListsBelow,
  entries: AllowListResource['entries'],
): AllowListResource | null {
  if (entries.length === 0) return null
  return { id, type, entries: isOff ? entries.map((each) => ({ ...each, inForce: false })) : entries }
}

/** No policy, no rule set, or the resource is gone since Resource Graph saw it: ARM says that there is no list. */
function noneOfThem(error: unknown): [] {
  if (error instanceof ArmFault && error.kind === 'not-found') return []
  throw error
}
