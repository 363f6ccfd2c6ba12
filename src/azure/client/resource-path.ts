import { parseResourceId, type ResourceId } from '../../core/arm/resource-id.ts'
import { equalsArm } from '../../core/arm/words.ts'
import { type ArmFault, invalidResourceId } from '../errors/arm-fault.ts'

/**
 * Rejects names that would change the path that contains them: `..`, encoded or not, would be resolved, and the request
 * would reach another resource.
 */
export function assertSafeSegments(...segments: string[]): void {
  const wrong = segments.find((segment) => /^\.*$/.test(segment) || /[/\\?#%\p{Cc}]/u.test(segment))
  if (wrong === undefined) return
  throw invalidResourceId(`This cannot be a part of a resource's id: ${JSON.stringify(wrong.slice(0, 100))}`)
}

/** The path of a request for an ID, with encoded characters. Rejects names that would change the path. */
export function toPath(id: string): string {
  if (!id.startsWith('/')) throw notAnId(id)
  const segments = id.split('/').slice(1)
  assertSafeSegments(...segments)
  return `/${segments.map(encodeURIComponent).join('/')}`
}

/** The path of the resources of a provider in a subscription. Rejects names that would change the path. */
export function subscriptionPath(subscriptionId: string, provider: string, ...names: string[]): string {
  assertSafeSegments(subscriptionId, ...names)
  return ['/subscriptions', subscriptionId, 'providers', provider, ...names].join('/')
}

/** The parts of the id of a resource in a resource group. Throws an `ArmFault` for any other id. */
export function requireResourceId(id: string): ResourceId {
  const parts = parseResourceId(id)
  if (parts === null) throw notAnId(id)
  return parts
}

function notAnId(id: string): ArmFault {
  return invalidResourceId(`This is not the id of a resource: ${id.slice(0, 300)}`)
}

/** The id in the documented spelling of its type, such as `Microsoft.Network/natGateways`. Throws for another type. */
export function toTypedId(id: string, type: string): string {
  const parts = parseResourceId(id)
  if (parts === null || !equalsArm(parts.type, type))
    throw invalidResourceId(`This is not the id of one of ${type}: ${id}`)
  const { subscriptionId, resourceGroup, name } = parts
  return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/${type}/${name}`
}
