import { typeOf } from '../http/arm-path.ts'
import type { ArmHandler } from '../http/arm-request.ts'
import { requireSubscription } from '../http/require-scope.ts'
import { type JsonObject, textAt } from '../json.ts'
import { reaches, scopeOf } from './scope-of.ts'

/**
 * Lists of locks, policy assignments, exemptions and custom definitions of a subscription: what is set in it, and of
 * policies also what is set on management groups above it. They exist only where a test has put them.
 */
export const listAuthorization: ArmHandler = (world, { path }) => {
  requireSubscription(world, path)
  const subscription = `/subscriptions/${path.subscription}`
  const isSeen = (body: JsonObject) => {
    const scope = scopeOf(textAt(body, 'id') ?? '')
    return reaches(subscription, scope) || (scope !== '' && reaches(scope, subscription))
  }
  return { status: 200, body: { value: world.list(typeOf(path)).filter(isSeen) } }
}
