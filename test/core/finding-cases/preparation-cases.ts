import {
  aByoSnapshot,
  aPool,
  aPublicIp,
  aRouteTable,
  aSnapshot,
  GROUP,
  NETWORK,
  SUBNET,
} from '../../support/a-cluster.ts'
import { type FindingCases, GATEWAY, onGateway, onTable, TABLE } from './case.ts'

const OTHER = SUBNET.replace('/nodes', '/other')
const TAKEN = `${GROUP}/${NETWORK}/publicIPAddresses/pip-demo-lb-egress-1`

/** Findings on what a plan makes itself before the cut-over. */
export const PREPARATION_CASES: FindingCases = {
  PREPARE_NAME_TAKEN: {
    severity: 'blocker',
    snapshot: aSnapshot({ publicIps: [aPublicIp({ id: TAKEN, address: '20.4.0.1', sku: 'Basic' })] }),
    target: 'loadBalancer',
    given: { prepare: { publicIps: { count: 1 } } },
    facts: { resources: [{ id: TAKEN, because: 'its SKU is Basic, not Standard' }] },
  },
  PREPARE_GATEWAY_UNREADABLE: {
    severity: 'blocker',
    snapshot: aByoSnapshot(),
    target: 'userAssignedNATGateway',
    given: { prepare: { natGateway: { id: `${GROUP}/${NETWORK}/natGateways/no` } } },
    facts: { gateway: `${GROUP}/${NETWORK}/natGateways/no` },
  },
  PREPARE_NOTHING_LEFT: {
    severity: 'info',
    snapshot: aSnapshot({ publicIps: [aPublicIp({ id: TAKEN, address: '20.4.0.1' })] }),
    target: 'loadBalancer',
    given: { prepare: { publicIps: { count: 1 } } },
  },
  CLEAN_UP_NOTHING_LEFT: {
    severity: 'info',
    snapshot: aSnapshot(),
    target: 'loadBalancer',
    given: { cleanUp: { narrow: ['192.0.2.0/24'], detach: true, delete: [] } },
  },
  CLEAN_UP_OTHER_TYPE: {
    severity: 'blocker',
    snapshot: aByoSnapshot(...onGateway),
    target: 'userAssignedNATGateway',
    given: { cleanUp: { narrow: [], detach: true, delete: [] } },
    facts: { expected: 'userAssignedNATGateway', present: 'loadBalancer', leftBehind: 0 },
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
    message: /gateway \(by vnet\/nodes\) and gateway-ip \(by gateway\)\.$/,
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
    message: /and vnet\/other uses it too\.$/,
  },
  CLEAN_UP_OWN_ROUTE_KEPT: {
    severity: 'warning',
    snapshot: aByoSnapshot(onTable('VirtualAppliance')[0], {
      routeTables: [{ ...aRouteTable(TABLE, 'VirtualAppliance', '10.9.0.4'), subnetIds: [SUBNET, OTHER] }],
    }),
    target: 'loadBalancer',
    given: {
      cleanUp: {
        narrow: [],
        detach: false,
        delete: [],
        leads: [
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
    facts: { routeTable: TABLE, route: 'default', because: 'vnet/other uses the table too' },
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
    message: /would not admit 20\.9\.0\.1\/32/,
  },
  CLEAN_UP_MOVES_TRAFFIC: {
    severity: 'warning',
    snapshot: aByoSnapshot(...onGateway),
    target: 'loadBalancer',
    given: { cleanUp: { narrow: [], detach: true, delete: [] } },
    facts: { steps: ['Take the NAT gateway gateway off the subnet nodes'] },
  },
  CUTOVER_IS_PREPARATION: {
    severity: 'warning',
    snapshot: aByoSnapshot(),
    target: 'userAssignedNATGateway',
    given: { prepare: { natGateway: {} } },
    facts: { neighbours: [], madeHere: 1 },
    message: /from the step .Attach the NAT gateway .* on/,
  },
}
