import { fieldChanges } from '../field-changes.ts'
import type { JsonObject } from '../json.ts'
import type { Target } from '../target.ts'

/** The target's fields as they stand in ARM's `properties`, nested; only what is set, nothing of other types. */
export function armFragment(target: Target): JsonObject {
  const root: JsonObject = {}
  for (const change of fieldChanges(target)) {
    if (change.op !== 'set') continue
    const path = change.path.split('/').slice(2)
    const last = path.pop() ?? ''
    let at = root
    for (const segment of path) at = childOf(at, segment)
    at[last] = change.value
  }
  return root
}

function childOf(parent: JsonObject, key: string): JsonObject {
  const present = parent[key]
  if (typeof present === 'object' && present !== null && !Array.isArray(present)) return present
  const child: JsonObject = {}
  parent[key] = child
  return child
}
