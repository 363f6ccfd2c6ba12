import type { Demo } from '../../../support/demo.ts'
import { attributesOf, type Hcl } from './hcl.ts'

/** How azapi merges the body of `azapi_update_resource` into what it has read (`utils.MergeObject`). */
function merge(old: Hcl | undefined, body: Hcl): Hcl {
  if (!isObject(old) || !isObject(body)) return body
  const merged = { ...old }
  for (const [key, value] of Object.entries(body)) merged[key] = merge(old[key], value)
  return merged
}

function isObject(value: Hcl | undefined): value is { [key: string]: Hcl } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Reads, merges, and writes a resource as azapi does, or creates it; the status and the error code of the PUT. */
export async function applyAzapi(demo: Demo, fragment: string): Promise<string> {
  const { type, resource_id, parent_id, name, location, body } = attributesOf(fragment, RESOURCE)
  const [typeName = '', apiVersion] = String(type).split('@')
  const id = resource_id ?? `${parent_id}/${childPath(typeName, String(parent_id))}/${name}`
  const url = `${demo.url}${id}?api-version=${apiVersion}`
  const existing =
    resource_id === undefined ? { location: location ?? null } : await (await fetch(url)).json()
  const answer = await fetch(url, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(merge(existing as Hcl, body as Hcl)),
  })
  await demo.control('clock', { advanceSeconds: 600 })
  const { code } = answer.ok ? { code: '' } : ((await answer.json()) as { code: string })
  return `${answer.status} ${code}`.trim()
}

const RESOURCE = /resource "azapi_(?:update_)?resource" "\w+"/

/** `providers/Microsoft.Network/natGateways`, or `routes` below a route table. */
function childPath(type: string, parentId: string): string {
  return parentId.includes('/providers/') ? (type.split('/').at(-1) ?? '') : `providers/${type}`
}
