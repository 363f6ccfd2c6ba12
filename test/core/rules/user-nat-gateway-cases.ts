import type { NatGatewayFacts, PublicIpFacts } from '../../../src/core/snapshot/network-facts.ts'
import type { Snapshot } from '../../../src/core/snapshot/snapshot.ts'
import { aByoSnapshot, aPool, aPrefix, SUBNET } from '../../support/a-cluster.ts'
import { GATEWAY, NETWORK_OF_USER, onGateway, onTable, TABLE } from '../../support/own-network.ts'
import type { RuleCases } from './rule-case.ts'

const pool = (given: Parameters<typeof aPool>[0]) => ({
  agentPools: [aPool({ vnetSubnetId: SUBNET, ...given })],
})
const zoned = { availabilityZones: ['1', '2', '3'] }
const PREFIX = `${NETWORK_OF_USER}/publicIPPrefixes/range`
const target = 'userAssignedNATGateway'
const gatewayWith = (gateway: Partial<NatGatewayFacts>, ip: Partial<PublicIpFacts> = {}): Snapshot =>
  aByoSnapshot(onGateway[0], {
    natGateways: [{ ...GATEWAY.gateway, ...gateway }],
    publicIps: [{ ...GATEWAY.publicIp, ...ip }],
    publicIpPrefixes: [aPrefix({ id: PREFIX, prefix: '20.5.0.0/27' })],
  })

export const CASES: RuleCases = {
  UANAT_SUBNET_WITHOUT_GATEWAY: {
    severity: 'blocker',
    snapshot: aByoSnapshot(),
    target: 'userAssignedNATGateway',
    facts: { subnets: [{ id: SUBNET, pools: ['system'] }] },
    message: /attached to subnet nodes \(pool system\)\.$/,
  },
  UANAT_NO_ADDRESS: {
    severity: 'blocker',
    snapshot: aByoSnapshot(onGateway[0], { natGateways: [{ ...GATEWAY.gateway, publicIpIds: [] }] }),
    target: 'userAssignedNATGateway',
    facts: { gateways: ['gateway'] },
  },
  UANAT_UNREADABLE: {
    severity: 'warning',
    snapshot: aByoSnapshot(onGateway[0]),
    target: 'userAssignedNATGateway',
    facts: { gateways: ['gateway'] },
  },
  UANAT_SINGLE_ZONE: {
    severity: 'warning',
    snapshot: aByoSnapshot(onGateway[0], { ...onGateway[1], cluster: pool(zoned) }),
    target: 'userAssignedNATGateway',
    facts: { gateways: ['gateway'] },
  },
  UANAT_DUALSTACK: {
    severity: 'blocker',
    snapshot: aByoSnapshot(onGateway[0], {
      ...onGateway[1],
      cluster: { ...pool({}), ipFamilies: ['IPv4', 'IPv6'] },
    }),
    target: 'userAssignedNATGateway',
    facts: { gateways: ['gateway'] },
  },
  UANAT_SHADOWED_BY_ROUTE: {
    severity: 'warning',
    snapshot: aByoSnapshot(
      { ...onGateway[0], routeTableId: TABLE },
      { ...onGateway[1], ...onTable('VirtualAppliance')[1] },
    ),
    target: 'userAssignedNATGateway',
    facts: { subnets: ['nodes'] },
  },
  UANAT_GATEWAY_VNET: {
    severity: 'blocker',
    snapshot: gatewayWith({ subnetIds: [SUBNET.replace('/vnet/', '/elsewhere/')] }),
    target,
    facts: { gateways: ['gateway'] },
  },
  UANAT_GATEWAY_SUBNET: {
    severity: 'blocker',
    snapshot: aByoSnapshot(
      { ...onGateway[0], id: SUBNET.replace('/nodes', '/GatewaySubnet') },
      {
        ...onGateway[1],
        cluster: { agentPools: [aPool({ vnetSubnetId: SUBNET.replace('/nodes', '/GatewaySubnet') })] },
      },
    ),
    target,
    facts: { subnets: ['GatewaySubnet'] },
  },
  UANAT_ATTACH_IS_THE_CUTOVER: {
    severity: 'warning',
    snapshot: aByoSnapshot(),
    target,
    facts: { subnets: ['nodes'] },
  },
  UANAT_PLUGIN: {
    severity: 'warning',
    snapshot: aByoSnapshot(onGateway[0], {
      ...onGateway[1],
      cluster: { ...pool({}), networkPlugin: 'kubenet' },
    }),
    target,
  },
}
