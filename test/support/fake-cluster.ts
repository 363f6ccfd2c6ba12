import type { NetworkFactsByKind, NetworkKind } from '../../src/azure/arm.ts'
import type { JsonObject } from '../../src/contract/json.ts'
import {
  aKubernetesBalancer,
  aNatGateway,
  aPublicIp,
  aSubnet,
  aVirtualNetwork,
  GROUP,
  NETWORK,
  NODE_GROUP,
  SUBNET,
  SUBSCRIPTION,
} from './a-cluster.ts'

/** The network lists of a subscription. */
export type FakeNetwork = { [K in NetworkKind]: NetworkFactsByKind[K][] }

export const OLD_ADDRESS = '20.1.0.1'
export const NEW_ADDRESS = '20.3.0.1'
export const GATEWAY_ADDRESS = '20.9.0.1'
const LB_IP = `${NODE_GROUP}/${NETWORK}/publicIPAddresses/lb-ip`
const NAT_IP = `${NODE_GROUP}/${NETWORK}/publicIPAddresses/nat-ip`
const GATEWAY = `${GROUP}/${NETWORK}/natGateways/gateway`
const GATEWAY_IP = `${GROUP}/${NETWORK}/publicIPAddresses/gateway-ip`

/** A load balancer cluster as ARM shows it; `subnet` puts its nodes into a network of the user's own. */
export function aLoadBalancerBody(
  name: string,
  given: { authorizedIPRanges?: string[]; subnet?: string } = {},
): JsonObject {
  const pool = { name: 'system', mode: 'System', osType: 'Linux', type: 'VirtualMachineScaleSets', count: 3 }
  return {
    id: `/subscriptions/${SUBSCRIPTION}/resourcegroups/rg-demo/providers/Microsoft.ContainerService/managedClusters/${name}`,
    name,
    location: 'eastus',
    sku: { name: 'Base', tier: 'Standard' },
    identity: { type: given.subnet === undefined ? 'SystemAssigned' : 'UserAssigned' },
    properties: {
      provisioningState: 'Succeeded',
      powerState: { code: 'Running' },
      kubernetesVersion: '1.33.2',
      nodeResourceGroup: 'MC_rg-demo_demo_eastus',
      agentPoolProfiles: [
        {
          ...pool,
          provisioningState: 'Succeeded',
          ...(given.subnet === undefined ? {} : { vnetSubnetID: given.subnet }),
        },
      ],
      apiServerAccessProfile: { authorizedIPRanges: given.authorizedIPRanges ?? [] },
      networkProfile: {
        networkPlugin: 'azure',
        networkPluginMode: 'overlay',
        loadBalancerSku: 'standard',
        outboundType: 'loadBalancer',
        ipFamilies: ['IPv4'],
        loadBalancerProfile: {
          managedOutboundIPs: { count: 1 },
          effectiveOutboundIPs: [{ id: LB_IP }],
          allocatedOutboundPorts: 0,
          idleTimeoutInMinutes: 30,
        },
      },
    },
  }
}

/** A network of AKS's own, which follows the cluster's outbound type. */
export function managedNetwork(body: JsonObject): FakeNetwork {
  const isNat = outboundTypeOf(body) === 'managedNATGateway'
  const subnet = `${NODE_GROUP}/${NETWORK}/virtualNetworks/aks-vnet/subnets/aks-subnet`
  const gateway = aNatGateway({
    id: `${NODE_GROUP}/${NETWORK}/natGateways/aks-nat`,
    publicIpIds: [NAT_IP],
    subnetIds: [subnet],
  })
  return {
    ...noNetwork(),
    virtualNetworks: [
      aVirtualNetwork({
        id: `${NODE_GROUP}/${NETWORK}/virtualNetworks/aks-vnet`,
        subnets: [aSubnet({ id: subnet, pools: [], natGatewayId: isNat ? gateway.id : null })],
      }),
    ],
    natGateways: isNat ? [gateway] : [],
    publicIPAddresses: [
      isNat
        ? aPublicIp({ id: NAT_IP, address: NEW_ADDRESS })
        : aPublicIp({ id: LB_IP, address: OLD_ADDRESS }),
    ],
    loadBalancers: [aKubernetesBalancer()],
  }
}

/** A network of the user's own, with a NAT gateway on the nodes' subnet. */
export function ownNetwork(): FakeNetwork {
  return {
    ...noNetwork(),
    virtualNetworks: [
      aVirtualNetwork({
        id: `${GROUP}/${NETWORK}/virtualNetworks/vnet`,
        subnets: [aSubnet({ pools: [], natGatewayId: GATEWAY })],
      }),
    ],
    natGateways: [aNatGateway({ id: GATEWAY, publicIpIds: [GATEWAY_IP], subnetIds: [SUBNET] })],
    publicIPAddresses: [
      aPublicIp({ id: LB_IP, address: OLD_ADDRESS }),
      aPublicIp({ id: GATEWAY_IP, address: GATEWAY_ADDRESS, natGatewayId: GATEWAY }),
    ],
    loadBalancers: [aKubernetesBalancer()],
  }
}

export function outboundTypeOf(body: JsonObject): unknown {
  const { networkProfile } = body.properties as { networkProfile: JsonObject }
  return networkProfile.outboundType
}

function noNetwork(): FakeNetwork {
  return {
    virtualNetworks: [],
    natGateways: [],
    publicIPAddresses: [],
    publicIPPrefixes: [],
    routeTables: [],
    loadBalancers: [],
    azureFirewalls: [],
    networkSecurityGroups: [],
  }
}
