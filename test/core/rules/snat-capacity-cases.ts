import type { ClusterFacts } from '../../../src/core/snapshot/snapshot.ts'
import {
  aLoadBalancerProfile,
  aNatGatewayProfile,
  aPool,
  aPublicIp,
  aSnapshot,
} from '../../support/a-cluster.ts'
import type { RuleCases } from './rule-case.ts'

const natCluster: Partial<ClusterFacts> = {
  outboundType: 'managedNATGateway',
  natGatewayProfile: aNatGatewayProfile(),
  loadBalancerProfile: null,
}
const target = 'managedNATGateway'
const changed = (cluster: Partial<ClusterFacts>) => aSnapshot({ cluster })
const natIp = aPublicIp({ id: aNatGatewayProfile().effectiveOutboundIpIds[0] ?? '', address: '20.2.0.1' })
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
  },
  SNAT_NAT_SIZING: {
    severity: 'warning',
    snapshot: changed(large),
    target,
    facts: { nodesAtPeak: 1001, addresses: 1 },
  },
  SNAT_LB_LARGE: {
    severity: 'warning',
    snapshot: aSnapshot({ cluster: { ...natCluster, ...large }, publicIps: [natIp] }),
    target: 'loadBalancer',
    facts: { nodesAtPeak: 1001, addresses: 1 },
  },
  SNAT_DEST_HOTSPOT: {
    severity: 'info',
    snapshot: changed({
      agentPools: [aPool({ count: 60, maxSurge: '1' })],
      loadBalancerProfile: aLoadBalancerProfile({ allocatedOutboundPorts: 1000 }),
    }),
    target,
    facts: { before: 61_000, after: 50_000 },
  },
}
