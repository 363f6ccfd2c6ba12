import {
  aLoadBalancerProfile,
  aNatGatewayProfile,
  aPool,
  aPublicIp,
  aSnapshot,
} from '../../support/a-cluster.ts'
import { clusterWith, natCluster, natIp, type RuleCases } from '../../support/rule-cases.ts'

const target = 'managedNATGateway'
const large = { agentPools: [aPool({ count: 1000, maxSurge: '1' })] }

export const CASES: RuleCases = {
  SNAT_DROPS: {
    severity: 'warning',
    snapshot: aSnapshot({
      cluster: { ...natCluster, agentPools: [aPool({ count: 50, maxSurge: '10%' })] },
      publicIps: [
        aPublicIp({ id: aNatGatewayProfile().effectiveOutboundIpIds[0] ?? '', address: '20.2.0.1' }),
      ],
    }),
    target: 'loadBalancer',
    facts: { before: 1172, after: 512, nodesAtPeak: 55 },
    absent: {
      target: {
        outboundType: 'loadBalancer',
        loadBalancer: { managedOutboundIpCount: 2, allocatedOutboundPorts: 2000 },
      },
    },
  },
  SNAT_NAT_SIZING: {
    severity: 'warning',
    snapshot: clusterWith(large),
    target,
    facts: { nodesAtPeak: 1001, addresses: 1 },
    absent: { snapshot: clusterWith({ agentPools: [aPool({ count: 999, maxSurge: '1' })] }) },
  },
  SNAT_LB_LARGE: {
    severity: 'warning',
    snapshot: aSnapshot({ cluster: { ...natCluster, ...large }, publicIps: [natIp] }),
    target: 'loadBalancer',
    facts: { nodesAtPeak: 1001, addresses: 1 },
  },
  SNAT_DEST_HOTSPOT: {
    severity: 'info',
    snapshot: clusterWith({
      agentPools: [aPool({ count: 60, maxSurge: '1' })],
      loadBalancerProfile: aLoadBalancerProfile({ allocatedOutboundPorts: 1000 }),
    }),
    target,
    facts: { before: 61_000, after: 50_000 },
  },
}
