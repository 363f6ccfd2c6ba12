import t from 'tap'
import { BodyReader } from '../../../src/azure/client/body-reader.ts'
import { connectArm } from '../../../src/azure/connect/connect-arm.ts'
import { toClusterFacts } from '../../../src/azure/mapping/cluster.ts'
import { toFirewallFacts, toNetworkSecurityGroupFacts } from '../../../src/azure/mapping/firewall-and-nsg.ts'
import { aClusterBody, armServer, CLUSTER_PATH, faultOf, REF, SUBSCRIPTION } from '../support/arm-server.ts'

const arm = (endpoint: string) => connectArm({ endpoint, simulated: true, retries: { baseDelayMs: 1 } })
const NETWORK = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Network`
const POLICY = `${NETWORK}/firewallPolicies/policy`

t.test('reads all pages of the endpoints that AKS requires, with one entry for each port', async (t) => {
  const item = (category: string, endpoints: unknown[]) => ({ category, endpoints })
  const pages = [
    [
      item('images', [
        { domainName: 'mcr.microsoft.com', endpointDetails: [{ port: 443, protocol: 'Https' }] },
        { domainName: 'nothing.example', endpointDetails: [] },
      ]),
    ],
    [
      item('tunnel', [
        {
          domainName: 'api.example',
          endpointDetails: [
            { port: 9000, protocol: 'TCP' },
            { port: 1194, protocol: 'UDP' },
          ],
        },
        { endpointDetails: [{ ipAddress: '20.0.0.1', port: 443 }, { port: 1 }] },
      ]),
    ],
  ]
  const server = await armServer(t, ({ url }, nth) => ({
    status: 200,
    body: {
      value: pages[nth - 1],
      ...(nth === 1 ? { nextLink: `${server.endpoint}${url}&$skiptoken=2` } : {}),
    },
  }))
  t.strictSame(await arm(server.endpoint).listOutboundDependencies(REF), [
    { category: 'images', destination: 'mcr.microsoft.com', port: 443, protocol: 'Https' },
    { category: 'tunnel', destination: 'api.example', port: 9000, protocol: 'TCP' },
    { category: 'tunnel', destination: 'api.example', port: 1194, protocol: 'UDP' },
    { category: 'tunnel', destination: '20.0.0.1', port: 443, protocol: '' },
  ])
  t.equal(server.seen[0]?.url, `${CLUSTER_PATH}/outboundNetworkDependenciesEndpoints?api-version=2026-06-01`)
  t.equal(server.seen.length, 2)
})

t.test('rejects when one page fails', async (t) => {
  const server = await armServer(t, () => ({
    status: 403,
    body: { error: { code: 'AuthorizationFailed', message: 'no' } },
  }))
  t.match(await faultOf(arm(server.endpoint).listOutboundDependencies(REF)), { kind: 'denied' })
})

const rule = { sourceAddresses: ['*'], destinationAddresses: ['*'], destinationPorts: ['443'] }

t.test('reads a policy with its groups by priority, and omits inbound rules', async (t) => {
  const group = (name: string, priority: number, ruleCollections: unknown[]) => ({
    id: `${POLICY}/ruleCollectionGroups/${name}`,
    name,
    properties: { priority, ruleCollections },
  })
  const filter = (name: string, priority: number, rules: unknown[], type = 'Allow') => ({
    ruleCollectionType: 'FirewallPolicyFilterRuleCollection',
    name,
    priority,
    action: { type },
    rules,
  })
  const network = {
    ...rule,
    ruleType: 'NetworkRule',
    name: 'n',
    ipProtocols: ['TCP'],
    sourceIpGroups: ['/g'],
    destinationIpGroups: ['/h'],
  }
  const application = {
    ruleType: 'ApplicationRule',
    name: 'a',
    sourceAddresses: ['10.0.0.0/8'],
    protocols: [{ protocolType: 'Https', port: 443 }],
    targetFqdns: ['mcr.microsoft.com'],
    fqdnTags: ['AzureKubernetesService'],
    webCategories: ['News'],
  }
  const groups = [
    group('late', 300, [filter('deny', 100, [network], 'Deny')]),
    group('early', 200, [
      { ruleCollectionType: 'FirewallPolicyNatRuleCollection', name: 'dnat', priority: 1, rules: [rule] },
      filter('second', 200, [application]),
      filter('first', 100, [network]),
    ]),
  ]
  const server = await armServer(t, ({ url }) => ({
    status: 200,
    body: url.includes('/ruleCollectionGroups')
      ? { value: groups }
      : {
          id: POLICY,
          properties: {
            basePolicy: { id: '/base' },
            dnsSettings: { enableProxy: true, servers: ['10.0.0.4'] },
          },
        },
  }))
  const policy = await arm(server.endpoint).getFirewallPolicy(POLICY)
  t.match(policy, { id: POLICY, basePolicyId: '/base', dnsProxy: true, dnsServers: ['10.0.0.4'] })
  t.strictSame(
    policy.collections.map(({ name, kind, action }) => [name, kind, action]),
    [
      ['first', 'network', 'Allow'],
      ['second', 'application', 'Allow'],
      ['deny', 'network', 'Deny'],
    ],
  )
  t.match(policy.collections[0]?.rules, [
    {
      sources: ['*'],
      sourceGroupIds: ['/g'],
      hasUnreadSources: false,
      protocols: ['TCP'],
      destinations: ['*'],
      destinationGroupIds: ['/h'],
      hasUnreadDestinations: false,
      ports: ['443'],
    },
  ])
  t.match(policy.collections[1]?.rules, [
    {
      protocols: [{ type: 'Https', port: 443 }],
      fqdns: ['mcr.microsoft.com'],
      fqdnTags: ['AzureKubernetesService'],
      hasOtherConditions: true,
    },
  ])
})

t.test(
  'does not read a policy without permission for its groups, and sends nothing for another ID',
  async (t) => {
    const server = await armServer(t, ({ url }) =>
      url.includes('/ruleCollectionGroups')
        ? { status: 403, body: { error: { code: 'AuthorizationFailed', message: 'no' } } }
        : { status: 200, body: { id: POLICY, properties: {} } },
    )
    t.match(await faultOf(arm(server.endpoint).getFirewallPolicy(POLICY)), { kind: 'denied' })
    const seen = server.seen.length
    t.match(await faultOf(arm(server.endpoint).getFirewallPolicy(`${NETWORK}/natGateways/x`)), {
      kind: 'refused',
    })
    t.equal(server.seen.length, seen)
  },
)

t.test('reads IP groups from a list and by ID', async (t) => {
  const body = {
    id: `${NETWORK}/ipGroups/nodes`,
    properties: { ipAddresses: ['10.1.0.0/16', '10.2.0.1-10.2.0.9'] },
  }
  const server = await armServer(t, ({ url }) => ({
    status: 200,
    body: url.includes('/ipGroups/nodes') ? body : { value: [body, { id: '/empty', properties: {} }] },
  }))
  const group = { id: body.id, addresses: body.properties.ipAddresses }
  t.strictSame(await arm(server.endpoint).listIpGroups(SUBSCRIPTION), [
    group,
    { id: '/empty', addresses: [] },
  ])
  t.strictSame(await arm(server.endpoint).getIpGroup(body.id), group)
})

t.test('sources and destinations by country or selector are not read', async (t) => {
  const countries = { ...rule, sourceGeoLocations: ['DE'], destinationGeoLocations: ['FR'] }
  const selector = { ...rule, sourceKubeSelectorGroups: ['/k'] }
  const properties = { networkRuleCollections: [{ name: 'n', properties: { rules: [countries, selector] } }] }
  const { collections } = toFirewallFacts(new BodyReader({ id: '/fw', properties } as never))
  t.match(collections[0]?.rules, [
    { hasUnreadSources: true, hasUnreadDestinations: true },
    { hasUnreadSources: true, hasUnreadDestinations: false },
  ])
})

t.test('lists which policy inherits from which', async (t) => {
  const value = [
    { id: POLICY, properties: { basePolicy: { id: '/base' } } },
    { id: '/base', properties: {} },
  ]
  const server = await armServer(t, () => ({ status: 200, body: { value } }))
  t.strictSame(await arm(server.endpoint).listFirewallPolicies(SUBSCRIPTION), [
    { id: POLICY, basePolicyId: '/base' },
    { id: '/base', basePolicyId: null },
  ])
})

t.test('reads the rules that a firewall holds itself, network rules first and by priority', async (t) => {
  const collection = (name: string, priority: number, rules: unknown[]) => ({
    name,
    properties: { priority, action: { type: 'Allow' }, rules },
  })
  const classic = { ...rule, protocols: ['UDP'], destinationFqdns: ['ntp.ubuntu.com'] }
  const facts = toFirewallFacts(
    new BodyReader({
      id: '/fw',
      properties: {
        additionalProperties: {
          'Network.DNS.EnableProxy': 'True',
          'Network.DNS.Servers': '10.0.0.4, 10.0.0.5',
        },
        applicationRuleCollections: [collection('a', 100, [{ targetFqdns: ['x'] }])],
        networkRuleCollections: [collection('n2', 300, []), collection('n1', 200, [classic])],
      } as never,
    }),
  )
  t.match(facts, { policyId: null, dnsProxy: true, dnsServers: ['10.0.0.4', '10.0.0.5'] })
  t.strictSame(
    facts.collections.map((each) => each.name),
    ['n1', 'n2', 'a'],
  )
  t.match(facts.collections[0]?.rules, [{ protocols: ['UDP'], fqdns: ['ntp.ubuntu.com'] }])
  const governed = { id: '/fw', properties: { firewallPolicy: { id: POLICY } } }
  t.match(toFirewallFacts(new BodyReader(governed)), { policyId: POLICY, dnsProxy: false, collections: [] })
})

t.test('reads a security group with its default rules, ordered by precedence', async (t) => {
  const properties = (priority: number, rest: object) => ({
    properties: { priority, access: 'Deny', ...rest },
  })
  const facts = toNetworkSecurityGroupFacts(
    new BodyReader({
      id: '/nsg',
      properties: {
        subnets: [{ id: '/subnet' }],
        securityRules: [
          { name: 'b', ...properties(200, { direction: 'inbound', destinationPortRanges: ['1-9', '443'] }) },
          {
            name: 'a',
            ...properties(100, {
              direction: 'Outbound',
              protocol: 'Tcp',
              sourceAddressPrefixes: ['10.0.0.0/8'],
              destinationAddressPrefix: 'Internet',
              destinationPortRange: '*',
              destinationApplicationSecurityGroups: [{ id: '/asg' }],
            }),
          },
        ],
        defaultSecurityRules: [
          { name: 'd', ...properties(65_000, { direction: 'Outbound', access: 'Allow' }) },
        ],
      } as never,
    }),
  )
  t.match(facts, { id: '/nsg', subnetIds: ['/subnet'] })
  t.match(facts.rules, [
    {
      name: 'a',
      direction: 'Outbound',
      access: 'Deny',
      protocol: 'Tcp',
      sources: ['10.0.0.0/8'],
      destinations: ['Internet'],
      destinationPorts: ['*'],
      usesApplicationGroups: true,
    },
    { name: 'b', direction: 'Inbound', destinationPorts: ['1-9', '443'], usesApplicationGroups: false },
    { name: 'd', access: 'Allow', protocol: '*' },
  ])
})

t.test('reads add-ons and features in any letter case', async (t) => {
  const features = (more: object) => {
    const body = aClusterBody({})
    return toClusterFacts({ ...body, properties: { ...(body.properties as object), ...more } } as never)
  }
  t.notOk(Object.values(features({}).features).includes(true), 'a bare cluster has none')
  t.match(
    features({
      addonProfiles: {
        omsAgent: { enabled: true },
        azurepolicy: { enabled: true },
        azureKeyvaultSecretsProvider: { enabled: false },
      },
      securityProfile: {
        workloadIdentity: { enabled: true },
        defender: { securityMonitoring: { enabled: true } },
      },
      azureMonitorProfile: { metrics: { enabled: true } },
      metricsProfile: { costAnalysis: { enabled: true } },
      serviceMeshProfile: {
        mode: 'Istio',
        istio: { certificateAuthority: { plugin: { keyVaultId: '/vault' } } },
      },
      ingressProfile: { webAppRouting: { enabled: true } },
      httpProxyConfig: { httpsProxy: 'https://proxy.example' },
    }).features,
    {
      containerInsights: true,
      azurePolicy: true,
      keyVaultSecretsProvider: false,
      workloadIdentity: true,
      defender: true,
      managedPrometheus: true,
      costAnalysis: true,
      istio: true,
      istioPluginCa: true,
      webAppRouting: true,
      httpProxy: { servers: { http: null, https: { scheme: 'https', host: 'proxy.example', port: 443 } } },
    },
  )
  const proxy = { httpProxyConfig: { httpProxy: 'http://p', enabled: false } }
  t.equal(features(proxy).features.httpProxy, null)
  const pods = { networkProfile: { podCidr: '10.244.0.0/16' } }
  t.strictSame(features(pods).podCidrs, ['10.244.0.0/16'], 'older versions show one')
})
