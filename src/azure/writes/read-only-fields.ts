import type { Json, JsonObject } from '../../contract/json.ts'
import { equalsArm } from '../../core/arm/words.ts'
import { pointerKeys } from './apply-field-changes.ts'
import data from './read-only-fields.json' with { type: 'json' }

/**
 * Fields that ARM returns but does not accept in a PUT. The entries are JSON pointers in which `*` is any key or any
 * item of a list; letter case is ignored. Each list names its source. AKS rejects fields that an API version does not
 * have (`UnmarshalError`). Microsoft.Network ignores such fields at best, and `ipConfigurations` of a subnet can have
 * megabytes.
 */
const READ_ONLY_FIELDS: Record<'managedCluster' | 'network', readonly string[]> = {
  managedCluster: data.managedCluster.flatMap(({ paths }) => paths),
  network: data.network.flatMap(({ paths }) => paths),
}

/** The only resource whose `subnets` can be written. */
const VIRTUAL_NETWORK = /\/virtualNetworks$/i

/** A body for a PUT: without read-only fields, with all other fields in the same order. The given body is not modified. */
export function toWritableBody(body: JsonObject, provider: keyof typeof READ_ONLY_FIELDS): JsonObject {
  const writable = structuredClone(body)
  const isVirtualNetwork = VIRTUAL_NETWORK.test(String(body.type ?? ''))
  for (const path of READ_ONLY_FIELDS[provider])
    if (path !== '/properties/subnets' || !isVirtualNetwork) deleteAt(writable, pointerKeys(path))
  return writable
}

function deleteAt(value: Json | undefined, keys: string[]): void {
  const [key = '', ...rest] = keys
  if (typeof value !== 'object' || value === null) return
  if (Array.isArray(value)) {
    if (key === '*') for (const item of value) deleteAt(item, rest)
    return
  }
  for (const name of Object.keys(value)) {
    if (key !== '*' && !equalsArm(name, key)) continue
    if (rest.length === 0) delete value[name]
    else deleteAt(value[name], rest)
  }
}
