import type { ArmHandler } from '../http/arm-request.ts'
import { requireSubscription } from '../http/require-scope.ts'
import { type JsonObject, numberAt, textAt } from '../json.ts'

/** Limits of a subscription and region: public IPs as the service's error text has it, the others of rulebook 12. */
const LIMITS: [name: string, type: string, limit: number][] = [
  ['PublicIPAddresses', 'publicipaddresses', 1000],
  ['StaticPublicIPAddresses', 'publicipaddresses', 1000],
  ['StandardSkuPublicIpAddresses', 'publicipaddresses', 1000],
  ['VirtualNetworks', 'virtualnetworks', 1000],
  ['NatGateways', 'natgateways', 1000],
  ['RouteTables', 'routetables', 200],
  ['LoadBalancers', 'loadbalancers', 1000],
  ['NetworkSecurityGroups', 'networksecuritygroups', 5000],
]

/** GET …/locations/{region}/usages, counted from the resources there are. */
export const listUsages: ArmHandler = (world, request) => {
  requireSubscription(world, request.path)
  const { subscription = '', names } = request.path
  const location = (names[0] ?? '').toLowerCase()
  const value = LIMITS.map(([name, type, usual]): JsonObject => {
    const id = `/subscriptions/${subscription}/providers/Microsoft.Network/locations/${location}/usages/${name}`
    // A test may have put a lower limit under the usage's own id.
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
