import t from 'tap'
import { addresses, gateway, id, NETWORK, network, put, STANDARD, subnet, url } from '../support/network.ts'
import { type Loose, listOf, simulated } from '../support/simulated.ts'

/** One write that Azure rejects, with what must exist for it. */
interface Case {
  name: string
  code: string
  path: string
  body: object
  before?: Record<string, object>
  status?: number
  message?: RegExp
}

const table = (...routes: object[]) => ({
  location: 'eastus',
  properties: { routes: routes.map((properties, index) => ({ name: `r${index}`, properties })) },
})
const route = (properties: object) => ({ path: 'routeTables/rt-new/routes/r', body: { properties } })
const TABLE = { 'routeTables/rt-new': table() }
const WEST = { ...STANDARD, location: 'westus2' }

const CASES: Case[] = [
  {
    name: 'a Standard public IP with dynamic allocation',
    path: 'publicIPAddresses/new',
    body: { ...STANDARD, properties: { publicIPAllocationMethod: 'Dynamic' } },
    code: 'StandardSkuPublicIPAddressesMustBeStatic',
    message: /^Standard sku publicIp \/subscriptions\/\S+\/new must have AllocationMethod set to Static\.$/,
  },
  {
    name: 'a public IP with an idle timeout of 31 minutes',
    path: 'publicIPAddresses/new',
    body: { ...STANDARD, properties: { idleTimeoutInMinutes: 31 } },
    code: 'InvalidIdleTimeout',
  },
  {
    name: 'a public IP from a prefix that does not exist',
    path: 'publicIPAddresses/new',
    body: { ...STANDARD, properties: { publicIPPrefix: { id: id('publicIPPrefixes/none') } } },
    code: 'InvalidResourceReference',
  },
  {
    name: 'a public IP that moves to another region',
    path: 'publicIPAddresses/pip-fw-hub-1',
    body: WEST,
    code: 'InvalidResourceLocation',
    status: 409,
  },
  ...[20, 32, 27.5].map((prefixLength) => ({
    name: `a prefix of length ${prefixLength}`,
    path: 'publicIPPrefixes/new',
    body: { ...STANDARD, properties: { prefixLength } },
    code: 'InvalidPublicIpPrefixLength',
  })),
  {
    name: 'an IPv6 prefix with the length of an IPv4 one',
    path: 'publicIPPrefixes/new',
    body: { ...STANDARD, properties: { prefixLength: 28, publicIPAddressVersion: 'IPv6' } },
    code: 'InvalidPublicIpPrefixLength',
  },
  {
    name: 'a NAT gateway with an idle timeout of 500 minutes',
    path: 'natGateways/new',
    body: gateway({ idleTimeoutInMinutes: 500 }),
    code: 'InvalidIdleTimeout',
  },
  {
    name: 'a NAT gateway with the address of another one',
    path: 'natGateways/new',
    body: gateway(addresses('pip-natgw-nat-byo')),
    code: 'PublicIPAddressInUse',
    message:
      /^Resource \S+\/natGateways\/new is referencing public IP address \S+ that is already allocated to resource \S+\/natGateways\/natgw-nat-byo\.$/,
  },
  {
    name: 'a NAT gateway with the address of a firewall',
    path: 'natGateways/new',
    body: gateway(addresses('pip-fw-hub-1')),
    code: 'PublicIPAddressInUse',
  },
  {
    name: 'a load balancer with the address of a NAT gateway',
    path: 'loadBalancers/new',
    body: {
      ...STANDARD,
      properties: {
        frontendIPConfigurations: [
          {
            name: 'f',
            id: id('loadBalancers/new/frontendIPConfigurations/f'),
            properties: { publicIPAddress: { id: id('publicIPAddresses/pip-natgw-nat-byo') } },
          },
        ],
      },
    },
    code: 'PublicIPAddressInUse',
  },
  {
    name: 'a NAT gateway with the prefix of another one',
    before: {
      'publicIPPrefixes/p': { ...STANDARD, properties: { prefixLength: 31 } },
      'natGateways/first': gateway({ publicIpPrefixes: [{ id: id('publicIPPrefixes/p') }] }),
    },
    path: 'natGateways/new',
    body: gateway({ publicIpPrefixes: [{ id: id('publicIPPrefixes/p') }] }),
    code: 'PublicIPPrefixInUse',
  },
  {
    name: 'a NAT gateway with an address of another region',
    before: { 'publicIPAddresses/west': WEST },
    path: 'natGateways/new',
    body: gateway(addresses('west')),
    code: 'InvalidResourceReference',
    message: /both resources are in the same region\.$/,
  },
  {
    name: 'a NAT gateway with a Basic address',
    before: { 'publicIPAddresses/basic': { location: 'eastus', sku: { name: 'Basic' } } },
    path: 'natGateways/new',
    body: gateway(addresses('basic')),
    code: 'NatGatewayAndPublicIpSkuDoNotMatch',
  },
  {
    name: 'a StandardV2 NAT gateway with a Standard address',
    before: { 'publicIPAddresses/standard': STANDARD },
    path: 'natGateways/new',
    body: gateway(addresses('standard'), { location: 'eastus', sku: { name: 'StandardV2' } }),
    code: 'NatGatewayAndPublicIpSkuDoNotMatch',
  },
  {
    name: 'IPv6 on a Standard NAT gateway',
    before: { 'publicIPAddresses/v6': { ...STANDARD, properties: { publicIPAddressVersion: 'IPv6' } } },
    path: 'natGateways/new',
    body: gateway({ publicIpAddressesV6: [{ id: id('publicIPAddresses/v6') }] }),
    code: 'NatGatewayStandardSkuDoesNotSupportIPv6',
  },
  {
    name: 'a virtual network with a subnet outside of it',
    path: 'virtualNetworks/new',
    body: network([subnet('a', { addressPrefix: '10.10.0.0/24' })]),
    code: 'NetcfgSubnetRangeOutsideVnet',
    message:
      /^Subnet 'a' is not valid because its IP address range is outside the IP address range of virtual network 'new'\.$/,
  },
  {
    name: 'a virtual network with subnets that overlap',
    path: 'virtualNetworks/new',
    body: network([
      subnet('a', { addressPrefix: '10.9.0.0/28' }),
      subnet('b', { addressPrefixes: ['10.9.1.0/24', '10.9.0.0/27'] }),
    ]),
    code: 'NetcfgSubnetRangesOverlap',
  },
  {
    name: 'a virtual network with overlapping IPv6 subnets',
    path: 'virtualNetworks/new',
    body: network(
      [subnet('a', { addressPrefix: 'fd00::/64' }), subnet('b', { addressPrefix: 'fd00::/64' })],
      ['fd00::/48'],
    ),
    code: 'NetcfgSubnetRangesOverlap',
  },
  {
    name: 'a subnet without a prefix',
    path: 'virtualNetworks/vnet-lb-byo/subnets/new',
    body: { properties: {} },
    code: 'AddressPrefixStringCannotBeNullOrEmpty',
  },
  {
    name: 'a subnet with an address for a prefix',
    path: 'virtualNetworks/vnet-lb-byo/subnets/new',
    body: { properties: { addressPrefix: '10.1.0.0' } },
    code: 'InvalidAddressPrefixFormat',
  },
  {
    name: 'a subnet whose prefix begins in the middle of a block',
    path: 'virtualNetworks/vnet-lb-byo/subnets/new',
    body: { properties: { addressPrefix: '10.1.0.5/24' } },
    code: 'InvalidCIDRNotation',
  },
  {
    name: 'a subnet outside its virtual network',
    path: 'virtualNetworks/vnet-lb-byo/subnets/new',
    body: { properties: { addressPrefix: '192.168.0.0/24' } },
    code: 'NetcfgSubnetRangeOutsideVnet',
  },
  ...['natGateway', 'routeTable', 'networkSecurityGroup'].map((member) => ({
    name: `a subnet with a ${member} that does not exist`,
    path: 'virtualNetworks/new',
    body: network([subnet('a', { addressPrefix: '10.9.0.0/24', [member]: { id: id(`${member}s/none`) } })]),
    code: 'InvalidResourceReference',
  })),
  {
    name: 'a subnet with the NAT gateway of another region',
    before: { 'natGateways/west': gateway({}, WEST) },
    path: 'virtualNetworks/new',
    body: network([
      subnet('a', { addressPrefix: '10.9.0.0/24', natGateway: { id: id('natGateways/west') } }),
    ]),
    code: 'InvalidResourceReference',
  },
  {
    name: 'a subnet with the NAT gateway of another virtual network',
    path: 'virtualNetworks/new',
    body: network([
      subnet('a', { addressPrefix: '10.9.0.0/24', natGateway: { id: id('natGateways/natgw-nat-byo') } }),
    ]),
    code: 'NatGatewayCannotBeUsedBySubnetsBelongingToDifferentVirtualNetworks',
    message:
      /is currently used on virtual network \S+\/vnet-nat-byo and cannot be added to virtual network \S+\/new\.$/,
  },
  {
    name: 'a virtual network that loses the subnet of nodes',
    path: 'virtualNetworks/vnet-lb-byo',
    body: network([], ['10.0.0.0/8']),
    code: 'InUseSubnetCannotBeDeleted',
  },
  {
    name: 'another prefix for the subnet of nodes',
    path: 'virtualNetworks/vnet-lb-byo',
    body: network([subnet('nodes', { addressPrefix: '10.9.0.0/24' })], ['10.0.0.0/8']),
    code: 'InUsePrefixCannotBeDeleted',
  },
  ...['10.0.0.0/33', '300.1.1.1/8', 'everything', '10.0.0.0', 'a.b', '::/129'].map((addressPrefix) => ({
    name: `a route for ${addressPrefix}`,
    before: TABLE,
    ...route({ addressPrefix, nextHopType: 'None' }),
    code: 'InvalidAddressPrefixFormat',
  })),
  {
    name: 'a route without a prefix',
    before: TABLE,
    ...route({ nextHopType: 'None' }),
    code: 'AddressPrefixStringCannotBeNullOrEmpty',
  },
  {
    name: 'a route with an unknown next hop type',
    before: TABLE,
    ...route({ addressPrefix: '0.0.0.0/0', nextHopType: 'Firewall' }),
    code: 'InvalidRequestFormat',
  },
  {
    name: 'a route to an appliance without its address',
    before: TABLE,
    ...route({ addressPrefix: '0.0.0.0/0', nextHopType: 'virtualAppliance' }),
    code: 'MissingNextHopIpAddress',
    message: /^NextHopIpAddress cannot be Null or Empty in route r when NextHopType is VirtualAppliance\.$/,
  },
  ...[
    { nextHopType: 'VirtualAppliance', nextHopIpAddress: 'firewall' },
    { nextHopType: 'Internet', nextHopIpAddress: '10.0.0.4' },
    { nextHopType: 'VirtualApplianceEcmp' },
    { nextHopType: 'VirtualApplianceEcmp', nextHop: { nextHopIpAddresses: ['10.0.0.4'] } },
    { nextHopType: 'VirtualApplianceEcmp', nextHop: { nextHopIpAddresses: ['10.0.0.4', 'x'] } },
    { nextHopType: 'None', nextHop: { nextHopIpAddresses: ['10.0.0.4', '10.0.0.5'] } },
  ].map((hop) => ({
    name: `a route with ${JSON.stringify(hop)}`,
    path: 'routeTables/new',
    body: table({ addressPrefix: '0.0.0.0/0', ...hop }),
    code: 'InvalidNextHopIpAddress',
  })),
]

// One simulator for all: what is rejected leaves nothing behind.
const azure = simulated(t)
for (const { name, path, body, before = {}, status = 400, code, message } of CASES)
  t.test(`rejects ${name}`, async (t) => {
    for (const [other, given] of Object.entries(before))
      t.ok((await put(azure, other, given)).status < 300, other)
    const present = (await azure.ask('GET', url(path))).body
    const answer = await put(azure, path, body)
    t.strictSame([answer.status, String(answer.body.error?.code)], [status, code])
    if (message !== undefined) t.match(String(answer.body.error?.message), message)
    t.strictSame((await azure.ask('GET', url(path))).body, present, 'nothing was written')
  })

t.test('accepts values at the limits and repeats a write', async (t) => {
  const azure = simulated(t)
  const accepted: [string, object][] = [
    ['publicIPAddresses/a', { ...STANDARD, properties: { idleTimeoutInMinutes: 30 } }],
    [
      'publicIPAddresses/basic',
      { location: 'eastus', sku: { name: 'Basic' }, properties: { publicIPAllocationMethod: 'Dynamic' } },
    ],
    ['publicIPPrefixes/p', { ...STANDARD, properties: { prefixLength: 28 } }],
    [
      'publicIPPrefixes/p6',
      { ...STANDARD, properties: { prefixLength: 127, publicIPAddressVersion: 'IPv6' } },
    ],
    [
      'natGateways/g',
      gateway({
        idleTimeoutInMinutes: 120,
        ...addresses('a'),
        publicIpPrefixes: [{ id: id('publicIPPrefixes/p') }],
      }),
    ],
    [
      'routeTables/rt',
      table(
        { addressPrefix: 'AzureCloud.eastus', nextHopType: 'Internet' },
        { addressPrefix: 'ApiManagement', nextHopType: 'none' },
        {
          addressPrefix: '0.0.0.0/0',
          nextHopType: 'VirtualApplianceEcmp',
          nextHop: { nextHopIpAddresses: ['10.0.0.4', '10.0.0.5'] },
        },
        { addressPrefix: '::/0', nextHopType: 'VirtualAppliance', nextHopIpAddress: 'fd00::4' },
      ),
    ],
    [
      'virtualNetworks/v',
      network([
        subnet('a', {
          addressPrefix: '10.9.0.0/25',
          natGateway: { id: id('natGateways/g') },
          routeTable: { id: id('routeTables/rt') },
        }),
        subnet('b', { addressPrefixes: ['10.9.0.128/25'], natGateway: { id: id('natGateways/g') } }),
      ]),
    ],
  ]
  for (const status of [201, 200])
    for (const [path, body] of accepted) t.equal((await put(azure, path, body)).status, status, path)
  const body = (await azure.ask('GET', url('virtualNetworks/vnet-nat-byo'))).body
  t.equal(
    (await put(azure, 'virtualNetworks/vnet-nat-byo', body)).status,
    200,
    'a network with nodes as it was read',
  )
})

t.test(
  'keeps properties without a default, and shows the gateway of a virtual network on both resources',
  async (t) => {
    const azure = simulated(t)
    const dhcpOptions = { dnsServers: ['10.9.0.4'] }
    const { properties, location } = network([subnet('a', { addressPrefix: '10.9.0.0/24' })])
    await put(azure, 'virtualNetworks/v', { location, properties: { ...properties, dhcpOptions } })
    const sourceVirtualNetwork = { id: id('virtualNetworks/v') }
    const wide = gateway(
      { sourceVirtualNetwork, publicIpAddresses: [] },
      { location, sku: { name: 'StandardV2' } },
    )
    t.equal((await put(azure, 'natGateways/g', wide)).status, 201)
    const { properties: shown } = (await azure.ask('GET', url('natGateways/g'))).body
    t.match(shown, { sourceVirtualNetwork })
    t.notOk(shown?.publicIpAddresses)
    const body = (await azure.ask('GET', url('virtualNetworks/v'))).body
    t.equal((await put(azure, 'virtualNetworks/v', body)).status, 200)
    t.match((await azure.ask('GET', url('virtualNetworks/v'))).body.properties, {
      dhcpOptions,
      defaultPublicNatGateway: { id: id('natGateways/g') },
    })
    await azure.ask('DELETE', url('natGateways/g'))
    await azure.advance(5)
    t.notOk((await azure.ask('GET', url('virtualNetworks/v'))).body.properties?.defaultPublicNatGateway)
  },
)

t.test('sends Retry-After of 10 s after a write, and the operation URL after a DELETE', async (t) => {
  const real = simulated(t, { mode: 'auto', timeScale: 1 })
  t.equal((await real.ask('PUT', url('publicIPAddresses/a'), STANDARD)).headers['retry-after'], '10')
  for (const options of [{ mode: 'auto' as const, timeScale: 20 }, {}]) {
    const fast = simulated(t, options)
    t.notOk((await fast.ask('PUT', url('publicIPAddresses/a'), STANDARD)).headers['retry-after'])
  }
  const azure = simulated(t)
  await put(azure, 'publicIPAddresses/a', STANDARD)
  const deleted = await azure.ask('DELETE', url('publicIPAddresses/a'))
  const place = (deleted.headers.location ?? '').replace(/^https?:\/\/[^/]+/, '')
  t.match(place, /\/operationResults\//)
  const running = await azure.ask('GET', place)
  t.strictSame([running.status, running.headers.location], [202, deleted.headers.location])
  await azure.advance(5)
  const done = await azure.ask('GET', place)
  t.strictSame([done.status, done.body, done.headers.location], [204, null, deleted.headers.location])
  t.ok(done.headers['azure-asyncoperation'])
})

t.test('every resource of the demo fleet is accepted as it was read', async (t) => {
  const azure = simulated(t)
  const { resources } = (await azure.ask('GET', '/simulator/state')).body as unknown as { resources: Loose[] }
  const own = listOf(resources as unknown as Loose).filter((body) =>
    /rg-demo\/providers\/Microsoft\.Network\/(virtualNetworks|natGateways|routeTables|publicIP\w+)\//.test(
      String(body.id),
    ),
  )
  t.ok(own.length > 30)
  for (const body of own) {
    const path = String(body.id).slice(NETWORK.length + 1)
    t.equal((await put(azure, path, body)).status, 200, path)
  }
})
