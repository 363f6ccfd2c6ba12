import type { PermissionCheck } from '../plan-preflight.ts'
import { idKey } from '../resource-id.ts'
import type { RightsFacts } from '../rights-facts.ts'
import { allows } from './actions.ts'
import type { RequiredAction } from './required-actions.ts'

/**
 * What ARM says that the caller may do there. An empty answer is a denial; a refused question is none: who may
 * not read permissions may still have them (a role without `Microsoft.Authorization/permissions/read`).
 */
export function checkCaller(
  required: RequiredAction,
  rights: RightsFacts | null,
): Pick<PermissionCheck, 'result' | 'because'> {
  const permissions = rights?.callerPermissions[idKey(required.scope)]
  if (permissions === undefined)
    return { result: 'notChecked', because: 'The permissions there were not asked for.' }
  if ('unread' in permissions) {
    const because =
      permissions.unread.reason === 'denied'
        ? 'Azure refuses to say what this identity may do there.'
        : 'What this identity may do there could not be read.'
    return { result: 'notChecked', because }
  }
  if (permissions.facts.length === 0)
    return { result: 'missing', because: 'This identity has no role there or above.' }
  return allows(permissions.facts, required.action)
    ? { result: 'allowed', because: 'A role of this identity allows it there.' }
    : { result: 'missing', because: 'No role of this identity there or above allows it.' }
}
