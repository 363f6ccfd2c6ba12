import t from 'tap'
import type { JsonObject } from '../../../src/core/json.ts'
import { entriesOfRow } from './graph.ts'

/** What a list shows of each entry, short enough to compare. */
const short = (
  entries: { place: string; rule: string | null; text: string; effect: string; inForce: boolean }[],
) => entries.map(({ place, rule, text, effect, inForce }) => [place, rule, text, effect, inForce])

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

t.test('says that a list is not in force where its resource admits everyone or nobody', async (t) => {
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

t.test('turns a negated WAF condition round, and reads conditions on the client address only', async (t) => {
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
