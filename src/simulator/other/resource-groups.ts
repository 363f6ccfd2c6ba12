import type { ArmHandler } from '../http/arm-request.ts'
import { requireResourceGroup, requireSubscription } from '../http/require-scope.ts'

/** GET of a resource group. */
export const getResourceGroup: ArmHandler = (world, request) => {
  requireResourceGroup(world, request.path)
  const { subscription, resourceGroup } = request.path
  return {
    status: 200,
    body: world.get(`/subscriptions/${subscription}/resourceGroups/${resourceGroup}`) ?? null,
  }
}

/** List of the resource groups of a subscription. */
export const listResourceGroups: ArmHandler = (world, request) => {
  requireSubscription(world, request.path)
  const { subscription = '' } = request.path
  return { status: 200, body: { value: world.list('microsoft.resources/resourcegroups', { subscription }) } }
}

/** GET of a subscription. */
export const getSubscription: ArmHandler = (world, request) => {
  requireSubscription(world, request.path)
  const id = request.path.subscription ?? ''
  return {
    status: 200,
    body: {
      id: `/subscriptions/${id}`,
      subscriptionId: id,
      displayName: 'Simulated subscription',
      state: 'Enabled',
    },
  }
}
