import type { World } from '../world/world.ts'
import { gatewayError } from './arm-error.ts'
import type { ArmPath } from './arm-path.ts'

/**
 * Refuses a path in an unknown subscription, as the front door does.
 * @throws ArmRefusal 404 SubscriptionNotFound
 */
export function requireSubscription(world: World, path: ArmPath): void {
  const subscription = path.subscription ?? ''
  if (!world.hasSubscription(subscription))
    throw gatewayError(404, 'SubscriptionNotFound', `The subscription '${subscription}' could not be found.`)
}

/**
 * Refuses a path in an unknown subscription or resource group.
 * @throws ArmRefusal 404 SubscriptionNotFound or ResourceGroupNotFound
 */
export function requireResourceGroup(world: World, path: ArmPath): void {
  requireSubscription(world, path)
  if (world.get(`/subscriptions/${path.subscription}/resourceGroups/${path.resourceGroup}`) === undefined)
    throw gatewayError(
      404,
      'ResourceGroupNotFound',
      `Resource group '${path.resourceGroup}' could not be found.`,
    )
}
