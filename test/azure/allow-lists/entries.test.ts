import t from 'tap'
import type { JsonObject } from '../../../src/contract/json.ts'
import { entriesBelow, entriesOfRow } from '../support/graph.ts'

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

t.test('reads the rules of storage accounts, key vaults and Cognitive Services accounts', async (t) => {
  const networkAcls = {
    bypass: 'AzureServices',
    virtualNetworkRules: [],
    ipRules: [
      { value: '20.1.2.3', action: 'Allow' },
      { value: '20.1.3.0/24', action: 'Allow' },
    ],
    defaultAction: 'Deny',
  }
  for (const type of [
    'Microsoft.Storage/storageAccounts',
    'Microsoft.KeyVault/vaults',
    'Microsoft.CognitiveServices/accounts',
  ]) {
    t.strictSame(
      short(await entriesOfRow(t, type, { networkAcls })),
      [
        ['/properties/networkAcls/ipRules/0', null, '20.1.2.3', 'allow', true],
        ['/properties/networkAcls/ipRules/1', null, '20.1.3.0/24', 'allow', true],
      ],
      type,
    )
    t.strictSame(await entriesOfRow(t, type, { networkAcls: null }), [], `${type} without rules`)
  }
})

t.test('reports a list as not in force when its resource allows everyone or no one', async (t) => {
  const acls = (defaultAction: string) => ({ ipRules: [{ value: '20.1.2.3' }], defaultAction })
  const type = 'Microsoft.KeyVault/vaults'
  const inForce = async (columns: Parameters<typeof entriesOfRow>[2]) =>
    (await entriesOfRow(t, type, columns))[0]?.inForce
  t.equal(await inForce({ networkAcls: acls('Deny') }), true)
  t.equal(await inForce({ networkAcls: acls('Allow') }), false)
  t.equal(await inForce({ networkAcls: acls('Deny'), publicNetworkAccess: 'Disabled' }), false)
  t.equal(await inForce({ networkAcls: acls('Deny'), publicNetworkAccess: 'Enabled' }), true)
})

t.test('reads the rules of a registry and of a Cosmos DB account in both of its forms', async (t) => {
  const networkRuleSet = { defaultAction: 'Deny', ipRules: [{ action: 'Allow', value: '20.1.2.3' }] }
  t.strictSame(short(await entriesOfRow(t, 'Microsoft.ContainerRegistry/registries', { networkRuleSet })), [
    ['/properties/networkRuleSet/ipRules/0', null, '20.1.2.3', 'allow', true],
  ])
  const cosmos = 'Microsoft.DocumentDB/databaseAccounts'
  const ipRules = [{ ipAddressOrRange: '20.1.0.0/16' }, { ipAddressOrRange: '0.0.0.0' }]
  t.strictSame(
    short(await entriesOfRow(t, cosmos, { ipRules, ipRangeFilter: null })).map(([place, , text]) => [
      place,
      text,
    ]),
    [
      ['/properties/ipRules/0', '20.1.0.0/16'],
      ['/properties/ipRules/1', '0.0.0.0'],
    ],
  )
  t.strictSame(
    (await entriesOfRow(t, cosmos, { ipRules: [], ipRangeFilter: '20.1.2.3, 20.2.0.0/16' })).map(
      ({ text }) => text,
    ),
    ['20.1.2.3', '20.2.0.0/16'],
  )
})

t.test("reads another cluster's authorized ranges, and leaves service tags out", async (t) => {
  const entries = await entriesOfRow(t, 'Microsoft.ContainerService/managedClusters', {
    authorizedIPRanges: ['AzureDevOps', '20.1.2.3/32'],
  })
  t.strictSame(short(entries), [
    ['/properties/apiServerAccessProfile/authorizedIPRanges/1', null, '20.1.2.3/32', 'allow', true],
  ])
})

t.test('reads the sources of inbound rules of a network security group, and no wildcards', async (t) => {
  const rule = (name: string, properties: JsonObject) => ({
    name,
    id: `/nsg/securityRules/${name}`,
    properties: { protocol: 'Tcp', access: 'Allow', priority: 100, direction: 'Inbound', ...properties },
  })
  const entries = await entriesOfRow(t, 'Microsoft.Network/networkSecurityGroups', {
    securityRules: [
      rule('one', { sourceAddressPrefix: '20.1.2.3', sourceAddressPrefixes: [] }),
      rule('many', { access: 'Deny', sourceAddressPrefixes: ['20.1.2.3/32', '2001:db8::/32'] }),
      rule('any', { sourceAddressPrefix: '*' }),
      rule('tag', { sourceAddressPrefix: 'Internet' }),
      rule('out', { direction: 'Outbound', sourceAddressPrefix: '20.1.2.3' }),
    ],
  })
  t.strictSame(short(entries), [
    ['/properties/securityRules/0/properties/sourceAddressPrefix', 'one', '20.1.2.3', 'allow', true],
    ['/properties/securityRules/1/properties/sourceAddressPrefixes/0', 'many', '20.1.2.3/32', 'deny', true],
    ['/properties/securityRules/1/properties/sourceAddressPrefixes/1', 'many', '2001:db8::/32', 'deny', true],
  ])
})

t.test('reads classic firewall rules of every kind, and IP groups with their ranges', async (t) => {
  const collection = (name: string, type: string, sourceAddresses: string[]) => ({
    name,
    properties: {
      priority: 112,
      action: { type },
      rules: [{ name: 'rule', sourceAddresses, sourceIpGroups: [] }],
    },
  })
  const entries = await entriesOfRow(t, 'Microsoft.Network/azureFirewalls', {
    networkRuleCollections: [collection('net', 'Deny', ['20.1.2.3'])],
    natRuleCollections: [collection('nat', 'Dnat', ['20.1.2.0-20.1.2.9'])],
    applicationRuleCollections: [collection('app', 'Allow', ['*', '10.0.0.0/8'])],
  })
  const at = (kind: string, nth: number) => `/properties/${kind}/0/properties/rules/0/sourceAddresses/${nth}`
  t.strictSame(short(entries), [
    [at('networkRuleCollections', 0), 'net/rule', '20.1.2.3', 'deny', true],
    [at('natRuleCollections', 0), 'nat/rule', '20.1.2.0-20.1.2.9', 'allow', true],
    [at('applicationRuleCollections', 1), 'app/rule', '10.0.0.0/8', 'allow', true],
  ])
  const group = await entriesOfRow(t, 'Microsoft.Network/ipGroups', {
    ipAddresses: ['13.64.39.16/32', '40.74.146.80/31', '40.74.147.32-40.74.147.40'],
  })
  t.strictSame(
    group.map(({ block, effect }) => [block, effect]),
    [
      [{ cidr: '13.64.39.16/32' }, 'other'],
      [{ cidr: '40.74.146.80/31' }, 'other'],
      [{ first: '40.74.147.32', last: '40.74.147.40' }, 'other'],
    ],
  )
})

t.test('inverts a negated WAF condition, and reads conditions on the client address only', async (t) => {
  const condition = (more: JsonObject): JsonObject => ({
    matchVariable: 'RemoteAddr',
    operator: 'IPMatch',
    negateCondition: false,
    matchValue: ['20.1.2.3'],
    transforms: [],
    ...more,
  })
  const rule = (name: string, action: string, ...matchConditions: JsonObject[]) => ({
    name,
    priority: 1,
    enabledState: 'Enabled',
    ruleType: 'MatchRule',
    matchConditions,
    action,
  })
  const entries = await entriesOfRow(t, 'Microsoft.Network/frontDoorWebApplicationFirewallPolicies', {
    policySettings: { enabledState: 'Enabled', mode: 'Prevention' },
    customRules: {
      rules: [
        rule('only', 'Block', condition({ negateCondition: true })),
        rule('never', 'Block', condition({ matchVariable: 'SocketAddr' })),
        rule('watch', 'Log', condition({})),
        rule('geo', 'Block', condition({ operator: 'GeoMatch', matchValue: ['CH'] }), condition({})),
        { ...rule('off', 'Allow', condition({})), enabledState: 'Disabled' },
        rule('uri', 'Block', condition({ matchVariable: 'RequestUri' })),
      ],
    },
  })
  t.strictSame(
    short(entries).map(([place, name, , effect, inForce]) => [place, name, effect, inForce]),
    [
      ['/properties/customRules/rules/0/matchConditions/0/matchValue/0', 'only', 'allow', true],
      ['/properties/customRules/rules/1/matchConditions/0/matchValue/0', 'never', 'deny', true],
      ['/properties/customRules/rules/2/matchConditions/0/matchValue/0', 'watch', 'other', true],
      ['/properties/customRules/rules/3/matchConditions/1/matchValue/0', 'geo', 'deny', true],
      ['/properties/customRules/rules/4/matchConditions/0/matchValue/0', 'off', 'allow', false],
    ],
  )
})

t.test(
  'reads the custom rules of an Application Gateway policy, with its spelling of negation',
  async (t) => {
    const rule = (name: string, negationConditon: boolean, variableName = 'RemoteAddr') => ({
      name,
      priority: 1,
      ruleType: 'MatchRule',
      action: 'Block',
      matchConditions: [
        {
          matchVariables: [{ variableName, selector: null }],
          operator: 'IPMatch',
          negationConditon,
          matchValues: ['192.168.1.0/24', '20.1.2.3'],
        },
      ],
    })
    const type = 'Microsoft.Network/ApplicationGatewayWebApplicationFirewallPolicies'
    const customRules = [rule('listed', true), rule('blocked', false), rule('agent', false, 'RequestHeaders')]
    t.strictSame(
      short(await entriesOfRow(t, type, { policySettings: { state: 'Enabled' }, customRules })),
      ['listed', 'blocked'].flatMap((name, index) =>
        ['192.168.1.0/24', '20.1.2.3'].map((text, nth) => [
          `/properties/customRules/${index}/matchConditions/0/matchValues/${nth}`,
          name,
          text,
          name === 'listed' ? 'allow' : 'deny',
          true,
        ]),
      ),
    )
    const [off] = await entriesOfRow(t, type, { policySettings: { state: 'Disabled' }, customRules })
    t.equal(off?.inForce, false)
  },
)
