import {
  aByoSnapshot,
  aKubernetesBalancer,
  aPool,
  aSharedBalancer,
  aSnapshot,
  SUBNET,
} from '../../support/a-cluster.ts'
import { AKS_IP, onGateway, onTable } from '../../support/own-network.ts'
import {
  clusterWith,
  natCluster,
  natIp,
  onUserGateway,
  pool,
  type RuleCases,
} from '../../support/rule-cases.ts'

const balancerWithManualParts = aKubernetesBalancer()
balancerWithManualParts.outboundRules.push({
  ...balancerWithManualParts.outboundRules[0]!,
  name: 'manual-rule',
})
balancerWithManualParts.frontends.push({
  ...balancerWithManualParts.frontends[0]!,
  name: 'manual-frontend',
  id: `${balancerWithManualParts.id}/x`,
  publicIpId: AKS_IP,
})

export const CASES: RuleCases = {
  LB_DRIFT_MANUAL_RULES: {
    severity: 'blocker',
    snapshot: aSnapshot({ loadBalancers: [balancerWithManualParts] }),
    target: 'managedNATGateway',
    facts: { loadBalancer: 'kubernetes', outboundRules: ['manual-rule'], frontends: ['manual-frontend'] },
    message:
      /may fail because of the manually created outbound rule `manual-rule` and frontend `manual-frontend`:/,
  },
  LB_DRIFT_ELSEWHERE: {
    severity: 'warning',
    snapshot: aByoSnapshot(onGateway[0], {
      ...onGateway[1],
      loadBalancers: [balancerWithManualParts],
      cluster: { agentPools: [aPool({ vnetSubnetId: SUBNET })], ...onUserGateway },
    }),
    target: 'userDefinedRouting',
    facts: { outboundRules: ['manual-rule'] },
  },
  SERVICE_SHARES_EGRESS_IP: {
    severity: 'blocker',
    snapshot: aSnapshot({ loadBalancers: [aSharedBalancer()] }),
    target: 'managedNATGateway',
    facts: { frontends: [{ address: '20.1.0.1', services: [], ports: ['TCP 443'] }], isCertain: true },
    message: /because AKS releases the outbound address 20\.1\.0\.1 \(also used by a Service on TCP 443\)\.$/,
  },
  LB_PORTS_INFEASIBLE: {
    severity: 'blocker',
    snapshot: clusterWith({ agentPools: [aPool({ count: 14, maxSurge: '1' })] }),
    target: { outboundType: 'loadBalancer', loadBalancer: { allocatedOutboundPorts: 4800 } },
    facts: { allocatedOutboundPorts: 4800, nodesAtPeak: 15, addresses: 1, maxNodes: 13 },
    absent: { snapshot: clusterWith({ agentPools: [aPool({ count: 12, maxSurge: '1' })] }) },
  },
  LB_AUTO_PORTS_SHRINK: {
    severity: 'warning',
    snapshot: aSnapshot({
      cluster: { ...natCluster, agentPools: [aPool({ count: 48, maxSurge: '10%' })] },
      publicIps: [natIp],
    }),
    target: 'loadBalancer',
    facts: { nodes: 48, nodesAtPeak: 53, portsNow: 1024, portsAtPeak: 512 },
  },
  LB_WINDOWS_OUTBOUNDNAT_DISABLED: {
    severity: 'blocker',
    snapshot: clusterWith({
      ...natCluster,
      agentPools: [aPool(), aPool({ name: 'win', osType: 'Windows', disableOutboundNat: true })],
    }),
    target: 'loadBalancer',
    facts: { pools: ['win'] },
  },
  LB_STALE_NATGW: {
    severity: 'warning',
    snapshot: aByoSnapshot(onGateway[0], {
      ...onGateway[1],
      cluster: { ...pool(), outboundType: 'userAssignedNATGateway' },
    }),
    target: 'loadBalancer',
    facts: { subnets: ['nodes'], routed: [] },
    message: /egress keeps the gateway's addresses\.$/,
    absent: {
      snapshot: aByoSnapshot({}, { cluster: { ...pool(), outboundType: 'userAssignedNATGateway' } }),
    },
  },
  LB_STALE_DEFAULT_ROUTE: {
    severity: 'warning',
    snapshot: aByoSnapshot(onTable('VirtualAppliance')[0], {
      ...onTable('VirtualAppliance')[1],
      cluster: { ...pool(), outboundType: 'userDefinedRouting' },
    }),
    target: 'loadBalancer',
    facts: { subnets: ['nodes'] },
    absent: { snapshot: aByoSnapshot({}, { cluster: { ...pool(), outboundType: 'userDefinedRouting' } }) },
  },
}
