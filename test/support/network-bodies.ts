import { DEMO_GROUP, DEMO_SUBSCRIPTION } from './demo.ts'

/** An ARM body of a network resource, as POST /simulator/resources takes it. */
export interface NetworkBody {
  id: string
  name: string
  type: string
  location: string
  properties: Record<string, unknown>
  [member: string]: unknown
}

const NETWORK = `/subscriptions/${DEMO_SUBSCRIPTION}/resourceGroups/${DEMO_GROUP}/providers/Microsoft.Network`

/** The ID of a network resource in the demo resource group; `type/name`, or with a child. */
export function networkId(path: string): string {
  return `${NETWORK}/${path}`
}

function ref(path: string): { id: string } {
  return { id: networkId(path) }
}

/** A body of any type, named by `type/name` or by the path of a child. */
export function body(path: string, properties: object, rest: object = {}): NetworkBody {
  const segments = path.split('/')
  return {
    id: networkId(path),
    name: segments.at(-1) ?? '',
    type: ['Microsoft.Network', ...segments.filter((_, index) => index % 2 === 0)].join('/'),
    location: 'eastus',
    properties: { provisioningState: 'Succeeded', ...properties },
    ...rest,
  }
}

interface SubnetSpec {
  prefix?: string
  natGateway?: string
  routeTable?: string
  securityGroup?: string
  [member: string]: unknown
}

/** A virtual network with named subnets; other members of a subnet are its properties. */
export function virtualNetwork(
  name: string,
  prefix: string,
  subnets: Record<string, SubnetSpec>,
  rest: object = {},
): NetworkBody {
  return body(`virtualNetworks/${name}`, {
    addressSpace: { addressPrefixes: [prefix] },
    subnets: Object.entries(subnets).map(([subnet, spec]) => subnetBody(name, subnet, { prefix, ...spec })),
    virtualNetworkPeerings: [],
    ...rest,
  })
}

function subnetBody(network: string, name: string, spec: SubnetSpec): object {
  const { prefix, natGateway, routeTable, securityGroup, ...properties } = spec
  return {
    id: networkId(`virtualNetworks/${network}/subnets/${name}`),
    name,
    properties: {
      provisioningState: 'Succeeded',
      addressPrefix: prefix,
      ...(natGateway === undefined ? {} : { natGateway: ref(`natGateways/${natGateway}`) }),
      ...(routeTable === undefined ? {} : { routeTable: ref(`routeTables/${routeTable}`) }),
      ...(securityGroup === undefined
        ? {}
        : { networkSecurityGroup: ref(`networkSecurityGroups/${securityGroup}`) }),
      ...properties,
    },
  }
}

/** A peering for the `virtualNetworkPeerings` of a network. */
export function peering(remote: string, properties: object = {}): object {
  return {
    name: `to-${remote}`,
    properties: {
      peeringState: 'Connected',
      remoteVirtualNetwork: ref(`virtualNetworks/${remote}`),
      ...properties,
    },
  }
}

/** A next hop: an appliance by its address, several by a list, or a next hop type. */
export type HopSpec = string | string[]

/** A route table with routes from prefixes or service tags. */
export function routeTable(
  name: string,
  routes: Record<string, HopSpec>,
  properties: object = {},
): NetworkBody {
  return body(`routeTables/${name}`, {
    disableBgpRoutePropagation: false,
    routes: Object.entries(routes).map(([addressPrefix, hop], index) => ({
      id: networkId(`routeTables/${name}/routes/route-${index + 1}`),
      name: `route-${index + 1}`,
      properties: { addressPrefix, ...hopProperties(hop) },
    })),
    ...properties,
  })
}

function hopProperties(hop: HopSpec): object {
  if (Array.isArray(hop)) return { nextHopType: 'VirtualApplianceEcmp', nextHop: { nextHopIpAddresses: hop } }
  return /^[0-9a-f]*[.:]/i.test(hop)
    ? { nextHopType: 'VirtualAppliance', nextHopIpAddress: hop }
    : { nextHopType: hop }
}

/** A public IP, or a prefix for an address with a length. */
export function publicIp(name: string, address: string): NetworkBody {
  const family = { publicIPAddressVersion: address.includes(':') ? 'IPv6' : 'IPv4' }
  const sku = { sku: { name: 'Standard', tier: 'Regional' } }
  return address.includes('/')
    ? body(
        `publicIPPrefixes/${name}`,
        { ipPrefix: address, prefixLength: Number(address.split('/')[1]), ...family },
        sku,
      )
    : body(
        `publicIPAddresses/${name}`,
        { ipAddress: address, publicIPAllocationMethod: 'Static', ...family },
        sku,
      )
}

/** A NAT gateway with addresses of both families, by the names of their public IPs. */
export function natGateway(
  name: string,
  addresses: { v4?: string[]; v6?: string[]; prefixes?: string[] },
  given: { sku?: 'Standard' | 'StandardV2'; sourceVirtualNetwork?: string } = {},
): NetworkBody {
  const { sku = 'Standard', sourceVirtualNetwork } = given
  const ips = (names: string[] = []) => names.map((each) => ref(`publicIPAddresses/${each}`))
  return body(
    `natGateways/${name}`,
    {
      idleTimeoutInMinutes: 4,
      publicIpAddresses: ips(addresses.v4),
      publicIpAddressesV6: ips(addresses.v6),
      publicIpPrefixes: (addresses.prefixes ?? []).map((each) => ref(`publicIPPrefixes/${each}`)),
      ...(sourceVirtualNetwork === undefined
        ? {}
        : { sourceVirtualNetwork: ref(`virtualNetworks/${sourceVirtualNetwork}`) }),
    },
    { sku: { name: sku, tier: 'Regional' } },
  )
}

/** An Azure Firewall in a virtual network, with its named public IPs. */
export function firewall(
  name: string,
  privateAddress: string,
  network: string,
  publicIps: string[],
): NetworkBody {
  return body(`azureFirewalls/${name}`, {
    sku: { name: 'AZFW_VNet', tier: 'Standard' },
    ipConfigurations: publicIps.map((each, index) => ({
      name: `ipconfig-${index + 1}`,
      id: networkId(`azureFirewalls/${name}/azureFirewallIpConfigurations/ipconfig-${index + 1}`),
      properties: {
        publicIPAddress: ref(`publicIPAddresses/${each}`),
        ...(index > 0
          ? {}
          : {
              privateIPAddress: privateAddress,
              subnet: ref(`virtualNetworks/${network}/subnets/AzureFirewallSubnet`),
            }),
      },
    })),
  })
}

/** An Azure Firewall in a virtual hub. */
export function hubFirewall(name: string, privateAddress: string, publicAddresses: string[]): NetworkBody {
  return body(`azureFirewalls/${name}`, {
    sku: { name: 'AZFW_Hub', tier: 'Standard' },
    virtualHub: ref('virtualHubs/hub'),
    hubIPAddresses: {
      privateIPAddress: privateAddress,
      publicIPs: {
        count: publicAddresses.length,
        addresses: publicAddresses.map((address) => ({ address })),
      },
    },
  })
}

/** A network security group with one rule for packets that leave. */
export function securityGroup(name: string, rule: object): NetworkBody {
  return body(`networkSecurityGroups/${name}`, {
    securityRules: [
      {
        name: 'outbound',
        properties: {
          direction: 'Outbound',
          access: 'Deny',
          priority: 200,
          protocol: '*',
          sourceAddressPrefix: '*',
          sourcePortRange: '*',
          destinationAddressPrefix: '*',
          destinationPortRange: '*',
          ...rule,
        },
      },
    ],
  })
}

/** A gateway in a network, and the routes that it learned from its peers. */
export function gatewayWithRoutes(name: string, network: string, routes: string[]): NetworkBody[] {
  return [
    body(`virtualNetworkGateways/${name}`, {
      ipConfigurations: [
        { name: 'default', properties: { subnet: ref(`virtualNetworks/${network}/subnets/GatewaySubnet`) } },
      ],
    }),
    ...routes.map((prefix, index) =>
      body(`virtualNetworkGateways/${name}/learnedRoutes/route-${index + 1}`, { network: prefix }),
    ),
  ]
}

/** A hub connection of a network, and the routing intent that sends internet traffic to a firewall of the hub. */
export function securedHub(network: string, firewallName: string): NetworkBody[] {
  return [
    body('virtualHubs/hub/hubVirtualNetworkConnections/spoke', {
      remoteVirtualNetwork: ref(`virtualNetworks/${network}`),
      enableInternetSecurity: true,
    }),
    body('virtualHubs/hub/routingIntent/intent', {
      routingPolicies: [
        {
          name: 'Internet',
          destinations: ['Internet'],
          nextHop: networkId(`azureFirewalls/${firewallName}`),
        },
      ],
    }),
  ]
}

/** A load balancer whose outbound rules use these public IPs, one rule for each family. */
export function loadBalancer(path: string, publicIps: { v4?: string[]; v6?: string[] }): NetworkBody {
  const id = networkId(path)
  const frontend = (name: string) => `${id}/frontendIPConfigurations/${name}`
  const families = [publicIps.v4 ?? [], publicIps.v6 ?? []].filter((names) => names.length > 0)
  return body(path, {
    frontendIPConfigurations: families.flat().map((name) => ({
      name,
      id: frontend(name),
      properties: { publicIPAddress: ref(`publicIPAddresses/${name}`) },
    })),
    outboundRules: families.map((names, index) => ({
      name: `outbound-${index + 1}`,
      id: `${id}/outboundRules/outbound-${index + 1}`,
      properties: { frontendIPConfigurations: names.map((name) => ({ id: frontend(name) })) },
    })),
    loadBalancingRules: [],
  })
}
