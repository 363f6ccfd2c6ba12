import { effectivePathOf, leadsToAppliance } from '../effective-egress.ts'
import { isAksOwned } from '../egress-addresses.ts'
import { finding } from '../findings/catalogue.ts'
import type { SubnetFacts } from '../network-facts.ts'
import type { Finding } from '../plan.ts'
import { nameOf } from '../resource-id.ts'
import type { Snapshot } from '../snapshot.ts'
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
  if (gated.length > 0) {
    // A route outranks the gateway in its turn: then egress is not the gateway's either.
    const routed = gated.filter((subnet) => !leavesByGateway(subnet, snapshot))
    findings.push(
      finding('LB_STALE_NATGW', { subnets: gated.map(nameOfSubnet), routed: routed.map(nameOfSubnet) }),
    )
  }
  const routed = snapshot.subnets.filter((subnet) => leadsToAppliance(subnet, snapshot))
  if (routed.length > 0)
    findings.push(finding('LB_STALE_DEFAULT_ROUTE', { subnets: routed.map(nameOfSubnet) }))
  return findings
}

/** A table that could not be read proves nothing against the gateway. */
function leavesByGateway(subnet: SubnetFacts, snapshot: Snapshot): boolean {
  return ['natGateway', 'unknown'].includes(effectivePathOf(subnet, snapshot, 'loadBalancer'))
}

function nameOfSubnet({ id }: SubnetFacts): string {
  return nameOf(id)
}
