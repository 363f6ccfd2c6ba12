import { isObject, type Json, type JsonObject } from '../../contract/json.ts'
import type { FieldChange } from '../../contract/steps.ts'
import { isCidr, toCidr, uncovered } from '../../core/lib/cidr.ts'
import { faultOfBody } from '../errors/fault-mapping.ts'

/** The keys along a JSON pointer (RFC 6901). */
export function pointerKeys(pointer: string): string[] {
  if (!pointer.startsWith('/')) throw new TypeError(`not a JSON pointer into an object: ${pointer}`)
  return pointer
    .slice(1)
    .split('/')
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** The object that contains the last key of the pointer; null if a part of the path is missing or is no object. */
function parentOf(body: JsonObject, keys: string[]): JsonObject | null {
  let parent: JsonObject = body
  for (const key of keys.slice(0, -1)) {
    const child = ownValue(parent, key)
    if (!isObject(child)) return null
    parent = child
  }
  return parent
}

/** A key of the object itself, never an inherited key. */
function ownValue(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined
}

/**
 * The body of a cluster with only the planned changes. The given body is not modified. `discoveredEgress` contains
 * addresses or CIDRs for `unionDiscoveredEgress`. Throws an `ArmFault` of kind `unknown` if the value at the path of a
 * change is not of the expected type.
 */
export function applyFieldChanges(
  body: JsonObject,
  changes: FieldChange[],
  discoveredEgress: string[],
): JsonObject {
  const changed = structuredClone(body)
  for (const change of changes) applyOne(changed, change, discoveredEgress)
  return changed
}

function applyOne(body: JsonObject, change: FieldChange, discoveredEgress: string[]): void {
  switch (change.op) {
    case 'set':
      setAt(body, change.path, structuredClone(change.value))
      break
    case 'remove':
      removeAt(body, change.path)
      break
    case 'unionCidrs':
      addCidrsAt(body, change.path, change.cidrs)
      break
    case 'subtractCidrs':
      removeCidrsAt(body, change.path, change.cidrs)
      break
    case 'unionAddressesOf':
    case 'subtractAddressesOf':
      throw new Error(`${change.op} has to be resolved to addresses before it is applied`)
    case 'unionDiscoveredEgress':
      addCidrsAt(body, change.path, discoveredEgress)
      break
  }
}

/** Missing parents are created. Null counts as missing, because ARM returns it for unset fields. */
function setAt(body: JsonObject, path: string, value: Json): void {
  const keys = pointerKeys(path)
  let parent = body
  for (const key of keys.slice(0, -1)) {
    const child = ownValue(parent, key) ?? {}
    if (!isObject(child)) throw faultOfBody(`${path} leads through something that is not an object`)
    parent[key] = child
    parent = child
  }
  parent[keys.at(-1) ?? ''] = value
}

function removeAt(body: JsonObject, path: string): void {
  const keys = pointerKeys(path)
  const parent = parentOf(body, keys)
  if (parent !== null) delete parent[keys.at(-1) ?? '']
}

/** Adds addresses that no entry covers, one at a time, so that new entries do not overlap either. */
function addCidrsAt(body: JsonObject, path: string, wanted: string[]): void {
  const keys = pointerKeys(path)
  const present = parentOf(body, keys)?.[keys.at(-1) ?? ''] ?? []
  if (!Array.isArray(present)) throw faultOfBody(`${path} is not a list`)
  const entries = present.filter((entry) => typeof entry === 'string')
  const added: string[] = []
  for (const cidr of wanted.map(normalizeEntry)) {
    if (isMissing([...entries, ...added], cidr)) added.push(cidr)
  }
  if (added.length > 0) setAt(body, path, [...present, ...added])
}

/** Removes exactly these entries. An empty list stays, because a missing list has another meaning. */
function removeCidrsAt(body: JsonObject, path: string, unwanted: string[]): void {
  const keys = pointerKeys(path)
  const present = parentOf(body, keys)?.[keys.at(-1) ?? '']
  if (present === undefined || present === null) return
  if (!Array.isArray(present)) throw faultOfBody(`${path} is not a list`)
  const listed = unwanted.map(normalizeEntry)
  setAt(
    body,
    path,
    present.filter((entry) => typeof entry !== 'string' || !listed.includes(normalizeEntry(entry))),
  )
}

function isMissing(entries: string[], wanted: string): boolean {
  if (!isCidr(wanted)) return !entries.includes(wanted)
  return uncovered(entries, [wanted]).length > 0
}

/** The list contains CIDRs and, on some clusters, service tags, which stay unchanged. */
function normalizeEntry(text: string): string {
  return isCidr(text) ? toCidr(text) : text
}
