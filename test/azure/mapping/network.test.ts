import { readFileSync } from 'node:fs'
import t from 'tap'
import { NETWORK_KINDS, type NetworkKind } from '../../../src/azure/arm.ts'
import { BodyReader } from '../../../src/azure/client/body-reader.ts'
import { ArmFault } from '../../../src/azure/errors/arm-fault.ts'
import { toFirewallFacts } from '../../../src/azure/mapping/firewall-and-nsg.ts'
import {
  toLoadBalancerFacts,
  toNatGatewayFacts,
  toPublicIpFacts,
  toPublicIpPrefixFacts,
  toRouteTableFacts,
  toSubnetFacts,
  toVirtualNetworkFacts,
} from '../../../src/azure/mapping/network.ts'
import { NETWORK_MAPPERS } from '../../../src/azure/reads/read-network.ts'
import type { JsonObject } from '../../../src/contract/json.ts'
import { recordedBodies } from '../recordings.ts'

const recorded = (kind: NetworkKind | 'virtualNetworks/subnets') =>
  recordedBodies(`Microsoft.Network/${kind}`).map(({ body }) => new BodyReader(body))

t.test('reads every recorded network resource', async (t) => {
  for (const kind of NETWORK_KINDS) {
    for (const { from, body } of recordedBodies(`Microsoft.Network/${kind}`)) {
      t.equal(NETWORK_MAPPERS[kind](new BodyReader(body)).id, body.id, `${kind} of ${from}`)
    }
  }
  t.ok(recorded('natGateways').length >= 5)
  t.ok(recorded('virtualNetworks').length >= 2)
})

t.test('reads a recorded NAT gateway of each SKU', async (t) => {
  const [standard] = recorded('natGateways').map(toNatGatewayFacts)
  t.match(standard, { sku: 'Standard', idleTimeoutInMinutes: 4, location: 'eastus2' })
  t.match(standard?.publicIpIds, [/publicIPAddresses\/pip$/])
  t.match(standard?.publicIpPrefixIds, [/publicIPPrefixes\/prefix$/])
  t.strictSame(standard?.subnetIds, [])
  const v2 = recorded('natGateways')
    .map(toNatGatewayFacts)
    .find(({ sku }) => sku === 'StandardV2')
  t.match(v2, { zones: [], publicIpIds: [], provisioningState: 'Updating' })
})

t.test('counts the IPv6 addresses of a StandardV2 gateway with the others', async (t) => {
  const properties = {
    publicIpAddresses: [{ id: '/4' }],
    publicIpAddressesV6: [{ id: '/6' }],
    publicIpPrefixesV6: [{ id: '/p6' }],
    subnets: [{ id: '/s' }],
  }
  const facts = toNatGatewayFacts(new BodyReader({ id: '/n', properties }))
  t.match(facts, { publicIpIds: ['/4', '/6'], publicIpPrefixIds: ['/p6'], subnetIds: ['/s'] })
})

t.test('reads recorded address resources, with and without an assigned address', async (t) => {
  const [updating] = recorded('publicIPAddresses').map(toPublicIpFacts)
  t.match(updating, { address: null, provisioningState: 'Updating', version: 'IPv4', sku: 'Standard' })
  const ready = recorded('publicIPAddresses')
    .map(toPublicIpFacts)
    .filter(({ address }) => address !== null)
  t.match(ready[0], { provisioningState: 'Succeeded', allocationMethod: 'Static', attachedTo: null })
  t.match(ready[0]?.address, /^\d+\.\d+\.\d+\.\d+$/)
})

t.test('reads what an address is attached to', async (t) => {
  const properties = {
    ipConfiguration: { id: '/lb/frontend' },
    natGateway: { id: '/nat' },
    publicIPAddressVersion: 'ipv6',
    ipTags: [{ ipTagType: 'RoutingPreference', tag: 'Internet' }],
  }
  const facts = toPublicIpFacts(new BodyReader({ id: '/ip', tags: { a: 'b', c: null }, properties }))
  t.match(facts, {
    attachedTo: '/lb/frontend',
    natGatewayId: '/nat',
    version: 'IPv6',
    routingPreferenceInternet: true,
  })
  t.strictSame(facts.tags, { a: 'b' })
})

t.test('reads a recorded prefix', async (t) => {
  const [facts] = recorded('publicIPPrefixes').map(toPublicIpPrefixFacts)
  t.match(facts, { sku: 'Standard', version: 'IPv4', natGatewayId: null })
  t.type(facts?.prefixLength, 'number')
  const body = { id: '/p', properties: { prefixLength: 30, publicIPAddresses: [{ id: '/ip' }] } }
  t.strictSame(toPublicIpPrefixFacts(new BodyReader(body)).publicIpIds, ['/ip'])
  t.equal(toPublicIpPrefixFacts(new BodyReader(body)).routingPreferenceInternet, false)
  const ipTags = [{ ipTagType: 'routingPreference', tag: 'internet' }]
  const routed = { id: '/p', properties: { prefixLength: 30, ipTags } }
  t.equal(toPublicIpPrefixFacts(new BodyReader(routed)).routingPreferenceInternet, true)
})

t.test('reads a route table with its routes', async (t) => {
  t.match(recorded('routeTables').map(toRouteTableFacts)[0], { routes: [], subnetIds: [] })
  const route = {
    name: 'default',
    properties: { addressPrefix: '0.0.0.0/0', nextHopType: 'VirtualAppliance', nextHopIpAddress: '10.0.0.4' },
  }
  const properties = {
    routes: [route, { name: 'r', properties: { nextHopType: 'Internet' } }],
    subnets: [{ id: '/s' }],
    disableBgpRoutePropagation: true,
  }
  const facts = toRouteTableFacts(new BodyReader({ id: '/r', properties }))
  t.strictSame(facts.routes[0], { name: 'default', ...route.properties })
  t.equal(facts.routes[1]?.nextHopIpAddress, null)
  t.match(facts, { disableBgpRoutePropagation: true, subnetIds: ['/s'] })
})

t.test('reads recorded virtual networks and subnets', async (t) => {
  const networks = recorded('virtualNetworks').map(toVirtualNetworkFacts)
  t.ok(
    networks.some(({ subnets }) => subnets.length > 0),
    'one shows its subnets',
  )
  for (const subnet of recorded('virtualNetworks/subnets').map(toSubnetFacts)) {
    t.match(subnet, { pools: [], natGatewayId: null, routeTableId: null })
    t.equal(subnet.addressPrefixes.length, 1)
  }
})

t.test('reads what is attached to a subnet', async (t) => {
  const properties = {
    addressPrefixes: ['10.0.0.0/24', 'fd00::/64'],
    natGateway: { id: '/nat' },
    routeTable: { id: '/rt' },
    networkSecurityGroup: { id: '/nsg' },
    defaultOutboundAccess: false,
  }
  t.strictSame(toSubnetFacts(new BodyReader({ id: '/s', properties })), {
    id: '/s',
    pools: [],
    addressPrefixes: ['10.0.0.0/24', 'fd00::/64'],
    natGatewayId: '/nat',
    routeTableId: '/rt',
    networkSecurityGroupId: '/nsg',
    defaultOutboundAccess: false,
    serviceEndpoints: [],
    delegations: [],
    hasApplicationGateway: false,
    occupantGroups: [],
    occupants: [],
  })
})

t.test('a virtual network shows whether it is encrypted', async (t) => {
  const isEncrypted = (encryption: JsonObject | null) =>
    toVirtualNetworkFacts(new BodyReader({ id: '/v', properties: { encryption } })).isEncrypted
  t.equal(isEncrypted({ enabled: true, enforcement: 'AllowUnencrypted' }), true)
  t.equal(isEncrypted({ enabled: false }), false)
  t.equal(isEncrypted(null), false)
})

t.test('reads a load balancer', async (t) => {
  const properties: JsonObject = {
    frontendIPConfigurations: [
      {
        name: 'f1',
        id: '/f1',
        properties: { publicIPAddress: { id: '/ip' }, outboundRules: [{ id: '/o' }] },
      },
      { name: 'f2', id: '/f2', properties: { privateIPAddress: '10.0.0.9', publicIPPrefix: { id: '/p' } } },
    ],
    outboundRules: [
      {
        name: 'aksOutboundRule',
        properties: {
          frontendIPConfigurations: [{ id: '/f1' }],
          allocatedOutboundPorts: 0,
          idleTimeoutInMinutes: 30,
        },
      },
    ],
    loadBalancingRules: [
      {
        name: 'svc',
        properties: { frontendIPConfiguration: { id: '/f1' }, frontendPort: 443, protocol: 'Tcp' },
      },
    ],
  }
  t.strictSame(
    toLoadBalancerFacts(
      new BodyReader({ id: '/lb', name: 'kubernetes', sku: { name: 'Standard' }, properties }),
    ),
    {
      id: '/lb',
      name: 'kubernetes',
      sku: 'Standard',
      frontends: [
        { name: 'f1', id: '/f1', publicIpId: '/ip', publicIpPrefixId: null, privateAddress: null },
        { name: 'f2', id: '/f2', publicIpId: null, publicIpPrefixId: '/p', privateAddress: '10.0.0.9' },
      ],
      outboundRules: [
        {
          name: 'aksOutboundRule',
          frontendIds: ['/f1'],
          allocatedOutboundPorts: 0,
          idleTimeoutInMinutes: 30,
        },
      ],
      loadBalancingRules: [{ name: 'svc', frontendId: '/f1', frontendPort: 443, protocol: 'Tcp' }],
    },
  )
})

t.test('knows the network interfaces behind a Basic load balancer only', async (t) => {
  const network = '/subscriptions/S/resourceGroups/g/providers/Microsoft.Network'
  const backendIPConfigurations = [{ id: `${network}/networkInterfaces/VM/ipConfigurations/one` }]
  const backendAddressPools = [{ properties: { backendIPConfigurations } }]
  const backendsOf = (sku: string) =>
    toLoadBalancerFacts(
      new BodyReader({ id: '/lb', sku: { name: sku }, properties: { backendAddressPools } }),
    ).basicBackends
  t.strictSame(backendsOf('basic'), [`${network}/networkInterfaces/VM`.toLowerCase()])
  t.equal(backendsOf('Standard'), undefined)
})

t.test('reads a firewall in a network and one in a hub', async (t) => {
  const properties = {
    ipConfigurations: [
      {
        properties: {
          privateIPAddress: '10.1.0.4',
          subnet: { id: '/subnet' },
          publicIPAddress: { id: '/ip1' },
        },
      },
      { properties: { publicIPAddress: { id: '/ip2' } } },
    ],
    managementIpConfiguration: { properties: { publicIPAddress: { id: '/management' } } },
    sku: { name: 'AZFW_VNet', tier: 'Premium' },
  }
  t.strictSame(toFirewallFacts(new BodyReader({ id: '/fw', properties })), {
    id: '/fw',
    tier: 'Premium',
    privateAddresses: ['10.1.0.4'],
    publicIpIds: ['/ip1', '/ip2'],
    hubPublicAddresses: [],
    virtualHubId: null,
    hasManagementInterface: true,
    subnetIds: ['/subnet'],
    policyId: null,
    dnsProxy: false,
    dnsServers: [],
    collections: [],
  })
  const hub = { hubIPAddresses: { privateIPAddress: '10.2.0.4' }, virtualHub: { id: '/hub' } }
  t.match(toFirewallFacts(new BodyReader({ id: '/fw', properties: hub })), {
    privateAddresses: ['10.2.0.4'],
    virtualHubId: '/hub',
    hasManagementInterface: false,
    subnetIds: [],
  })
})

t.test('reports a malformed resource of any kind as unreadable', async (t) => {
  const nonsense: JsonObject[] = [
    {},
    { id: 7 },
    { id: null },
    { id: '/x', properties: [] },
    { id: '/x', properties: 'text' },
  ]
  for (const kind of NETWORK_KINDS) {
    for (const body of nonsense) {
      t.throws(() => NETWORK_MAPPERS[kind](new BodyReader(body)), ArmFault, `${kind} ${JSON.stringify(body)}`)
    }
  }
})

t.test('reads the NAT gateway of a whole virtual network', async (t) => {
  const peering = { peeringState: 'Connected', useRemoteGateways: true, remoteVirtualNetwork: { id: '/hub' } }
  const body = {
    id: '/vnet',
    properties: {
      addressSpace: { addressPrefixes: ['10.0.0.0/8'] },
      dhcpOptions: { dnsServers: ['10.0.0.4'] },
      defaultPublicNatGateway: { id: '/nat' },
      virtualNetworkPeerings: [{ name: 'to-hub', properties: peering }],
      subnets: [
        { id: '/g', name: 'GatewaySubnet', properties: { ipConfigurations: [{ id: '/gateway' }] } },
        {
          id: '/s',
          name: 'nodes',
          properties: {
            serviceEndpoints: [{ service: 'Microsoft.Storage' }],
            delegations: [{ properties: { serviceName: 'Microsoft.Web/serverFarms' } }],
            applicationGatewayIPConfigurations: [{ id: '/agw' }],
          },
        },
      ],
    },
  }
  const facts = toVirtualNetworkFacts(new BodyReader(body))
  t.match(facts, {
    addressPrefixes: ['10.0.0.0/8'],
    dnsServers: ['10.0.0.4'],
    natGatewayId: '/nat',
    hasVirtualNetworkGateway: true,
    hasRouteServer: false,
    peerings: [
      { name: 'to-hub', remoteVirtualNetworkId: '/hub', useRemoteGateways: true, isConnected: true },
    ],
  })
  t.match(facts.subnets[1], {
    serviceEndpoints: ['Microsoft.Storage'],
    delegations: ['Microsoft.Web/serverFarms'],
    hasApplicationGateway: true,
  })
})

t.test('reads the subnet of an application gateway in the virtual network of AKS', async (t) => {
  const file = new URL('../../data/arm-bodies/application-gateway-subnet.json', import.meta.url)
  const subnet = { ...JSON.parse(readFileSync(file, 'utf8')), id: '/vnet/subnets/ingress-appgateway-subnet' }
  const network = { id: '/vnet', properties: { subnets: [subnet, { id: '/vnet/subnets/aks-subnet' }] } }
  t.match(toVirtualNetworkFacts(new BodyReader(network)).subnets, [
    { hasApplicationGateway: true, delegations: [] },
    { hasApplicationGateway: false },
  ])
})

t.test('reads the gateway of a whole virtual network and the addresses of a hub firewall', async (t) => {
  const gateway = { id: '/n', properties: { sourceVirtualNetwork: { id: '/vnet' } } }
  t.equal(toNatGatewayFacts(new BodyReader(gateway)).sourceVirtualNetworkId, '/vnet')
  const hubIPAddresses = {
    privateIPAddress: '10.9.0.4',
    publicIPs: { count: 1, addresses: [{ address: '20.1.1.1' }] },
  }
  const firewall = toFirewallFacts(new BodyReader({ id: '/f', properties: { hubIPAddresses } }))
  t.strictSame([firewall.privateAddresses, firewall.hubPublicAddresses], [['10.9.0.4'], ['20.1.1.1']])
})
