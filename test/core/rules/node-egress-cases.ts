import {
  aByoSnapshot,
  aLoadBalancerProfile,
  aPool,
  aSnapshot,
  aSubnet,
  SUBNET,
} from '../../support/a-cluster.ts'
import { GATEWAY, onGateway } from '../../support/own-network.ts'
import { clusterWith, pool, type RuleCases } from '../../support/rule-cases.ts'

const target = 'managedNATGateway'
const PODS = SUBNET.replace('/nodes', '/pods')

export const CASES: RuleCases = {
  EFFECTIVE_DIFFERS_FROM_DECLARED: {
    severity: 'warning',
    snapshot: aByoSnapshot(...onGateway),
    target: 'userAssignedNATGateway',
    facts: {
      declared: 'loadBalancer',
      effective: 'natGateway',
      subnets: [{ subnet: 'nodes', effective: 'natGateway' }],
      meaning:
        'As long as the NAT gateways and routes of the subnets do not change, packets keep their path and source addresses. Only the declared outbound type changes.',
    },
    message: /packets from the subnet `nodes` leave through a NAT gateway\.$/,
  },
  NODE_PUBLIC_IP_LB_SOURCE: {
    severity: 'info',
    snapshot: clusterWith({ agentPools: [aPool({ enableNodePublicIP: true })] }),
    target,
    facts: { pools: ['system'] },
  },
  NODE_PUBLIC_IP_NAT_TARGET: {
    severity: 'warning',
    snapshot: clusterWith({ agentPools: [aPool({ enableNodePublicIP: true })] }),
    target,
    facts: { pools: ['system'] },
  },
  NODEIP_POOL_DEFAULT_OUTBOUND: {
    severity: 'warning',
    snapshot: aByoSnapshot(
      {},
      { cluster: { ...pool(), loadBalancerProfile: aLoadBalancerProfile({ backendPoolType: 'NodeIP' }) } },
    ),
    target: 'none',
    facts: { subnets: ['nodes'] },
  },
  POD_SUBNET: {
    severity: 'warning',
    snapshot: aSnapshot({
      cluster: { ...pool({ podSubnetId: PODS }), identityType: 'UserAssigned' },
      subnets: [aSubnet(onGateway[0]), aSubnet({ id: PODS })],
      natGateways: [GATEWAY.gateway],
      publicIps: [GATEWAY.publicIp],
    }),
    target: 'userAssignedNATGateway',
    facts: { pools: [{ pool: 'system', podSubnet: 'pods', nodes: 'natGateway', pods: 'defaultOutbound' }] },
  },
}
