import type { PublicIpFacts } from '../../../src/core/network-facts.ts'
import type { ClusterFacts } from '../../../src/core/snapshot.ts'
import type { RequestedTarget } from '../../../src/core/target.ts'
import {
  aByoSnapshot,
  aKubernetesBalancer,
  aLoadBalancerProfile,
  aNatGatewayProfile,
  aPool,
  aPublicIp,
  aRouteTable,
  aSnapshot,
  SUBNET,
} from '../../support/a-cluster.ts'
import { AKS_IP, type FindingCases, GATEWAY, OWN_IP, onGateway, onTable, TABLE } from './case.ts'

const changed = (cluster: Partial<ClusterFacts>) => aSnapshot({ cluster })
const natCluster: Partial<ClusterFacts> = {
  outboundType: 'managedNATGateway',
  natGatewayProfile: aNatGatewayProfile(),
  loadBalancerProfile: null,
}
const ownIp = (given: Partial<PublicIpFacts> = {}) =>
  aSnapshot({ cluster: natCluster, publicIps: [aPublicIp({ id: OWN_IP, address: '20.4.0.1', ...given })] })
const toOwnIp: RequestedTarget = { outboundType: 'loadBalancer', loadBalancer: { outboundIpIds: [OWN_IP] } }
const toOwnV2Ip: RequestedTarget = {
  outboundType: 'managedNATGateway',
  natGateway: { sku: 'StandardV2', outboundIpIds: [OWN_IP] },
}
const pool = (given: Parameters<typeof aPool>[0]) => ({
  agentPools: [aPool({ vnetSubnetId: SUBNET, ...given })],
})
const zoned = { availabilityZones: ['1', '2', '3'] }
const RANGES = ['203.0.113.0/24']
const withRanges = (authorizedIPRanges: string[], cluster: Partial<ClusterFacts> = {}) =>
  aByoSnapshot(onGateway[0], { ...onGateway[1], cluster: { ...pool({}), authorizedIPRanges, ...cluster } })
const many = (count: number) => Array.from({ length: count }, (_, at) => `198.51.100.${at}/32`)

/** Findings on addresses, NAT gateways, routes and authorized ranges. */
export const NETWORK_CASES: FindingCases = {
  LB_IP_UNREADABLE: {
    severity: 'blocker',
    snapshot: changed(natCluster),
    target: toOwnIp,
    facts: { resources: ['own'] },
  },
  LB_IP_NOT_STANDARD: {
    severity: 'blocker',
    snapshot: ownIp({ sku: 'StandardV2' }),
    target: toOwnIp,
    facts: { resources: ['own'] },
  },
  LB_IP_WRONG_REGION: {
    severity: 'blocker',
    snapshot: ownIp({ location: 'westeurope' }),
    target: toOwnIp,
    facts: { resources: ['own'], location: 'eastus' },
  },
  LB_IP_AKS_OWNED: {
    severity: 'blocker',
    snapshot: aSnapshot({
      cluster: natCluster,
      publicIps: [aPublicIp({ id: AKS_IP, address: '20.4.0.2' })],
    }),
    target: { outboundType: 'loadBalancer', loadBalancer: { outboundIpIds: [AKS_IP] } },
    facts: { resources: ['other'] },
  },
  IP_IN_USE: {
    severity: 'blocker',
    snapshot: ownIp({
      attachedTo: `${GATEWAY.id.replace('natGateways/gateway', 'loadBalancers/web')}/frontendIPConfigurations/f`,
    }),
    target: toOwnIp,
    facts: { resources: [{ id: OWN_IP, by: 'web' }] },
    message: /own by web\./,
  },
  LB_PORTS_INFEASIBLE: {
    severity: 'blocker',
    snapshot: changed({ agentPools: [aPool({ count: 14, maxSurge: '1' })] }),
    target: { outboundType: 'loadBalancer', loadBalancer: { allocatedOutboundPorts: 4800 } },
    facts: { allocatedOutboundPorts: 4800, nodesAtPeak: 15, addresses: 1, maxNodes: 13 },
  },
  LB_WINDOWS_OUTBOUNDNAT_DISABLED: {
    severity: 'blocker',
    snapshot: changed({
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
      cluster: { ...pool({}), outboundType: 'userAssignedNATGateway' },
    }),
    target: 'loadBalancer',
    facts: { subnets: ['nodes'], routed: [] },
    message: /egress keeps the gateway's addresses\.$/,
  },
  LB_STALE_DEFAULT_ROUTE: {
    severity: 'warning',
    snapshot: aByoSnapshot(onTable('VirtualAppliance')[0], {
      ...onTable('VirtualAppliance')[1],
      cluster: { ...pool({}), outboundType: 'userDefinedRouting' },
    }),
    target: 'loadBalancer',
    facts: { subnets: ['nodes'] },
  },
  NATV1_NO_IPV6: {
    severity: 'blocker',
    snapshot: changed({ ipFamilies: ['IPv4', 'IPv6'] }),
    target: 'managedNATGateway',
  },
  NATV1_NO_OWN_IPS: {
    severity: 'blocker',
    snapshot: aSnapshot({ publicIps: [aPublicIp({ id: OWN_IP, address: '20.4.0.1', sku: 'StandardV2' })] }),
    target: { outboundType: 'managedNATGateway', natGateway: { outboundIpIds: [OWN_IP] } },
    facts: { parameters: ['outboundIpIds'] },
  },
  NATV1_SINGLE_ZONE: {
    severity: 'warning',
    snapshot: changed({ agentPools: [aPool(zoned)] }),
    target: 'managedNATGateway',
    facts: { zones: ['1', '2', '3'] },
    message: /zones 1, 2 and 3,/,
  },
  NATV1_STANDARD_CHOSEN: {
    severity: 'info',
    snapshot: aSnapshot(),
    target: 'managedNATGateway',
    facts: { apiVersion: '2026-05-01' },
  },
  NATV2_REGION: {
    severity: 'blocker',
    snapshot: changed({ location: 'Qatar Central' }),
    target: 'managedNATGatewayV2',
    facts: { location: 'qatarcentral' },
  },
  NATV2_IP_SKU: {
    severity: 'blocker',
    snapshot: aSnapshot({ publicIps: [aPublicIp({ id: OWN_IP, address: '20.4.0.1' })] }),
    target: toOwnV2Ip,
    facts: { resources: ['own'] },
  },
  NATV2_IP_MODEL_FROZEN: {
    severity: 'warning',
    snapshot: aSnapshot(),
    target: 'managedNATGatewayV2',
    facts: { isOwn: false },
    message: /managed addresses/,
  },
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
  UDR_NO_ROUTE_TABLE: {
    severity: 'blocker',
    snapshot: aByoSnapshot(),
    target: 'userDefinedRouting',
    facts: { subnets: [{ id: SUBNET, pools: ['system'] }] },
  },
  UDR_CUTOVER_IS_ROUTE: {
    severity: 'warning',
    snapshot: aByoSnapshot(),
    target: 'userDefinedRouting',
    facts: { subnets: ['nodes'] },
  },
  UDR_NO_DEFAULT_ROUTE: {
    severity: 'blocker',
    snapshot: aByoSnapshot(...onTable(null)),
    target: 'userDefinedRouting',
    facts: { routeTables: ['table'] },
  },
  UDR_DEFAULT_ROUTE_MAY_COME_BY_BGP: {
    severity: 'warning',
    snapshot: aByoSnapshot(onTable(null)[0], {
      ...onTable(null)[1],
      cluster: { ...pool({}), enablePrivateCluster: true },
    }),
    target: 'userDefinedRouting',
    facts: { routeTables: ['table'] },
  },
  UDR_BAD_NEXT_HOP: {
    severity: 'blocker',
    snapshot: aByoSnapshot(...onTable('VnetLocal')),
    target: 'userDefinedRouting',
    facts: { routes: [{ routeTable: 'table', nextHopType: 'VnetLocal' }] },
    message: /VnetLocal in table/,
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
  UDR_DUALSTACK_NO_V6_ROUTE: {
    severity: 'warning',
    snapshot: aByoSnapshot(onTable('VirtualAppliance')[0], {
      routeTables: [aRouteTable(TABLE, 'VirtualAppliance', '10.9.0.4')],
      cluster: { ...pool({}), ipFamilies: ['IPv4', 'IPv6'] },
    }),
    target: 'userDefinedRouting',
    facts: { routeTables: ['table'] },
  },
  KUBENET_UDR_IDENTITY: {
    severity: 'blocker',
    snapshot: aByoSnapshot(
      {},
      { cluster: { ...pool({}), networkPlugin: 'kubenet', identityType: 'SystemAssigned' } },
    ),
    target: 'userDefinedRouting',
  },
  INGRESS_ASYMMETRIC_ROUTING: {
    severity: 'acknowledge',
    snapshot: aByoSnapshot(onTable('VirtualAppliance')[0], {
      ...onTable('VirtualAppliance')[1],
      loadBalancers: [aKubernetesBalancer(['web'])],
    }),
    target: 'userDefinedRouting',
    facts: { frontends: [{ name: 'web', address: null, ports: ['TCP 443'] }] },
    message: /on web \(TCP 443\);/,
  },
  EGRESS_IP_LOST: {
    severity: 'acknowledge',
    snapshot: aSnapshot(),
    target: 'managedNATGateway',
    facts: { addresses: ['20.1.0.1'] },
    message: /releases 20\.1\.0\.1 for good: it cannot be claimed again/,
  },
  EGRESS_IP_SOME_LOST: {
    severity: 'acknowledge',
    snapshot: aSnapshot({
      cluster: {
        loadBalancerProfile: aLoadBalancerProfile({
          managedCount: 2,
          effectiveOutboundIpIds: [...aLoadBalancerProfile().effectiveOutboundIpIds, AKS_IP],
        }),
      },
      publicIps: [aPublicIp({ id: AKS_IP, address: '20.1.0.2' })],
    }),
    target: { outboundType: 'loadBalancer', loadBalancer: { managedOutboundIpCount: 1 } },
    facts: { addresses: ['20.1.0.1', '20.1.0.2'], released: 1 },
  },
  EGRESS_IP_CHANGES: {
    severity: 'warning',
    snapshot: aSnapshot(),
    target: { outboundType: 'managedNATGateway', natGateway: { managedOutboundIpCount: 2 } },
    facts: { lost: ['20.1.0.1'], added: [], addedLater: 2 },
    message: /1 goes, 2 come\./,
  },
  EGRESS_IP_UNKNOWN_BEFOREHAND: {
    severity: 'warning',
    snapshot: aSnapshot(),
    target: 'managedNATGateway',
    facts: { count: 1 },
    message: /^1 new address is made/,
  },
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
  EGRESS_PATH_NOT_IN_ARM: {
    severity: 'warning',
    snapshot: aByoSnapshot(...onTable('VirtualAppliance')),
    target: 'userDefinedRouting',
    facts: { paths: ['virtualAppliance'] },
    message: /leaves by a virtual appliance;/,
  },
  AUTHORIZED_NOT_APPLICABLE: {
    severity: 'info',
    snapshot: withRanges([], { enablePrivateCluster: true }),
    target: 'userAssignedNATGateway',
  },
  AUTHORIZED_VNETINT_NODES_PRIVATE: {
    severity: 'info',
    snapshot: withRanges(RANGES, { enableVnetIntegration: true }),
    target: 'userAssignedNATGateway',
  },
  AUTHORIZED_RANGES_WIDENED: {
    severity: 'warning',
    snapshot: withRanges(RANGES),
    target: 'userAssignedNATGateway',
    facts: { missing: ['20.9.0.1/32'] },
  },
  AUTHORIZED_RANGES_MISS_NEW_EGRESS: {
    severity: 'blocker',
    snapshot: withRanges(RANGES),
    target: 'userAssignedNATGateway',
    given: { authorizedRanges: 'keep' },
    facts: { missing: ['20.9.0.1/32'] },
  },
  AUTHORIZED_RANGES_TARGET_UNKNOWABLE: {
    severity: 'acknowledge',
    snapshot: changed({ authorizedIPRanges: RANGES }),
    target: 'managedNATGateway',
    facts: { count: 1, added: true },
  },
  AUTHORIZED_EGRESS_NOT_IN_ARM: {
    severity: 'acknowledge',
    snapshot: aByoSnapshot(onTable('VirtualAppliance')[0], {
      ...onTable('VirtualAppliance')[1],
      cluster: { ...pool({}), authorizedIPRanges: RANGES },
    }),
    target: 'userDefinedRouting',
  },
  AUTHORIZED_ZERO_PLACEHOLDER: {
    severity: 'blocker',
    snapshot: withRanges(['0.0.0.0/32']),
    target: 'userAssignedNATGateway',
    facts: { target: 'userAssignedNATGateway' },
  },
  AUTHORIZED_AUTO_ADD_IS_LB_ONLY: {
    severity: 'warning',
    snapshot: withRanges(RANGES),
    target: 'userAssignedNATGateway',
  },
  AUTHORIZED_LIMIT: {
    severity: 'blocker',
    snapshot: withRanges(many(200)),
    target: 'userAssignedNATGateway',
    facts: { count: 201, limit: 200 },
  },
  AUTHORIZED_CIDR_FORM: {
    severity: 'blocker',
    snapshot: withRanges(['203.0.113.7/24']),
    target: 'userAssignedNATGateway',
    facts: { ranges: ['203.0.113.7/24'] },
  },
  AUTHORIZED_SERVICE_TAG: {
    severity: 'info',
    snapshot: withRanges(['AzureDevOps', ...RANGES]),
    target: 'userAssignedNATGateway',
    facts: { tags: ['AzureDevOps'] },
  },
}
