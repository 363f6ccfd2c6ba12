import { effectiveDefaultRouteOf } from '../effective-egress.ts'
import { isAksOwned } from '../egress-addresses.ts'
import { finding } from '../findings/catalogue.ts'
import type { Finding } from '../plan.ts'
import { nameOf } from '../resource-id.ts'
import type { Check } from './check.ts'

/** What stands in the way of a load balancer, or goes on outranking it (rulebook 3.1, 9). */
export const loadBalancerTarget: Check = ({ snapshot, from, to }) => {
  if (to !== 'loadBalancer' || from === to) return []
  const findings: Finding[] = []
  const pools = snapshot.cluster.agentPools.filter((pool) => pool.disableOutboundNat === true)
  if (pools.length > 0)
    findings.push(finding('LB_WINDOWS_OUTBOUNDNAT_DISABLED', { pools: pools.map((pool) => pool.name) }))
  const gated = snapshot.subnets.filter(
    (subnet) => subnet.natGatewayId !== null && !isAksOwned(subnet.natGatewayId, snapshot),
  )
  if (gated.length > 0)
    findings.push(finding('LB_STALE_NATGW', { subnets: gated.map((each) => nameOf(each.id)) }))
  const routed = snapshot.subnets.filter((subnet) => {
    const route = effectiveDefaultRouteOf(subnet, snapshot.routeTables)
    return (
      route !== null &&
      typeof route !== 'string' &&
      /^Virtual(Appliance|NetworkGateway)$/i.test(route.nextHopType)
    )
  })
  if (routed.length > 0)
    findings.push(finding('LB_STALE_DEFAULT_ROUTE', { subnets: routed.map((each) => nameOf(each.id)) }))
  return findings
}
