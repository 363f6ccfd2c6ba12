import type { Snapshot } from '../../../src/core/snapshot/snapshot.ts'
import {
  aByoSnapshot,
  aLoadBalancerProfile,
  aNatGateway,
  aNatGatewayProfile,
  aRouteTable,
  aSnapshot,
  aSubnet,
  NETWORK,
  NODE_GROUP,
  SUBNET,
} from '../../support/a-cluster.ts'
import { GATEWAY, OWN_IP, onGateway, TABLE } from '../../support/own-network.ts'
import { clusterWith, natCluster, type RuleCases, toAppliance } from '../../support/rule-cases.ts'

const inNodeGroup = (kind: string, name: string) => `${NODE_GROUP}/${NETWORK}/${kind}/${name}`
const aksSubnet = { id: `${inNodeGroup('virtualNetworks', 'aks-vnet')}/subnets/aks-subnet`, pools: [] }
const aksGateway = inNodeGroup('natGateways', 'aks-nat')
const otherSubnet = SUBNET.replace('/nodes', '/other')

function onAksGateway(publicIpIds: string[]): Snapshot {
  return aSnapshot({
    cluster: natCluster,
    subnets: [aSubnet({ ...aksSubnet, natGatewayId: aksGateway })],
    natGateways: [aNatGateway({ id: aksGateway, publicIpIds })],
  })
}

export const CASES: RuleCases = {
  PROFILE_OUTBOUND_IP_GONE: {
    severity: 'blocker',
    snapshot: clusterWith({
      loadBalancerProfile: aLoadBalancerProfile({ managedOutboundIpCount: null, outboundIpIds: [OWN_IP] }),
    }),
    target: 'managedNATGateway',
    facts: { resources: [OWN_IP] },
    message: /references the outbound address `own`, which no longer exists\.$/,
  },
  MANAGED_NAT_MANUAL_IPS: {
    severity: 'warning',
    snapshot: onAksGateway([...aNatGatewayProfile().effectiveOutboundIpIds, OWN_IP]),
    target: 'managedNATGatewayV2',
    facts: { addresses: ['own'] },
    absent: { snapshot: onAksGateway(aNatGatewayProfile().effectiveOutboundIpIds) },
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
    message: /: the NAT gateway `gateway` also serves 1 other subnet\.$/,
  },
  SHARED_ROUTE_TABLE: {
    severity: 'warning',
    snapshot: aByoSnapshot(toAppliance, {
      routeTables: [
        { ...aRouteTable(TABLE, 'VirtualAppliance', '10.9.0.4'), subnetIds: [SUBNET, otherSubnet] },
      ],
    }),
    target: 'userDefinedRouting',
    facts: { resources: [{ id: TABLE, otherSubnets: 1, examples: [otherSubnet] }] },
    message: /: the route table `table` is also associated with 1 other subnet\.$/,
  },
  SUBNET_SHARED: {
    severity: 'warning',
    snapshot: aByoSnapshot({
      occupantGroups: [NODE_GROUP.toLowerCase(), `${NODE_GROUP.toLowerCase()}-other`],
    }),
    target: 'userAssignedNATGateway',
    facts: { subnets: [{ subnet: 'nodes', groups: ['mc_rg-demo_demo_eastus-other'] }] },
  },
}
