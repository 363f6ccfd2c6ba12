import { parseResourceId } from '../../core/arm/resource-id.ts'
import { ArmFault } from '../errors/arm-fault.ts'

/**
 * Refuses names that would change the path they are put into: the SDK encodes slashes, but `..` goes
 * through and would be resolved away, and a request for one resource would reach another.
 */
export function assertSafeSegments(...segments: string[]): void {
  const wrong = segments.find((segment) => /^\.*$/.test(segment) || /[/\\?#%\p{Cc}]/u.test(segment))
  if (wrong === undefined) return
  throw new ArmFault({
    kind: 'refused',
    code: 'InvalidResourceId',
    message: `This cannot be a part of a resource's id: ${JSON.stringify(wrong.slice(0, 100))}`,
  })
}

/** A resource of any kind as a request names it. */
interface ResourcePath {
  subscriptionId: string
  /** Path and query, without scheme and host. */
  path: string
}

/** Rejects what is not the id of a resource in a resource group, and names that would lead elsewhere. */
export function buildResourcePath(id: string, apiVersion: string): ResourcePath {
  const parts = parseResourceId(id)
  if (parts === null)
    throw new ArmFault({
      kind: 'refused',
      code: 'InvalidResourceId',
      message: `This is not the id of a resource: ${id.slice(0, 300)}`,
    })
  const segments = id.split('/').slice(1)
  assertSafeSegments(...segments)
  const path = segments.map(encodeURIComponent).join('/')
  return {
    subscriptionId: parts.subscriptionId,
    path: `/${path}?api-version=${encodeURIComponent(apiVersion)}`,
  }
}
