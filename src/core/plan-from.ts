import type { PlanFrom } from './plan.ts'
import type { PlanningContext } from './planning-context.ts'

/** The egress before the change, in the words of the contract. */
export function planFrom({ snapshot: { cluster }, declared, from, effective }: PlanningContext): PlanFrom {
  const { loadBalancerProfile: balancer, natGatewayProfile: gateway } = cluster
  return {
    outboundType: declared ?? String(cluster.outboundType),
    natGatewaySku:
      from === 'managedNATGatewayV2' ? 'StandardV2' : from === 'managedNATGateway' ? 'Standard' : null,
    effective: effective.before,
    loadBalancer:
      balancer === null
        ? null
        : {
            managedOutboundIpCount: balancer.managedCount,
            managedOutboundIpv6Count: balancer.managedCountIpv6,
            outboundIpIds: balancer.outboundIpIds,
            outboundIpPrefixIds: balancer.outboundIpPrefixIds,
            allocatedOutboundPorts: balancer.allocatedOutboundPorts,
            idleTimeoutInMinutes: balancer.idleTimeoutInMinutes,
          },
    natGateway:
      gateway === null
        ? null
        : {
            managedOutboundIpCount: gateway.managedCount,
            managedOutboundIpv6Count: gateway.managedCountIpv6,
            outboundIpIds: gateway.outboundIpIds,
            outboundIpPrefixIds: gateway.outboundIpPrefixIds,
            idleTimeoutInMinutes: gateway.idleTimeoutInMinutes,
          },
  }
}
