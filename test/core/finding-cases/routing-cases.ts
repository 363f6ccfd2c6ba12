import type { FirewallFacts, RouteTableFacts } from '../../../src/core/network-facts.ts'
import type { ClusterFacts, Snapshot } from '../../../src/core/snapshot.ts'
import {
  aByoSnapshot,
  aFirewall,
  aPool,
  aPublicIp,
  aRouteTable,
  aSubnet,
  GROUP,
  NETWORK,
  NODE_GROUP,
  noFeatures,
  SUBNET,
} from '../../support/a-cluster.ts'
import {
  applicationRules,
  aSecurityGroup,
  DOCUMENTED_RULES,
  FIREWALL,
  SECURITY_GROUP,
} from '../../support/a-firewall.ts'
import { type FindingCases, onTable, TABLE } from './case.ts'

const pools = { agentPools: [aPool({ vnetSubnetId: SUBNET })] }
const [toAppliance, withAppliance] = onTable('VirtualAppliance')
const OTHER_SUBNET = `${GROUP}/${NETWORK}/virtualNetworks/vnet/subnets/other`
const FIREWALL_IP = `${GROUP}/${NETWORK}/publicIPAddresses/fw-ip`

function behind(firewall: Partial<FirewallFacts>, cluster: Partial<ClusterFacts> = {}): Snapshot {
  return aByoSnapshot(toAppliance, {
    ...withAppliance,
    cluster: { ...pools, ...cluster },
    firewalls: [aFirewall({ id: FIREWALL, dnsProxy: true, ...firewall })],
    publicIps: [aPublicIp({ id: FIREWALL_IP, address: '20.5.0.1' })],
  })
}

function kubenet(table: Partial<RouteTableFacts>, cluster: Partial<ClusterFacts> = {}): Snapshot {
  const id = table.id ?? TABLE
  return aByoSnapshot(
    { routeTableId: id },
    {
      cluster: { ...pools, networkPlugin: 'kubenet', networkPluginMode: null, ...cluster },
      routeTables: [{ ...aRouteTable(id, 'VirtualAppliance', '10.9.0.4'), ...table }],
    },
  )
}

const guarded = (...rules: Parameters<typeof aSecurityGroup>): Snapshot =>
  aByoSnapshot(
    { ...toAppliance, networkSecurityGroupId: SECURITY_GROUP },
    { ...withAppliance, networkSecurityGroups: [aSecurityGroup(...rules)] },
  )

const routes = (count: number) =>
  Array.from({ length: count }, (_, at) => ({
    name: `r${at}`,
    addressPrefix: `172.16.${at % 256}.${Math.floor(at / 256)}/32`,
    nextHopType: 'Internet',
    nextHopIpAddress: null,
  }))

/** Findings on routes under userDefinedRouting, and on firewalls and security groups in the way. */
export const ROUTING_CASES: FindingCases = {
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
  UDR_FIREWALL_RULES: {
    severity: 'acknowledge',
    snapshot: aByoSnapshot(toAppliance, withAppliance),
    target: 'userDefinedRouting',
    facts: { blocked: [], notProven: [], notChecked: 9 },
    message:
      /9 required endpoints could not be checked, because the default route leads to no Azure Firewall/,
  },
  FIREWALL_FQDN_TAG_MISSING: {
    severity: 'warning',
    snapshot: behind({ collections: [applicationRules([{ fqdns: ['mcr.microsoft.com'] }])] }),
    target: 'userDefinedRouting',
    facts: { firewall: 'fw', sources: ['10.1.0.0/24'] },
  },
  FIREWALL_NETWORK_RULES_MISSING: {
    severity: 'warning',
    snapshot: behind({ collections: DOCUMENTED_RULES.slice(1) }),
    target: 'userDefinedRouting',
    facts: {
      firewall: 'fw',
      endpoints: ['AzureCloud.eastus:1194 (UDP)', 'AzureCloud.eastus:9000 (TCP)'],
      lacksDnsProxy: false,
    },
  },
  UDR_SNAT_FIREWALL_SMALL: {
    severity: 'warning',
    snapshot: behind({ publicIpIds: [FIREWALL_IP] }),
    target: 'userDefinedRouting',
    facts: { firewall: 'fw', addresses: 1, advised: 20 },
  },
  UDR_AZFW_PRIVATE_RANGES: {
    severity: 'info',
    snapshot: behind({}),
    target: 'userDefinedRouting',
    facts: { firewall: 'fw' },
  },
  UDR_FW_ROUTE_SELF: {
    severity: 'info',
    snapshot: behind({ publicIpIds: [FIREWALL_IP] }),
    target: 'userDefinedRouting',
    facts: { routeTables: ['table'] },
  },
  REIMAGE_NEEDS_EGRESS: {
    severity: 'blocker',
    snapshot: behind({ collections: [applicationRules([{ fqdns: ['*.microsoft.com', '*.azure.com'] }])] }),
    target: 'userDefinedRouting',
    given: { upgradeNodeImages: true },
    facts: {
      blocked: ['mcr-0001.mcr-msedge.net', 'login.microsoftonline.com', 'acs-mirror.azureedge.net'],
    },
  },
  REIMAGE_EGRESS_UNPROVEN: {
    severity: 'acknowledge',
    snapshot: aByoSnapshot(
      { ...toAppliance, natGatewayId: `${GROUP}/${NETWORK}/natGateways/gateway` },
      withAppliance,
    ),
    target: 'userAssignedNATGateway',
    given: { upgradeNodeImages: true },
  },
  NSG_BLOCKS_EGRESS: {
    severity: 'acknowledge',
    snapshot: guarded({ name: 'deny-internet', destinations: ['Internet'] }),
    target: 'userDefinedRouting',
    facts: { rules: [{ group: 'nsg', rule: 'deny-internet' }] },
    message: /deny-internet of nsg denies it/,
  },
  NSG_DENY_EGRESS: {
    severity: 'warning',
    snapshot: guarded(
      { name: 'azure', access: 'Allow', destinations: ['AzureCloud'], destinationPorts: ['443'] },
      { name: 'deny-internet', destinations: ['Internet'] },
    ),
    target: 'userDefinedRouting',
    facts: { rules: [{ group: 'nsg', rule: 'deny-internet' }] },
  },
  NSG_INTRA_SUBNET: {
    severity: 'blocker',
    snapshot: guarded({ name: 'deny-nodes', sources: ['10.1.0.0/16'], destinations: ['10.1.0.0/16'] }),
    target: 'userDefinedRouting',
    facts: { rules: [{ group: 'nsg', rule: 'deny-nodes' }] },
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
  ISTIO_KV: {
    severity: 'info',
    snapshot: behind({}, { features: noFeatures({ istio: true, webAppRouting: true }) }),
    target: 'userDefinedRouting',
    facts: { features: ['Istio', 'application routing'] },
  },
  ISO_MONITORING: {
    severity: 'warning',
    snapshot: behind({}, { features: noFeatures({ containerInsights: true }) }),
    target: 'none',
    facts: { features: ['Container monitoring'] },
  },
  KUBENET_ALL_SUBNETS: {
    severity: 'blocker',
    snapshot: {
      ...kubenet({}),
      subnets: [aSubnet({ routeTableId: TABLE }), aSubnet({ id: OTHER_SUBNET, pools: ['user'] })],
    },
    target: 'userDefinedRouting',
    facts: { routeTables: ['table'], bareSubnets: ['other'] },
  },
  KUBENET_AKS_OWNED_TABLE: {
    severity: 'warning',
    snapshot: kubenet(
      { id: `${NODE_GROUP}/${NETWORK}/routeTables/aks-routetable` },
      { nodeResourceGroupRestriction: 'ReadOnly' },
    ),
    target: 'userDefinedRouting',
    facts: { routeTable: 'aks-routetable', isLocked: true },
    message: /which is locked/,
  },
  UDR_SHARED_TABLE: {
    severity: 'warning',
    snapshot: kubenet({ subnetIds: [SUBNET.toUpperCase(), OTHER_SUBNET] }),
    target: 'userDefinedRouting',
    facts: { routeTable: 'table', subnets: ['vnet/other'] },
  },
  UDR_ROUTE_CAPACITY: {
    severity: 'blocker',
    snapshot: kubenet({ routes: routes(398) }),
    target: 'userDefinedRouting',
    facts: { routeTable: 'table', own: 398, nodes: 4, limit: 400 },
  },
  ROUTE_TABLE_OTHER_SUB: {
    severity: 'blocker',
    snapshot: kubenet({ id: TABLE.replace('11111111-', '99999999-') }),
    target: 'userDefinedRouting',
    facts: { subscriptionId: '99999999-1111-1111-1111-111111111111' },
  },
}
