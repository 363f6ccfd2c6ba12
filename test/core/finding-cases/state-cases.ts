import type { ClusterFacts } from '../../../src/core/snapshot.ts'
import {
  aByoSnapshot,
  aKubernetesBalancer,
  aLoadBalancerProfile,
  aNatGateway,
  aNatGatewayProfile,
  aPool,
  aPublicIp,
  aRouteTable,
  aSnapshot,
  aSubnet,
  features,
  NETWORK,
  NODE_GROUP,
  SUBNET,
} from '../../support/a-cluster.ts'
import { AKS_IP, type FindingCases, GATEWAY, OWN_IP, onGateway, TABLE } from './case.ts'

const changed = (cluster: Partial<ClusterFacts>) => aSnapshot({ cluster })
const inNodeGroup = (kind: string, name: string) => `${NODE_GROUP}/${NETWORK}/${kind}/${name}`
const aksSubnet = { id: `${inNodeGroup('virtualNetworks', 'aks-vnet')}/subnets/aks-subnet`, pools: [] }
const aksGateway = inNodeGroup('natGateways', 'aks-nat')
const natCluster: Partial<ClusterFacts> = {
  outboundType: 'managedNATGateway',
  natGatewayProfile: aNatGatewayProfile(),
  loadBalancerProfile: null,
}
const drifted = aKubernetesBalancer()
drifted.outboundRules.push({ ...drifted.outboundRules[0]!, name: 'mine' })
drifted.frontends.push({
  ...drifted.frontends[0]!,
  name: 'byHand',
  id: `${drifted.id}/x`,
  publicIpId: AKS_IP,
})
const otherSubnet = SUBNET.replace('/nodes', '/other')
const onUserGateway = { outboundType: 'userAssignedNATGateway', loadBalancerProfile: null }

/** Findings on what is odd before anything is changed, and on what stays after it. */
export const STATE_CASES: FindingCases = {
  LB_DRIFT_MANUAL_RULES: {
    severity: 'blocker',
    snapshot: aSnapshot({ loadBalancers: [drifted] }),
    target: 'managedNATGateway',
    facts: { loadBalancer: 'kubernetes', outboundRules: ['mine'], frontends: ['byHand'] },
    message: /outbound rules mine and frontends byHand\./,
  },
  LB_DRIFT_ELSEWHERE: {
    severity: 'warning',
    snapshot: aByoSnapshot(onGateway[0], {
      ...onGateway[1],
      loadBalancers: [drifted],
      cluster: { agentPools: [aPool({ vnetSubnetId: SUBNET })], ...onUserGateway },
    }),
    target: 'userDefinedRouting',
    facts: { outboundRules: ['mine'] },
  },
  PROFILE_OUTBOUND_IP_GONE: {
    severity: 'blocker',
    snapshot: changed({
      loadBalancerProfile: aLoadBalancerProfile({ managedCount: null, outboundIpIds: [OWN_IP] }),
    }),
    target: 'managedNATGateway',
    facts: { resources: [OWN_IP] },
    message: /do not exist any more: own\./,
  },
  MANAGED_NAT_MANUAL_IPS: {
    severity: 'warning',
    snapshot: aSnapshot({
      cluster: natCluster,
      subnets: [aSubnet({ ...aksSubnet, natGatewayId: aksGateway })],
      natGateways: [
        aNatGateway({
          id: aksGateway,
          publicIpIds: [...aNatGatewayProfile().effectiveOutboundIpIds, OWN_IP],
        }),
      ],
    }),
    target: 'managedNATGatewayV2',
    facts: { addresses: ['own'] },
  },
  MANAGED_VNET_TAMPERED: {
    severity: 'warning',
    snapshot: aSnapshot({
      subnets: [aSubnet({ ...aksSubnet, natGatewayId: GATEWAY.id, routeTableId: TABLE })],
      routeTables: [aRouteTable(TABLE, 'VirtualAppliance', '10.9.0.4')],
    }),
    target: 'managedNATGateway',
    facts: { resources: [GATEWAY.id, TABLE] },
  },
  SHARED_NATGW_WAVE: {
    severity: 'warning',
    snapshot: aByoSnapshot(onGateway[0], {
      ...onGateway[1],
      natGateways: [{ ...GATEWAY.gateway, subnetIds: [SUBNET, otherSubnet] }],
    }),
    target: 'userAssignedNATGateway',
    facts: { resources: [{ id: GATEWAY.id, otherSubnets: 1, examples: [otherSubnet] }] },
    message: /gateway also serves 1 other subnet\./,
  },
  SUBNET_SHARED: {
    severity: 'warning',
    snapshot: aByoSnapshot({
      occupantGroups: [NODE_GROUP.toLowerCase(), `${NODE_GROUP.toLowerCase()}-other`],
    }),
    target: 'userAssignedNATGateway',
    facts: { subnets: [{ subnet: 'nodes', groups: ['mc_rg-demo_demo_eastus-other'] }] },
  },
  IAC_DRIFT: {
    severity: 'warning',
    snapshot: changed({
      tags: { 'managed-by': 'Terraform', environment: 'terraform-like' },
      features: features({ managedBy: '/subscriptions/s/x' }),
    }),
    target: 'managedNATGateway',
    facts: { signs: ['managed-by=Terraform', 'managedBy=/subscriptions/s/x'] },
  },
  KUBENET_RETIRING: {
    severity: 'info',
    snapshot: changed({ networkPlugin: 'kubenet' }),
    target: 'managedNATGateway',
  },
  LEFTOVER_COST: {
    severity: 'info',
    snapshot: aByoSnapshot(onGateway[0], {
      ...onGateway[1],
      cluster: { agentPools: [aPool({ vnetSubnetId: SUBNET })], ...onUserGateway },
    }),
    target: 'loadBalancer',
    facts: { resources: [GATEWAY.id] },
  },
  ROLLBACK_NEW_IPS: {
    severity: 'warning',
    snapshot: aSnapshot(),
    target: 'managedNATGateway',
    facts: { from: 'loadBalancer' },
  },
  ROLLBACK_KEEP_PREPARATION: {
    severity: 'info',
    snapshot: aByoSnapshot(onGateway[0], {
      ...onGateway[1],
      cluster: { agentPools: [aPool({ vnetSubnetId: SUBNET })], ...onUserGateway },
    }),
    target: 'loadBalancer',
    facts: { from: 'userAssignedNATGateway' },
  },
  ASK_BEFOREHAND: {
    severity: 'info',
    snapshot: aSnapshot({
      cluster: { features: features({ networkPolicy: 'cilium' }) },
      publicIps: [aPublicIp({ id: OWN_IP, address: '20.4.0.1' })],
    }),
    target: 'managedNATGateway',
    facts: { questions: [{ rule: 'SNAT_NAT_SIZING' }, { rule: 'NETPOL_CILIUM_ACNS' }] },
    message: /2 questions are left to ask/,
  },
}
