import { parseResourceId } from '../core/resource-id.ts'
import { ArmFault } from './arm-fault.ts'
import { checkSegments } from './path-segments.ts'

/** A resource of any kind as a request names it. */
export interface ResourcePath {
  subscriptionId: string
  /** Path and query, without scheme and host. */
  path: string
}

/** Rejects what is not the id of a resource in a resource group, and names that would lead elsewhere. */
export function resourcePath(id: string, apiVersion: string): ResourcePath {
  const parts = parseResourceId(id)
  if (parts === null)
    throw new ArmFault({
      kind: 'refused',
      code: 'InvalidResourceId',
      message: `This is not the id of a resource: ${id.slice(0, 300)}`,
    })
  const segments = id.split('/').slice(1)
  checkSegments(...segments)
  const path = segments.map(encodeURIComponent).join('/')
  return {
    subscriptionId: parts.subscriptionId,
    path: `/${path}?api-version=${encodeURIComponent(apiVersion)}`,
  }
}
