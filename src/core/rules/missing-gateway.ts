import { namesOf } from '../arm/resource-id.ts'
import { internetRoutesOf } from '../egress/effective-path.ts'
import { lacksNetworkGateway } from '../egress/learned-routes.ts'
import { nextHopOf } from '../egress/routes.ts'
import { named } from '../lib/text.ts'
import { inferred } from '../references/references.ts'
import type { SubnetFacts } from '../snapshot/network-facts.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { type Check, rule } from './rule.ts'

export const ROUTE_GATEWAY_MISSING = rule<{ subnets: string[]; isPresent: boolean; isPrepared: boolean }>(
  'ROUTE_GATEWAY_MISSING',
  {
    severity: 'acknowledge',
    severityOverride: (f) => (f.isPresent ? 'warning' : null),
    message: (f) =>
      `Azure may drop packets from ${named('subnet', f.subnets)} to public addresses, such as a public API server, because a route leads to a virtual network gateway that neither the virtual network nor a peering provides.`,
    remedy: (f) =>
      f.isPrepared
        ? 'Set `prepare.defaultRoute` in the plan request to the address of a virtual appliance. To keep this route, first deploy a VPN gateway, or a peering that uses remote gateways.'
        : 'Change the next hop of the route to a virtual appliance, which moves traffic immediately. To keep this route, first deploy a VPN gateway, or a peering that uses remote gateways.',
    source: inferred('virtual-networks-udr-overview'),
  },
)

/** Routes for internet packets to a virtual network gateway that does not exist, after the preparation. */
export const checkMissingGateway: Check = ({ isChange, to, snapshot, prepared, preparation }) => {
  if (!isChange || to === 'block') return []
  const affected = prepared.subnets.filter((subnet) => leadsToMissingGateway(subnet, prepared))
  const present = snapshot.subnets.filter((subnet) => leadsToMissingGateway(subnet, snapshot))
  const ids = new Set(present.map(({ id }) => id))
  const [kept, caused] = [affected.filter(({ id }) => ids.has(id)), affected.filter(({ id }) => !ids.has(id))]
  const isPrepared = preparation.writes.length > 0
  return [
    ...ROUTE_GATEWAY_MISSING.ifAny({ subnets: namesOf(caused), isPresent: false, isPrepared }),
    ...ROUTE_GATEWAY_MISSING.ifAny({ subnets: namesOf(kept), isPresent: true, isPrepared: false }),
  ]
}

function leadsToMissingGateway(subnet: SubnetFacts, snapshot: Snapshot): boolean {
  const routes = internetRoutesOf(subnet, snapshot)
  if (routes === 'unread' || !lacksNetworkGateway(subnet, snapshot)) return false
  return routes.some((route) => route !== null && nextHopOf(route) === 'VirtualNetworkGateway')
}
