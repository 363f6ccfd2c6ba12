import { idKey } from '../resource-id.ts'

/**
 * Whether what is set on `scope` holds for `id`: on itself and on everything below it, compared as ARM does.
 * The root and management groups count as above: ARM lists them for a subscription only where they are.
 */
export function covers(scope: string, id: string): boolean {
  const above = idKey(scope).replace(/\/+$/, '')
  if (above === '' || isManagementGroup(scope)) return true
  const below = idKey(id)
  return below === above || below.startsWith(`${above}/`)
}

function isManagementGroup(scope: string): boolean {
  return /^\/providers\/Microsoft\.Management\/managementGroups\/[^/]+\/?$/i.test(scope)
}
