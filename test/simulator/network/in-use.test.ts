import t from 'tap'
import { gateway, id, network, put, STANDARD, subnet, url } from '../support/network.ts'
import { simulated } from '../support/simulated.ts'

const DELETES: { path: string; code: string; message: RegExp; before?: Record<string, object> }[] = [
  {
    path: 'virtualNetworks/vnet-lb-byo/subnets/nodes',
    code: 'InUseSubnetCannotBeDeleted',
    message:
      /^Subnet nodes is in use by \S+\/virtualMachineScaleSets\/aks-system-\d+-vmss and cannot be deleted\./,
  },
  { path: 'virtualNetworks/vnet-lb-byo', code: 'InUseSubnetCannotBeDeleted', message: /^Subnet nodes / },
  {
    path: 'virtualNetworks/vnet-hub/subnets/AzureFirewallSubnet',
    code: 'InUseSubnetCannotBeDeleted',
    message: /^Subnet AzureFirewallSubnet is in use by \S+\/azureFirewalls\/fw-hub and/,
  },
  {
    path: 'publicIPAddresses/pip-natgw-nat-byo',
    code: 'PublicIPAddressCannotBeDeleted',
    message: /can not be deleted since it is still allocated to resource \S+\/natgw-nat-byo\. In order/,
  },
  {
    path: 'natGateways/natgw-lb-byo-nat-attached',
    code: 'CannotDeleteNatGatewayAssociatedToSubnet',
    message: /^NAT Gateway \S+ is still configured on 2 subnets\./,
  },
  {
    path: 'routeTables/rt-udr-byo',
    code: 'InUseRouteTableCannotBeDeleted',
    message: /following resources: \S+\/vnet-udr-byo\/subnets\/nodes\./,
  },
  {
    path: 'networkSecurityGroups/nsg',
    before: {
      'networkSecurityGroups/nsg': { location: 'eastus', properties: {} },
      'virtualNetworks/v': network([
        subnet('a', {
          addressPrefix: '10.9.0.0/24',
          networkSecurityGroup: { id: id('networkSecurityGroups/nsg') },
        }),
      ]),
    },
    code: 'InUseNetworkSecurityGroupCannotBeDeleted',
    message:
      /^Network security group \S+ cannot be deleted because it is in use by the following resources: /,
  },
  {
    path: 'publicIPPrefixes/p',
    before: {
      'publicIPPrefixes/p': { ...STANDARD, properties: { prefixLength: 31 } },
      'natGateways/g': gateway({ publicIpPrefixes: [{ id: id('publicIPPrefixes/p') }] }),
    },
    code: 'InUsePublicIpPrefixCannotBeDeleted',
    message: /natGateways\/g\./,
  },
  {
    path: 'firewallPolicies/fwp-company',
    code: 'InUseFirewallPolicyCannotBeDeleted',
    message: /fwp-branch/,
  },
]

// One simulator for all: what is rejected leaves nothing behind.
const azure = simulated(t)
for (const { path, code, message, before = {} } of DELETES)
  t.test(`rejects to delete ${path}, which is in use`, async (t) => {
    for (const [other, given] of Object.entries(before)) await put(azure, other, given)
    const answer = await azure.ask('DELETE', url(path))
    t.strictSame([answer.status, String(answer.body.error?.code)], [400, code])
    t.match(String(answer.body.error?.message), message)
    await azure.advance(5)
    t.equal((await azure.ask('GET', url(path))).status, 200)
  })

t.test('rejects the subnet of an API server, and deletes an empty network', async (t) => {
  const azure = simulated(t)
  await put(azure, 'virtualNetworks/v', network([subnet('api', { addressPrefix: '10.9.0.0/24' })]))
  const cluster = await azure.cluster('lb-managed')
  const properties = {
    ...cluster.properties,
    apiServerAccessProfile: { subnetId: id('virtualNetworks/v/subnets/api') },
  }
  await azure.ask('POST', '/simulator/resources', { put: [{ ...cluster, properties }] })
  t.equal(
    String((await azure.ask('DELETE', url('virtualNetworks/v'))).body.error?.code),
    'InUseSubnetCannotBeDeleted',
  )
  await azure.ask('POST', '/simulator/resources', { put: [cluster] })
  t.equal((await azure.ask('DELETE', url('virtualNetworks/v'))).status, 202)
  await azure.advance(5)
  t.equal((await azure.ask('GET', url('virtualNetworks/v'))).status, 404)
})
