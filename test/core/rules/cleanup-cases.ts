import { aByoSnapshot, aPool, aRouteTable, aSnapshot, SUBNET } from '../../support/a-cluster.ts'
import { GATEWAY, onGateway, onNetworkGateway, onTable, TABLE } from '../../support/own-network.ts'
import type { RuleCases } from '../../support/rule-cases.ts'

const OTHER = SUBNET.replace('/nodes', '/other')

/** A subnet with this many nodes and a StandardV2 gateway that the outbound type does not use. */
function onV2(count: number) {
  return aByoSnapshot(onGateway[0], {
    cluster: { agentPools: [aPool({ vnetSubnetId: SUBNET, count })] },
    natGateways: [{ ...GATEWAY.gateway, sku: 'StandardV2' }],
    publicIps: [{ ...GATEWAY.publicIp, sku: 'StandardV2' }],
  })
}

export const CASES: RuleCases = {
  CLEAN_UP_NOTHING_LEFT: {
    severity: 'info',
    snapshot: aSnapshot(),
    target: 'loadBalancer',
    given: { cleanUp: { narrow: ['192.0.2.0/24'], detach: true, delete: [] } },
    absent: { snapshot: aSnapshot({ cluster: { authorizedIPRanges: ['192.0.2.0/24', '203.0.113.0/24'] } }) },
  },
  CLEAN_UP_OTHER_TYPE: {
    severity: 'blocker',
    snapshot: aByoSnapshot(...onGateway),
    target: 'userAssignedNATGateway',
    given: { cleanUp: { narrow: [], detach: true, delete: [] } },
    facts: { expected: 'userAssignedNATGateway', present: 'loadBalancer', leftBehind: 0 },
    absent: { target: 'loadBalancer' },
  },
  CLEAN_UP_STILL_IN_USE: {
    severity: 'warning',
    snapshot: aByoSnapshot(...onGateway),
    target: 'loadBalancer',
    given: { cleanUp: { narrow: [], detach: false, delete: [GATEWAY.id, GATEWAY.publicIp.id] } },
    facts: {
      resources: [
        { id: GATEWAY.id, by: [SUBNET] },
        { id: GATEWAY.publicIp.id, by: [GATEWAY.id] },
      ],
    },
    message: /`gateway` \(used by `vnet\/nodes`\) and `gateway-ip` \(used by `gateway`\)\.$/,
  },
  CLEAN_UP_ROUTE_KEPT: {
    severity: 'warning',
    snapshot: aByoSnapshot(onTable('VirtualAppliance')[0], {
      routeTables: [{ ...aRouteTable(TABLE, 'VirtualAppliance', '10.9.0.4'), subnetIds: [SUBNET, OTHER] }],
      cluster: { networkPlugin: 'kubenet', agentPools: [aPool({ vnetSubnetId: SUBNET })] },
    }),
    target: 'loadBalancer',
    given: { cleanUp: { narrow: [], detach: true, delete: [] } },
    facts: { routeTable: TABLE, route: 'default', others: [OTHER] },
    message:
      /in the route table `table`, because the subnet `vnet\/other` also uses this table, so egress of the cluster still uses the route\.$/,
  },
  CLEAN_UP_GATEWAY_KEPT: {
    severity: 'warning',
    snapshot: onNetworkGateway(),
    target: 'loadBalancer',
    given: { cleanUp: { narrow: [], detach: true, delete: [] } },
    facts: { gateways: ['gateway'], subnets: ['nodes'] },
    message: /continues to carry the traffic of the subnet `nodes` after this cleanup\.$/,
  },
  CLEAN_UP_OWN_ROUTE_KEPT: {
    severity: 'warning',
    snapshot: aByoSnapshot(onTable('VirtualAppliance')[0], {
      routeTables: [{ ...aRouteTable(TABLE, 'VirtualAppliance', '10.9.0.4'), subnetIds: [SUBNET, OTHER] }],
      cluster: { authorizedIPRanges: ['20.6.0.1/32', '203.0.113.0/24'] },
    }),
    target: 'loadBalancer',
    given: {
      cleanUp: {
        narrow: ['20.6.0.1/32'],
        detach: false,
        delete: [],
        attachments: [
          {
            kind: 'defaultRoute',
            tableId: TABLE,
            route: {
              name: 'default',
              addressPrefix: '0.0.0.0/0',
              nextHopType: 'VirtualAppliance',
              nextHopIpAddress: '10.9.0.4',
            },
            isMade: true,
          },
        ],
      },
    },
    facts: {
      routeTable: TABLE,
      route: 'default',
      reason: 'shared',
      because: 'the subnet `vnet/other` also uses this route table',
      ranges: ['20.6.0.1/32'],
    },
  },
  NARROWING_CUTS_OFF: {
    severity: 'blocker',
    snapshot: aByoSnapshot(onGateway[0], {
      ...onGateway[1],
      cluster: {
        agentPools: [aPool({ vnetSubnetId: SUBNET })],
        outboundType: 'userAssignedNATGateway',
        loadBalancerProfile: null,
        authorizedIPRanges: ['20.9.0.0/24', '203.0.113.0/24'],
      },
    }),
    target: 'userAssignedNATGateway',
    given: { cleanUp: { narrow: ['20.9.0.0/24'], detach: true, delete: [] } },
    facts: { ranges: ['20.9.0.0/24'], addresses: ['20.9.0.1/32'] },
    message: /would deny access to the nodes, which connect from 20\.9\.0\.1\/32/,
  },
  CLEAN_UP_MOVES_TRAFFIC: {
    severity: 'warning',
    snapshot: aByoSnapshot(...onGateway),
    target: 'loadBalancer',
    given: { cleanUp: { narrow: [], detach: true, delete: [] } },
    facts: { steps: ['Detach NAT gateway gateway from subnet nodes'] },
  },
  CLEAN_UP_V2_EMPTY_SUBNET: {
    severity: 'warning',
    snapshot: onV2(0),
    target: 'loadBalancer',
    given: { cleanUp: { narrow: [], detach: true, delete: [] } },
    facts: { subnets: ['nodes'] },
    absent: { snapshot: onV2(1) },
  },
}
