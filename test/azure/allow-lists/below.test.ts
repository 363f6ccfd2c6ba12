import t from 'tap'
import { entriesBelow } from './graph.ts'

const short = (
  entries: { place: string; rule: string | null; text: string; effect: string; inForce: boolean }[],
) => entries.map(({ place, rule, text, effect, inForce }) => [place, rule, text, effect, inForce])

t.test('reads the firewall rules of SQL, PostgreSQL and MySQL servers as ranges', async (t) => {
  const rule = (name: string, startIpAddress: string, endIpAddress: string) => ({
    id: `/x/firewallRules/${name}`,
    name,
    properties: { startIpAddress, endIpAddress },
  })
  const value = [
    rule('AllowAllWindowsAzureIps', '0.0.0.0', '0.0.0.0'),
    rule('one', '20.1.2.3', '20.1.2.3'),
    rule('office', '20.1.2.0', '20.1.2.99'),
  ]
  for (const type of [
    'Microsoft.Sql/servers',
    'Microsoft.DBforPostgreSQL/flexibleServers',
    'Microsoft.DBforMySQL/flexibleServers',
  ]) {
    const entries = await entriesBelow(t, type, 'firewallRules', { value })
    t.strictSame(short(entries).slice(1), [
      ['/firewallRules/one', 'one', '20.1.2.3', 'allow', true],
      ['/firewallRules/office', 'office', '20.1.2.0-20.1.2.99', 'allow', true],
    ])
    t.strictSame(entries[2]?.block, { first: '20.1.2.0', last: '20.1.2.99' }, type)
    const off = await entriesBelow(t, type, 'firewallRules', { value }, { publicNetworkAccess: 'Disabled' })
    t.ok(off.every(({ inForce }) => !inForce))
  }
})

t.test('reads the network rule sets of Event Hubs and Service Bus', async (t) => {
  for (const type of ['Microsoft.EventHub/namespaces', 'Microsoft.ServiceBus/namespaces']) {
    const properties = {
      defaultAction: 'Deny',
      publicNetworkAccess: 'Enabled',
      ipRules: [{ ipMask: '1.1.1.1', action: 'Allow' }],
    }
    const of = (more: object) =>
      entriesBelow(t, type, 'networkRuleSets/default', {
        name: 'default',
        properties: { ...properties, ...more },
      })
    t.strictSame(short(await of({})), [
      ['/networkRuleSets/default/properties/ipRules/0', null, '1.1.1.1', 'allow', true],
    ])
    t.equal((await of({ defaultAction: 'Allow' }))[0]?.inForce, false)
    t.equal((await of({ publicNetworkAccess: 'Disabled' }))[0]?.inForce, false)
  }
})

t.test(
  'reads the access restrictions of an app and of its deployment site, with masks and commas',
  async (t) => {
    const properties = {
      ipSecurityRestrictions: [
        { ipAddress: '20.1.2.3/32,20.1.4.0/24', action: 'Allow', tag: 'Default', priority: 1, name: 'aks' },
        { ipAddress: '20.1.2.0', subnetMask: '255.255.255.0', name: 'old' },
        { ipAddress: 'AzureCloud', action: 'Allow', tag: 'ServiceTag', priority: 2, name: 'tag' },
        { ipAddress: 'Any', action: 'Deny', priority: 2147483647, name: 'Deny all' },
      ],
      scmIpSecurityRestrictions: [{ ipAddress: '20.1.2.3/32', action: 'Deny', name: 'scm' }],
      scmIpSecurityRestrictionsUseMain: true,
    }
    const place = '/config/web/properties'
    for (const type of ['Microsoft.Web/sites', 'Microsoft.Web/sites/slots'])
      t.strictSame(short(await entriesBelow(t, type, 'config/web', { name: 'web', properties })), [
        [`${place}/ipSecurityRestrictions/0`, 'aks', '20.1.2.3/32', 'allow', true],
        [`${place}/ipSecurityRestrictions/0`, 'aks', '20.1.4.0/24', 'allow', true],
        [`${place}/ipSecurityRestrictions/1`, 'old', '20.1.2.0/24', 'allow', true],
        [`${place}/scmIpSecurityRestrictions/0`, 'scm', '20.1.2.3/32', 'deny', false],
      ])
  },
)

t.test('reads the rule collection groups of a firewall policy', async (t) => {
  const group = {
    name: 'ruleCollectionGroup1',
    properties: {
      priority: 110,
      ruleCollections: [
        {
          ruleCollectionType: 'FirewallPolicyFilterRuleCollection',
          name: 'Example-Filter-Rule-Collection',
          action: { type: 'Deny' },
          rules: [
            {
              ruleType: 'NetworkRule',
              name: 'network-rule1',
              sourceAddresses: ['10.1.25.0/24', '20.1.2.3'],
              destinationAddresses: ['*'],
            },
          ],
        },
        {
          ruleCollectionType: 'FirewallPolicyNatRuleCollection',
          name: 'nat',
          action: { type: 'DNAT' },
          rules: [{ ruleType: 'NatRule', name: 'n', sourceAddresses: ['2.2.2.2'], sourceIpGroups: [] }],
        },
      ],
    },
  }
  const entries = await entriesBelow(t, 'Microsoft.Network/firewallPolicies', 'ruleCollectionGroups', {
    value: [group],
  })
  const at = (collection: number, nth: number) =>
    `/ruleCollectionGroups/ruleCollectionGroup1/properties/ruleCollections/${collection}/rules/0/sourceAddresses/${nth}`
  t.strictSame(short(entries), [
    [at(0, 0), 'Example-Filter-Rule-Collection/network-rule1', '10.1.25.0/24', 'deny', true],
    [at(0, 1), 'Example-Filter-Rule-Collection/network-rule1', '20.1.2.3', 'deny', true],
    [at(1, 0), 'nat/n', '2.2.2.2', 'allow', true],
  ])
})

t.test('reads the IP filters in the policy of an API Management service, and no comments', async (t) => {
  const value = `<policies><inbound>
    <!-- <ip-filter action="allow"><address>9.9.9.9</address></ip-filter> -->
    <ip-filter action="allow">
      <address>13.66.201.169</address>
      <address>{{named}}</address>
      <address-range from="13.66.140.128" to="13.66.140.143" />
    </ip-filter>
    <ip-filter action='forbid'><address> 20.1.2.3 </address></ip-filter>
  </inbound></policies>`
  const body = { id: '/policies/policy', name: 'policy', properties: { format: 'xml', value } }
  const entries = await entriesBelow(t, 'Microsoft.ApiManagement/service', 'policies/policy', body)
  t.strictSame(short(entries), [
    ['/policies/policy/inbound/ip-filter/0/0', 'ip-filter', '13.66.201.169', 'allow', true],
    ['/policies/policy/inbound/ip-filter/0/2', 'ip-filter', '13.66.140.128-13.66.140.143', 'allow', true],
    ['/policies/policy/inbound/ip-filter/1/0', 'ip-filter', '20.1.2.3', 'deny', true],
  ])
})
