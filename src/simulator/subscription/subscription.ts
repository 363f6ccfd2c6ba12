import { type ArmHandler, assertResourceGroup, assertSubscription } from '../arm/arm-request.ts'
import { equalsText, type JsonObject, numberAt, textAt } from '../lib/json.ts'
import type { World } from '../world/world.ts'

/**
 * Limits of a subscription and region: public IPs from the error message of the service, the others from
 * azure-subscription-service-limits.
 */
const USAGE_LIMITS: [name: string, type: string, limit: number][] = [
  ['PublicIPAddresses', 'publicipaddresses', 1000],
  ['StaticPublicIPAddresses', 'publicipaddresses', 1000],
  ['StandardSkuPublicIpAddresses', 'publicipaddresses', 1000],
  ['VirtualNetworks', 'virtualnetworks', 1000],
  ['NatGateways', 'natgateways', 1000],
  ['RouteTables', 'routetables', 200],
  ['LoadBalancers', 'loadbalancers', 1000],
  ['NetworkSecurityGroups', 'networksecuritygroups', 5000],
]

/** GET …/locations/{region}/usages, counted from the existing resources. */
export const listUsages: ArmHandler = (world, request) => {
  assertSubscription(world, request.path)
  const { subscription = '', names } = request.path
  const location = (names[0] ?? '').toLowerCase()
  const value = USAGE_LIMITS.map(([name, type, usual]): JsonObject => {
    const id = `/subscriptions/${subscription}/providers/Microsoft.Network/locations/${location}/usages/${name}`
    // A test can set a lower limit with the ID of the usage.
    const limit = numberAt(world.get(id), 'limit') ?? usual
    const bodies = world.list(`microsoft.network/${type}`, { subscription })
    const currentValue = bodies.filter((body) => textAt(body, 'location')?.toLowerCase() === location).length
    return {
      currentValue,
      id,
      limit,
      name: { localizedValue: name, value: name },
      unit: 'Count',
    }
  })
  return { status: 200, headers: { 'content-type': 'application/json; charset=utf-8' }, body: { value } }
}

/** GET of a resource group. */
export const getResourceGroup: ArmHandler = (world, request) => {
  assertResourceGroup(world, request.path)
  const { subscription, resourceGroup } = request.path
  const body = world.get(`/subscriptions/${subscription}/resourceGroups/${resourceGroup}`)
  return { status: 200, body: body === undefined ? null : withManager(world, body) }
}

/** AKS manages the node resource groups of its clusters (inferred). */
function withManager(world: World, group: JsonObject): JsonObject {
  const [, , subscription = ''] = (textAt(group, 'id') ?? '').split('/')
  const manager = world
    .list('microsoft.containerservice/managedclusters', { subscription })
    .find((cluster) => equalsText(textAt(cluster, 'properties', 'nodeResourceGroup'), textAt(group, 'name')))
  return manager === undefined ? group : { ...group, managedBy: textAt(manager, 'id') ?? '' }
}

/** List of the resource groups of a subscription. */
export const listResourceGroups: ArmHandler = (world, request) => {
  assertSubscription(world, request.path)
  const { subscription = '' } = request.path
  const groups = world.list('microsoft.resources/resourcegroups', { subscription })
  return { status: 200, body: { value: groups.map((group) => withManager(world, group)) } }
}
