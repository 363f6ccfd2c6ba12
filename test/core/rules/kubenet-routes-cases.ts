import type { RouteTableFacts } from '../../../src/core/snapshot/network-facts.ts'
import type { ClusterFacts, Snapshot } from '../../../src/core/snapshot/snapshot.ts'
import {
  aByoSnapshot,
  aRouteTable,
  aSubnet,
  GROUP,
  NETWORK,
  NODE_GROUP,
  SUBNET,
} from '../../support/a-cluster.ts'
import { TABLE } from '../../support/own-network.ts'
import { pool, type RuleCases } from '../../support/rule-cases.ts'

const OTHER_SUBNET = `${GROUP}/${NETWORK}/virtualNetworks/vnet/subnets/other`
function kubenet(table: Partial<RouteTableFacts>, cluster: Partial<ClusterFacts> = {}): Snapshot {
  const id = table.id ?? TABLE
  return aByoSnapshot(
    { routeTableId: id },
    {
      cluster: { ...pool(), networkPlugin: 'kubenet', networkPluginMode: null, ...cluster },
      routeTables: [{ ...aRouteTable(id, 'VirtualAppliance', '10.9.0.4'), ...table }],
    },
  )
}
const routes = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    name: `r${index}`,
    addressPrefix: `172.16.${index % 256}.${Math.floor(index / 256)}/32`,
    nextHopType: 'Internet',
    nextHopIpAddress: null,
  }))

export const CASES: RuleCases = {
  KUBENET_UDR_IDENTITY: {
    severity: 'blocker',
    snapshot: aByoSnapshot(
      {},
      { cluster: { ...pool(), networkPlugin: 'kubenet', identityType: 'SystemAssigned' } },
    ),
    target: 'userDefinedRouting',
    absent: { snapshot: kubenet({}) },
  },
  KUBENET_ALL_SUBNETS: {
    severity: 'blocker',
    snapshot: {
      ...kubenet({}),
      subnets: [aSubnet({ routeTableId: TABLE }), aSubnet({ id: OTHER_SUBNET, pools: ['user'] })],
    },
    target: 'userDefinedRouting',
    facts: { routeTables: ['table'], bareSubnets: ['other'] },
    absent: { snapshot: kubenet({}) },
  },
  KUBENET_AKS_OWNED_TABLE: {
    severity: 'warning',
    snapshot: kubenet(
      { id: `${NODE_GROUP}/${NETWORK}/routeTables/aks-routetable` },
      { nodeResourceGroupRestriction: 'ReadOnly' },
    ),
    target: 'userDefinedRouting',
    facts: { routeTable: 'aks-routetable', isLocked: true },
    message: /because the node resource group of the cluster is locked\.$/,
    absent: { snapshot: kubenet({}) },
  },
  UDR_SHARED_TABLE: {
    severity: 'warning',
    snapshot: kubenet({ subnetIds: [SUBNET.toUpperCase(), OTHER_SUBNET] }),
    target: 'userDefinedRouting',
    facts: { routeTable: 'table', subnets: ['vnet/other'] },
    absent: { snapshot: kubenet({ subnetIds: [SUBNET] }) },
  },
  UDR_ROUTE_CAPACITY: {
    severity: 'blocker',
    snapshot: kubenet({ routes: routes(398) }),
    target: 'userDefinedRouting',
    facts: { routeTable: 'table', own: 398, nodes: 4, limit: 400 },
    absent: { snapshot: kubenet({ routes: routes(396) }) },
  },
  ROUTE_TABLE_OTHER_SUB: {
    severity: 'blocker',
    snapshot: kubenet({ id: TABLE.replace('11111111-', '99999999-') }),
    target: 'userDefinedRouting',
    facts: { subscriptionId: '99999999-1111-1111-1111-111111111111' },
    absent: { snapshot: kubenet({}) },
  },
}
