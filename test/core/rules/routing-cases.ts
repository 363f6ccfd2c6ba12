import { aByoSnapshot, aKubernetesBalancer, aRouteTable, SUBNET } from '../../support/a-cluster.ts'
import { onTable, TABLE } from '../../support/own-network.ts'
import { pool, type RuleCases, toAppliance, withAppliance } from '../../support/rule-cases.ts'

export const CASES: RuleCases = {
  UDR_NO_ROUTE_TABLE: {
    severity: 'blocker',
    snapshot: aByoSnapshot(),
    target: 'userDefinedRouting',
    facts: { subnets: [{ id: SUBNET, pools: ['system'] }] },
  },
  UDR_NO_DEFAULT_ROUTE: {
    severity: 'blocker',
    snapshot: aByoSnapshot(...onTable(null)),
    target: 'userDefinedRouting',
    facts: { routeTables: ['table'] },
  },
  UDR_NEXT_HOP_INTERNET: {
    severity: 'blocker',
    snapshot: aByoSnapshot(...onTable('Internet')),
    target: 'userDefinedRouting',
    facts: { routeTables: ['table'] },
  },
  UDR_NEXT_HOP_NONE: {
    severity: 'blocker',
    snapshot: aByoSnapshot(...onTable('None')),
    target: 'userDefinedRouting',
    facts: { routeTables: ['table'] },
  },
  UDR_DEFAULT_ROUTE_MAY_COME_BY_BGP: {
    severity: 'warning',
    snapshot: aByoSnapshot(onTable(null)[0], {
      ...onTable(null)[1],
      cluster: { ...pool(), enablePrivateCluster: true },
    }),
    target: 'userDefinedRouting',
    facts: { routeTables: ['table'] },
    message: /^AKS may reject `userDefinedRouting` with the error code `RouteTableMissingDefaultRouteError`/,
  },
  UDR_CUTOVER_IS_ROUTE: {
    severity: 'warning',
    snapshot: aByoSnapshot(),
    target: 'userDefinedRouting',
    facts: { subnets: ['nodes'] },
  },
  UDR_BAD_NEXT_HOP: {
    severity: 'blocker',
    snapshot: aByoSnapshot(...onTable('VnetLocal')),
    target: 'userDefinedRouting',
    facts: { routes: [{ routeTable: 'table', nextHopType: 'VnetLocal' }] },
    message: /`VnetLocal` of the default route in the route table `table`/,
  },
  UDR_NEXT_HOP_IP: {
    severity: 'blocker',
    snapshot: aByoSnapshot(...onTable('VirtualAppliance', null)),
    target: 'userDefinedRouting',
    facts: { routeTables: ['table'], nextHops: [] },
  },
  UDR_ROUTE_TABLE_UNREADABLE: {
    severity: 'warning',
    snapshot: aByoSnapshot({ routeTableId: TABLE }),
    target: 'userDefinedRouting',
    facts: { routeTables: ['table'] },
  },
  UDR_NODE_PUBLIC_IP: {
    severity: 'blocker',
    snapshot: aByoSnapshot({}, { cluster: pool({ enableNodePublicIP: true }) }),
    target: 'userDefinedRouting',
    facts: { pools: ['system'] },
  },
  INGRESS_ASYMMETRIC_ROUTING: {
    severity: 'acknowledge',
    snapshot: aByoSnapshot(onTable('VirtualAppliance')[0], {
      ...onTable('VirtualAppliance')[1],
      loadBalancers: [aKubernetesBalancer(['web'])],
    }),
    target: 'userDefinedRouting',
    facts: { frontends: [{ name: 'web', address: null, ports: ['TCP 443'] }], isRoutedNow: true },
    message:
      /already be unable to reach the public Service `web` \(TCP 443\): the default route sends replies to the appliance, and a stateful firewall drops replies to requests that it did not receive\.$/,
  },
  UDR_PUBLIC_NETWORK_ACCESS: {
    severity: 'warning',
    snapshot: aByoSnapshot(toAppliance, {
      ...withAppliance,
      cluster: { ...pool(), isPublicNetworkAccessDisabled: true },
    }),
    target: 'userDefinedRouting',
  },
  UDR_DUALSTACK_NO_V6_ROUTE: {
    severity: 'warning',
    snapshot: aByoSnapshot(onTable('VirtualAppliance')[0], {
      routeTables: [aRouteTable(TABLE, 'VirtualAppliance', '10.9.0.4')],
      cluster: { ...pool(), ipFamilies: ['IPv4', 'IPv6'] },
    }),
    target: 'userDefinedRouting',
    facts: { routeTables: ['table'] },
  },
  SERVICE_TAG_ONLY_ROUTES: {
    severity: 'warning',
    snapshot: aByoSnapshot(
      { routeTableId: TABLE },
      {
        routeTables: [
          {
            ...aRouteTable(TABLE, 'None'),
            routes: [
              ...aRouteTable(TABLE, 'None').routes,
              { name: 'azure', addressPrefix: 'AzureCloud', nextHopType: 'Internet', nextHopIpAddress: null },
            ],
          },
        ],
      },
    ),
    target: 'userDefinedRouting',
    facts: { tables: [{ routeTable: 'table', tags: ['AzureCloud'] }] },
  },
}
