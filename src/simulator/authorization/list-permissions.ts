import type { ArmHandler } from '../http/arm-request.ts'
import { requireSubscription } from '../http/require-scope.ts'
import { type JsonObject, listAt, textAt } from '../json.ts'
import { reaches, scopeOf } from './scope-of.ts'

const EVERYTHING: JsonObject = { actions: ['*'], notActions: [], dataActions: [], notDataActions: [] }

/**
 * What the caller may do on a scope. Everything, unless a test has put resources of type
 * `Microsoft.Authorization/permissions` (`{ id: '{scope}/providers/Microsoft.Authorization/permissions/x', actions,
 * notActions }`): then only what these give there, which may be nothing.
 */
export const listPermissions: ArmHandler = (world, { path }) => {
  requireSubscription(world, path)
  const given = world.list('microsoft.authorization/permissions')
  const value = given
    .filter((body) => reaches(scopeOf(textAt(body, 'id') ?? ''), path.scope ?? ''))
    .map((body) => ({
      actions: listAt(body, 'actions'),
      notActions: listAt(body, 'notActions'),
      dataActions: [],
      notDataActions: [],
    }))
  return { status: 200, body: { value: given.length === 0 ? [EVERYTHING] : value } }
}
