import fc from 'fast-check'
import { TYPE_KEYS } from '../../src/contract/outbound-type.ts'
import type { RequestedPreparation } from '../../src/contract/preparation.ts'
import type { PlanningRequest } from '../../src/core/request/plan-request.ts'
import type { RouteTableFacts } from '../../src/core/snapshot/network-facts.ts'
import type {
  AgentPoolFacts,
  ClusterFacts,
  ClusterFeatures,
  Snapshot,
} from '../../src/core/snapshot/snapshot.ts'
import {
  aCluster,
  aKubernetesBalancer,
  aNatGateway,
  aPool,
  aPrefix,
  aProxy,
  aPublicIp,
  aSharedBalancer,
  aSubnet,
  aVirtualNetwork,
  GROUP,
  keyed,
  NETWORK,
  NODE_GROUP,
} from './a-cluster.ts'
import { firewall, securityGroup, securityGroupId, surroundings } from './arbitrary-firewall.ts'

/** Arbitrary clusters: few names and addresses, so that they meet often, and anything may be missing. */

const group = fc.constantFrom(GROUP, NODE_GROUP)
const resource = (kind: string, count: number) =>
  fc
    .tuple(group, fc.integer({ min: 0, max: count - 1 }))
    .map(([at, n]) => `${at}/${NETWORK}/${kind}/${kind.slice(0, 3)}${n}`)
const SUBNETS = ['a', 'b', 'c'].map((name) => `${GROUP}/${NETWORK}/virtualNetworks/vnet/subnets/${name}`)
const subnetId = fc.constantFrom(...SUBNETS, `${NODE_GROUP}/${NETWORK}/virtualNetworks/aks/subnets/own`)
const ipId = resource('publicIPAddresses', 4)
const prefixId = resource('publicIPPrefixes', 2)
const gatewayId = resource('natGateways', 2)
const tableId = resource('routeTables', 2)
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null })
const few = <T>(arbitrary: fc.Arbitrary<T>, maxLength = 3) => fc.array(arbitrary, { maxLength })
const address = fc.integer({ min: 1, max: 6 }).map((n) => `20.0.0.${n}`)
const privateAddress = fc.constantFrom('10.0.0.4', '10.0.0.5')
const range = fc.constantFrom(
  '203.0.113.0/24',
  '20.0.0.0/30',
  '20.0.0.1',
  '20.0.0.2/32',
  '0.0.0.0/32',
  '0.0.0.0/0',
  '2001:db8::/32',
  'AzureDevOps',
  '198.51.100.7/24',
)
const state = fc.oneof(
  { weight: 5, arbitrary: fc.constant('Succeeded') },
  fc.constantFrom('Failed', 'Updating'),
)

const pool: fc.Arbitrary<AgentPoolFacts> = fc
  .record({
    name: fc.constantFrom('system', 'user', 'win'),
    osType: fc.constantFrom('Linux', 'Windows'),
    type: fc.constantFrom(
      'VirtualMachineScaleSets',
      'VirtualMachineScaleSets',
      'AvailabilitySet',
      'VirtualMachines',
    ),
    mode: fc.constantFrom('System', 'User', 'Gateway', 'ManagedSystem', 'Machines'),
    provisioningState: maybe(state),
    count: maybe(fc.integer({ min: 0, max: 500 })),
    maxCount: maybe(fc.integer({ min: 0, max: 1000 })),
    enableAutoScaling: fc.boolean(),
    maxSurge: maybe(fc.constantFrom('', '1', '33%', '0', 'many')),
    podSubnetId: maybe(subnetId),
    enableNodePublicIP: fc.boolean(),
    nodePublicIpPrefixIds: few(prefixId, 2),
    availabilityZones: few(fc.constantFrom('1', '2', '3')),
    disableOutboundNat: maybe(fc.boolean()),
    nodeImageVersion: maybe(fc.constant('AKSUbuntu-2204gen2containerd-202510.19.0')),
  })
  .map((given) => aPool(given))

const count = maybe(fc.integer({ min: 0, max: 4 }))
const profile = {
  managedOutboundIpCount: count,
  managedOutboundIpv6Count: count,
  outboundIpIds: few(ipId, 2),
  outboundIpPrefixIds: few(prefixId, 1),
  effectiveOutboundIpIds: few(fc.oneof(ipId, prefixId)),
  idleTimeoutInMinutes: maybe(fc.integer({ min: 4, max: 120 })),
}

const features: fc.Arbitrary<ClusterFeatures> = fc.record({
  managedBy: maybe(fc.constant('/manager')),
  httpProxy: maybe(fc.constant(aProxy())),
  workloadIdentity: fc.boolean(),
  keyVaultSecretsProvider: fc.boolean(),
  containerInsights: fc.boolean(),
  managedPrometheus: fc.boolean(),
  azurePolicy: fc.boolean(),
  costAnalysis: fc.boolean(),
  istio: fc.boolean(),
  istioPluginCa: fc.boolean(),
  webAppRouting: fc.boolean(),
  istioEgressGateway: fc.boolean(),
  monitoring: few(fc.constant('addonProfiles.omsagent'), 1),
  defender: fc.boolean(),
  bootstrapRegistryId: maybe(fc.constant('/registry')),
  networkPolicy: maybe(fc.constantFrom('cilium', 'calico')),
  advancedPolicies: fc.boolean(),
})

const cluster: fc.Arbitrary<ClusterFacts> = fc
  .record({
    // The pools of a cluster have different names in Azure.
    pools: fc.uniqueArray(fc.tuple(pool, maybe(subnetId)), {
      maxLength: 3,
      selector: ([{ name }]) => name,
    }),
    isByo: fc.boolean(),
    given: fc.record({
      etag: maybe(fc.constantFrom('a', 'b')),
      skuName: fc.constantFrom('Base', 'Base', 'Automatic'),
      provisioningState: state,
      powerState: fc.constantFrom('Running', 'Running', 'Stopped'),
      outboundType: maybe(fc.constantFrom(...TYPE_KEYS, 'LOADBALANCER', 'carrierPigeon')),
      networkPlugin: maybe(fc.constantFrom('azure', 'kubenet', 'none')),
      identityType: maybe(fc.constantFrom('SystemAssigned', 'UserAssigned')),
      kubernetesVersion: fc.constantFrom('1.33.2', '1.29.0', ''),
      loadBalancerSku: fc.constantFrom('standard', 'Standard', 'basic', 'service'),
      servicePrincipalClientId: fc.option(fc.constant('client'), { nil: null, freq: 5 }),
      hostedSystem: fc.boolean(),
      ipFamilies: fc.constantFrom<string[]>(['IPv4'], ['IPv4', 'IPv6'], []),
      location: fc.constantFrom('eastus', 'East US', 'qatarcentral'),
      loadBalancerProfile: maybe(
        fc.record({
          ...profile,
          allocatedOutboundPorts: maybe(fc.constantFrom(0, 1024, 64_000)),
          backendPoolType: maybe(fc.constantFrom('nodeIPConfiguration', 'NodeIP', 'podIP')),
          multipleLoadBalancers: fc.boolean(),
        }),
      ),
      natGatewayProfile: maybe(
        fc.record({ ...profile, sku: maybe(fc.constantFrom('Standard', 'StandardV2', 'standardv2')) }),
      ),
      authorizedIPRanges: few(range, 4),
      enablePrivateCluster: fc.boolean(),
      privateDnsZone: maybe(fc.constantFrom('system', 'none', '/subscriptions/zone')),
      privateFqdn: maybe(fc.constantFrom('a.b.privatelink.eastus.azmk8s.io', 'a')),
      enableVnetIntegration: fc.boolean(),
      isPublicNetworkAccessDisabled: fc.boolean(),
      nodeProvisioningMode: maybe(fc.constantFrom('Auto', 'Manual')),
      artifactSource: maybe(fc.constantFrom('Direct', 'Cache')),
      hostedSystemSubnetId: fc.option(subnetId, { nil: null, freq: 9 }),
      hostedWorkerSubnetId: fc.option(subnetId, { nil: null, freq: 9 }),
      apiServerSubnetId: fc.option(subnetId, { nil: null, freq: 9 }),
      staticEgressGateway: fc.boolean(),
      virtualNodes: fc.boolean(),
      tags: fc.constantFrom<Record<string, string>>(
        {},
        { environment: 'demo' },
        { provisioner: 'terraform' },
      ),
      features,
    }),
  })
  .map(({ pools, isByo, given }) => {
    const agentPools = pools.map(([each, vnetSubnetId]) =>
      isByo ? { ...each, vnetSubnetId } : { ...each, podSubnetId: null },
    )
    return aCluster({ ...given, agentPools })
  })

const subnet = fc
  .record({
    id: subnetId,
    pools: few(fc.constantFrom('system', 'user'), 2),
    isVnetEncrypted: fc.boolean(),
    natGatewayId: maybe(gatewayId),
    routeTableId: maybe(tableId),
    networkSecurityGroupId: maybe(securityGroupId),
    defaultOutboundAccess: maybe(fc.boolean()),
    delegations: few(fc.constant('Microsoft.ContainerService/managedClusters'), 1),
    occupantGroups: few(fc.constantFrom(NODE_GROUP.toLowerCase(), GROUP.toLowerCase()), 2),
  })
  .map((given) => aSubnet(given))

const routeTable: fc.Arbitrary<RouteTableFacts> = fc.record({
  id: tableId,
  location: fc.constant('eastus'),
  disableBgpRoutePropagation: fc.boolean(),
  subnetIds: few(subnetId),
  routes: few(
    fc.record({
      name: fc.constant('r'),
      addressPrefix: fc.constantFrom(
        '0.0.0.0/0',
        '0.0.0.0/1',
        '128.0.0.0/1',
        '::/0',
        '10.0.0.0/8',
        'AzureCloud',
      ),
      nextHopType: fc.constantFrom(
        'VirtualAppliance',
        'VirtualApplianceEcmp',
        'VirtualNetworkGateway',
        'Internet',
        'VnetLocal',
        'None',
      ),
      nextHopIpAddress: maybe(privateAddress),
    }),
    2,
  ),
})

const ip = fc
  .record({
    id: ipId,
    address: maybe(address),
    sku: fc.constantFrom('Standard', 'StandardV2', 'Basic'),
    version: fc.constantFrom('IPv4' as const, 'IPv6' as const),
    location: fc.constantFrom('eastus', 'westeurope'),
    attachedTo: maybe(fc.constant(`${GROUP}/${NETWORK}/networkInterfaces/nic/ipConfigurations/one`)),
    natGatewayId: maybe(gatewayId),
    zones: few(fc.constantFrom('1', '2', '3')),
    ddosProtected: fc.boolean(),
    routingPreferenceInternet: fc.boolean(),
    provisioningState: state,
    tags: fc.constantFrom<Record<string, string>>(
      {},
      { 'k8s-azure-service': 'web' },
      { type: 'aks-slb-managed-outbound-ip' },
    ),
  })
  .map(({ version, address: v4, ...given }) =>
    aPublicIp({
      ...given,
      version,
      address: v4 !== null && version === 'IPv6' ? `2001:db8::${v4.at(-1)}` : v4,
    }),
  )

const prefix = fc
  .record({
    id: prefixId,
    prefix: maybe(fc.constantFrom('20.0.0.0/30', '20.7.0.0/28', '20.8.0.0/27')),
    customIpPrefixId: maybe(fc.constant('/custom')),
    routingPreferenceInternet: fc.boolean(),
    publicIpIds: few(ipId, 2),
    sku: fc.constantFrom('Standard', 'StandardV2'),
    zones: few(fc.constantFrom('1', '2', '3')),
    provisioningState: state,
  })
  .map((given) => aPrefix(given))

const gateway = fc
  .record({
    id: gatewayId,
    sku: fc.constantFrom('Standard', 'StandardV2'),
    idleTimeoutInMinutes: fc.integer({ min: 4, max: 120 }),
    publicIpIds: few(ipId, 2),
    publicIpPrefixIds: few(prefixId, 1),
    subnetIds: few(subnetId),
    zones: few(fc.constantFrom('1', '2'), 1),
  })
  .map((given) => aNatGateway(given))

const virtualNetwork = fc
  .record({
    id: fc.constant(`${GROUP}/${NETWORK}/virtualNetworks/vnet`),
    dnsServers: few(privateAddress),
    natGatewayId: maybe(gatewayId),
    hasVirtualNetworkGateway: fc.boolean(),
    hasRouteServer: fc.boolean(),
    peerings: few(
      fc.record({
        name: fc.constant('hub'),
        remoteVirtualNetworkId: maybe(fc.constant(`${GROUP}/${NETWORK}/virtualNetworks/hub`)),
        useRemoteGateways: fc.boolean(),
        isConnected: fc.boolean(),
      }),
      1,
    ),
  })
  .map((given) => aVirtualNetwork(given))

/** The AKS load balancer with Services, and perhaps with manually created rules. */
const balancer = fc
  .record({
    services: fc.constantFrom<string[]>([], ['web'], ['web', 'api']),
    shared: maybe(ipId),
    byHand: fc.boolean(),
    publicIpId: maybe(ipId),
  })
  .map(({ services, shared, byHand, publicIpId }) => {
    const made = shared === null ? aKubernetesBalancer(services) : aSharedBalancer(shared)
    const frontend = { name: 'mine', id: `${made.id}/frontendIPConfigurations/mine`, publicIpId }
    if (byHand) made.frontends.push({ ...frontend, publicIpPrefixId: null, privateAddress: null })
    return made
  })

export const arbitrarySnapshot: fc.Arbitrary<Snapshot> = fc.record({
  takenAt: fc.constant('2026-09-01T00:00:00.000Z'),
  cluster,
  subnets: fc.uniqueArray(subnet, { maxLength: 3, selector: (each) => each.id }),
  virtualNetworks: few(virtualNetwork, 1).map(keyed),
  natGateways: few(gateway).map(keyed),
  publicIps: fc.array(ip, { maxLength: 6 }).map(keyed),
  publicIpPrefixes: few(prefix).map(keyed),
  routeTables: few(routeTable).map(keyed),
  loadBalancers: few(balancer, 1).map(keyed),
  firewalls: few(firewall).map(keyed),
  networkSecurityGroups: few(securityGroup).map(keyed),
  surroundings: maybe(surroundings),
  unread: few(
    fc.constant({ what: 'something', reason: 'denied' as const, code: 'AuthorizationFailed', message: 'no' }),
    1,
  ),
})

const zone = fc.constantFrom('1' as const, '2' as const, '3' as const)
const zones = fc.uniqueArray(zone, { maxLength: 3 })

/** Resources that a caller may want to prepare; the routes reject parts that do not belong to the target. */
const preparation: fc.Arbitrary<RequestedPreparation> = fc.record(
  {
    publicIps: fc.record({ count: fc.integer({ min: 1, max: 16 }), zones }, { requiredKeys: ['count'] }),
    publicIpPrefix: fc.record(
      { length: fc.integer({ min: 28, max: 31 }), zones },
      { requiredKeys: ['length'] },
    ),
    natGateway: fc.record(
      {
        id: gatewayId,
        sku: fc.constantFrom('Standard' as const, 'StandardV2' as const),
        zones,
        idleTimeoutInMinutes: fc.integer({ min: 4, max: 120 }),
      },
      { requiredKeys: [] },
    ),
    defaultRoute: fc.record(
      {
        nextHopType: fc.constantFrom('VirtualAppliance' as const, 'VirtualNetworkGateway' as const),
        nextHopIpAddress: fc.constant('10.9.0.4'),
      },
      { requiredKeys: ['nextHopType'] },
    ),
  },
  { requiredKeys: [] },
)

/** The requests of a caller; the routes reject parameters that do not belong to the type. */
export const arbitraryRequest: fc.Arbitrary<Omit<PlanningRequest, 'cluster'>> = fc.record(
  {
    target: fc.record(
      {
        outboundType: fc.constantFrom(...TYPE_KEYS),
        natGateway: fc.record(
          {
            sku: fc.constantFrom('Standard' as const, 'StandardV2' as const),
            managedOutboundIpCount: fc.integer({ min: 1, max: 16 }),
            managedOutboundIpv6Count: fc.integer({ min: 1, max: 16 }),
            outboundIpIds: few(ipId, 2),
            outboundIpPrefixIds: few(prefixId, 1),
            idleTimeoutInMinutes: fc.integer({ min: 4, max: 120 }),
          },
          { requiredKeys: [] },
        ),
        loadBalancer: fc.record(
          {
            managedOutboundIpCount: fc.integer({ min: 1, max: 100 }),
            managedOutboundIpv6Count: fc.integer({ min: 0, max: 100 }),
            outboundIpIds: few(ipId, 2),
            outboundIpPrefixIds: few(prefixId, 1),
            allocatedOutboundPorts: fc.constantFrom(0, 8, 1024, 64_000),
            idleTimeoutInMinutes: fc.integer({ min: 4, max: 120 }),
          },
          { requiredKeys: [] },
        ),
      },
      { requiredKeys: ['outboundType'] },
    ),
    authorizedRanges: fc.constantFrom('widen', 'keep'),
    reason: maybe(fc.constant('CHG-1')),
    prepare: preparation,
    upgradeNodeImages: fc.boolean(),
  },
  { requiredKeys: ['target', 'authorizedRanges', 'reason'] },
)

export const arbitraryPolicy = fc.record({
  pinnedEdition: maybe(fc.constantFrom('2024-04-29', '2026-08-05')),
  previewApiVersion: maybe(fc.constant('2026-05-02-preview')),
})
