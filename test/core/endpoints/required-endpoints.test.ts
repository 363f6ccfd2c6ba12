import t from 'tap'
import type { RequiredEndpoint } from '../../../src/contract/routing.ts'
import { requiredEndpoints } from '../../../src/core/endpoints/required-endpoints.ts'
import type { ClusterFacts, OutboundDependency, Snapshot } from '../../../src/core/snapshot/snapshot.ts'
import { aPool, aProxy, aSnapshot, features } from '../../support/a-cluster.ts'
import { planFor } from '../../support/a-plan.ts'
import { denied, withRights } from '../../support/permissions.ts'

const of = (cluster: Partial<ClusterFacts>) => requiredEndpoints(aSnapshot({ cluster }))
const names = (endpoints: RequiredEndpoint[]) =>
  endpoints.map(({ destination, port, protocol }) => `${destination} ${protocol} ${port}`)
const namesOf = (cluster: Partial<ClusterFacts>) => names(of(cluster).endpoints)
const windows = { agentPools: [aPool(), aPool({ name: 'win', osType: 'Windows' })] }

function asked(dependencies: OutboundDependency[], cluster: Partial<ClusterFacts> = {}): Snapshot {
  const surroundings = { ...withRights(), outboundDependencies: { facts: dependencies } }
  return aSnapshot({ cluster, surroundings })
}

const WINDOWS_NAMES = [
  'onegetcdn.azureedge.net HTTPS 443',
  'go.microsoft.com HTTPS 443',
  '*.mp.microsoft.com HTTP 80',
  'www.msftconnecttest.com HTTP 80',
  'ctldl.windowsupdate.com HTTP 80',
]

t.test('a public cluster in the public cloud needs the endpoints of the page, with its date', async (t) => {
  const list = of({})
  t.match(list, {
    asOf: '2026-06-18',
    source: /^Outbound network and FQDN rules/,
    cloud: 'public',
    coverage: { arm: 'notAsked', why: null },
  })
  const required = list.endpoints.filter((each) => each.need === 'required')
  t.strictSame(names(required), [
    '*.hcp.eastus.azmk8s.io HTTPS 443',
    'mcr.microsoft.com HTTPS 443',
    '*.data.mcr.microsoft.com HTTPS 443',
    'packages.microsoft.com HTTPS 443',
    'AzureCloud.eastus TCP 443',
    'mcr-0001.mcr-msedge.net HTTPS 443',
    'management.azure.com HTTPS 443',
    'login.microsoftonline.com HTTPS 443',
    'acs-mirror.azureedge.net HTTPS 443',
    'packages.aks.azure.com HTTPS 443',
  ])
  const conditional = list.endpoints.filter((each) => each.need === 'conditional')
  t.strictSame(names(conditional), [
    'ntp.ubuntu.com UDP 123',
    'AzureCloud.eastus UDP 1194',
    'AzureCloud.eastus TCP 9000',
    'eastus.dp.kubernetesconfiguration.azure.com HTTPS 443',
    'arcmktplaceprod.azurecr.io HTTPS 443',
    ...['centralindia', 'japaneast', 'westus2', 'westeurope', 'eastus'].map(
      (region) => `arcmktplaceprod.${region}.data.azurecr.io HTTPS 443`,
    ),
    '*.ingestion.msftcloudes.com HTTPS 443',
    '*.microsoftmetrics.com HTTPS 443',
    'marketplaceapi.microsoft.com HTTPS 443',
  ])
  for (const each of list.endpoints) t.match(each, { source: 'list', asOf: '2026-06-18', open: 'notChecked' })
})

t.test('endpoint names contain the region of the cluster as ARM spells it', async (t) => {
  t.ok(namesOf({ location: 'West Europe' }).includes('*.hcp.westeurope.azmk8s.io HTTPS 443'))
  t.ok(namesOf({ location: 'West Europe' }).includes('AzureCloud.westeurope TCP 9000'))
})

t.test('nodes of a private cluster, or with the API server in the VNet, do not go out for it', async (t) => {
  for (const cluster of [{ enablePrivateCluster: true }, { enableVnetIntegration: true }]) {
    const found = namesOf(cluster).join()
    t.notMatch(found, /azmk8s|AzureCloud/)
    t.match(found, /mcr\.microsoft\.com/)
  }
})

t.test('Windows names are in the list of a cluster with Windows pools and of no other', async (t) => {
  const linux = namesOf({})
  for (const name of WINDOWS_NAMES) {
    t.ok(namesOf(windows).includes(name), name)
    t.notOk(linux.includes(name), name)
  }
  const only = namesOf({ agentPools: [aPool({ osType: 'Windows' })] }).join()
  t.notMatch(only, /ubuntu/, 'and Linux names in that of none')
})

const UBUNTU_NAMES = [
  'ntp.ubuntu.com UDP 123',
  'security.ubuntu.com HTTP 80',
  'azure.archive.ubuntu.com HTTP 80',
  'changelogs.ubuntu.com HTTP 80',
  'snapshot.ubuntu.com HTTPS 443',
]

t.test('the hosts of Ubuntu are in the list of clusters whose pools run or may run Ubuntu', async (t) => {
  const linux = (osSku: string | null) => aPool({ osSku })
  const needsOf = (cluster: Partial<ClusterFacts>) =>
    of(cluster)
      .endpoints.filter(({ destination }) => /ubuntu/.test(destination))
      .map(({ need }) => need)
  const known = ['conditional', 'recommended', 'recommended', 'recommended', 'recommended']
  const unknown = UBUNTU_NAMES.map(() => 'conditional')
  const table: [string, Partial<ClusterFacts>, string[]][] = [
    ['Ubuntu', { agentPools: [linux('Ubuntu')] }, known],
    ['Ubuntu of a version', { agentPools: [linux('ubuntu2404')] }, known],
    ['Azure Linux', { agentPools: [linux('AzureLinux')] }, []],
    ['Azure Linux 3 in other letter case', { agentPools: [linux('azurelinux3')] }, []],
    ['Azure Linux under its former name', { agentPools: [linux('CBLMariner')] }, []],
    ['Flatcar', { agentPools: [linux('Flatcar')] }, []],
    ['Windows', { agentPools: [aPool({ osType: 'windows', osSku: 'Windows2022' })] }, []],
    [
      'Azure Linux and Windows',
      { agentPools: [linux('AzureLinux'), aPool({ osType: 'Windows', osSku: null })] },
      [],
    ],
    ['Azure Linux and Ubuntu', { agentPools: [linux('AzureLinux'), linux('Ubuntu')] }, known],
    ['a SKU that is not shown', { agentPools: [linux('AzureLinux'), linux(null)] }, unknown],
    ['a SKU that is new', { agentPools: [linux('NextLinux')] }, unknown],
    ['no pool', { agentPools: [] }, unknown],
    ['node auto-provisioning', { agentPools: [linux('AzureLinux')], nodeProvisioningMode: 'auto' }, unknown],
    ['an Ubuntu pool beside it', { agentPools: [linux('Ubuntu')], nodeProvisioningMode: 'Auto' }, known],
  ]
  for (const [name, cluster, expected] of table) t.strictSame(needsOf(cluster), expected, name)
  t.strictSame(
    namesOf({}).filter((name) => /ubuntu/.test(name)),
    UBUNTU_NAMES,
  )
})

t.test('GPU names follow the size of the machines', async (t) => {
  const needs = (pool: Parameters<typeof aPool>[0], cluster: Partial<ClusterFacts> = {}) =>
    of({ agentPools: [aPool(pool)], ...cluster }).endpoints.find(
      ({ destination }) => destination === 'us.download.nvidia.com',
    )?.need
  t.equal(needs({ vmSize: 'Standard_NC24ads_A100_v4' }), 'required')
  t.equal(needs({ vmSize: 'standard_nv36ads_a10_v5' }), 'required')
  t.equal(needs({ vmSize: null, gpuDriver: 'MIG1g' }), 'required')
  t.equal(
    needs({ vmSize: 'Standard_NC24ads_A100_v4', gpuDriver: 'None' }),
    undefined,
    'AKS installs no driver',
  )
  t.equal(needs({ vmSize: 'Standard_NP10s' }), undefined, 'no GPU')
  t.equal(needs({ vmSize: 'Standard_D4s_v5' }), undefined)
  t.equal(needs({ vmSize: null }), 'conditional', 'sizes by the machine are not shown')
  t.equal(needs({}, { nodeProvisioningMode: 'Auto' }), 'conditional', 'node auto-provisioning chooses sizes')
})

t.test('each add-on adds its names, and a shared name is one entry', async (t) => {
  const more = (given: Parameters<typeof features>[0]) => {
    const plain = namesOf({})
    return namesOf({ features: features(given) }).filter((name) => !plain.includes(name))
  }
  t.strictSame(more({ azurePolicy: true }), [
    'data.policy.core.windows.net HTTPS 443',
    'store.policy.core.windows.net HTTPS 443',
    'dc.services.visualstudio.com HTTPS 443',
  ])
  t.strictSame(more({ keyVaultSecretsProvider: true }), ['*.vault.azure.net HTTPS 443'])
  t.strictSame(more({ istioPluginCa: true }), ['*.vault.azure.net HTTPS 443'])
  t.match(more({ defender: true }).join(), /\*\.cloud\.defender\.microsoft\.com/)
  t.match(more({ managedPrometheus: true }).join(), /eastus\.handler\.control\.monitor\.azure\.com/)
  t.strictSame(more({ costAnalysis: true }), [], 'what it needs is on the list for all')
  const both = of({ features: features({ azurePolicy: true, containerInsights: true }) }).endpoints
  const shared = both.filter((each) => each.destination === 'dc.services.visualstudio.com')
  t.match(shared, [{ need: 'required', when: 'container monitoring; Azure Policy' }])
})

const EVERY_FEATURE = features({
  workloadIdentity: true,
  defender: true,
  keyVaultSecretsProvider: true,
  containerInsights: true,
  managedPrometheus: true,
  azurePolicy: true,
  costAnalysis: true,
})

/** What the page lists for a cloud and not for the others, and what only others have. */
const SOVEREIGN_NAMES: [string, { cloud: string; has: string[]; hasNot: string[] }][] = [
  [
    'usgovvirginia',
    {
      cloud: 'usGovernment',
      has: [
        '*.hcp.usgovvirginia.cx.aks.containerservice.azure.us HTTPS 443',
        'management.usgovcloudapi.net HTTPS 443',
        'login.microsoftonline.us HTTPS 443',
        'acs-mirror.azureedge.net HTTPS 443',
        'packages.aks.azure.com HTTPS 443',
        'AzureCloud.usgovvirginia TCP 443',
        'AzureCloud.usgovvirginia UDP 1194',
        'snapshot.ubuntu.com HTTPS 443',
        '*.cloud.defender.microsoft.com HTTPS 443',
        '*.ods.opinsights.azure.us HTTPS 443',
        '*.vault.usgovcloudapi.net HTTPS 443',
        'dc.services.visualstudio.com HTTPS 443',
        '*.in.applicationinsights.azure.com HTTPS 443',
        '*.ingest.monitor.azure.us HTTPS 443',
        '*.metrics.ingest.monitor.azure.us HTTPS 443',
        'usgovvirginia.handler.control.monitor.azure.us HTTPS 443',
        'data.policy.azure.us HTTPS 443',
        'usgovvirginia.dp.kubernetesconfiguration.azure.us HTTPS 443',
      ],
      hasNot: [
        'management.azure.com',
        'login.microsoftonline.com',
        'dc.services.visualstudio.us',
        'mcr-0001.mcr-msedge.net',
        'arcmktplaceprod.azurecr.io',
        '*.monitoring.azure.com',
      ],
    },
  ],
  [
    'China North 3',
    {
      cloud: 'china',
      has: [
        '*.hcp.chinanorth3.cx.prod.service.azk8s.cn HTTPS 443',
        '*.tun.chinanorth3.cx.prod.service.azk8s.cn HTTPS 443',
        'mcr.azure.cn HTTPS 443',
        '*.data.mcr.azure.cn HTTPS 443',
        'management.chinacloudapi.cn HTTPS 443',
        'login.chinacloudapi.cn HTTPS 443',
        '*.azk8s.cn HTTPS 443',
        'AzureCloud.chinanorth3 TCP 443',
        'AzureCloud.chinanorth3 TCP 22',
        'snapshot.ubuntu.com HTTPS 443',
        'dc.services.visualstudio.com HTTPS 443',
        '*.in.applicationinsights.azure.com HTTPS 443',
        '*.ingest.monitor.azure.cn HTTPS 443',
        '*.metrics.ingest.monitor.azure.cn HTTPS 443',
        'data.policy.azure.cn HTTPS 443',
      ],
      hasNot: [
        'login.microsoftonline.com',
        'dc.services.visualstudio.cn',
        'acs-mirror.azureedge.net',
        '*.cloud.defender.microsoft.com',
        'packages.aks.azure.com',
      ],
    },
  ],
]

for (const [location, { cloud, has, hasNot }] of SOVEREIGN_NAMES)
  t.test(`${location} has the list of its cloud, of the same page`, async (t) => {
    const list = of({ location, features: EVERY_FEATURE, ...windows })
    t.match(list, { cloud, asOf: '2026-06-18' })
    const found = names(list.endpoints)
    for (const name of has) t.ok(found.includes(name), name)
    const destinations = list.endpoints.map(({ destination }) => destination)
    for (const name of hasNot) t.notOk(destinations.includes(name), name)
  })

t.test('the Government cloud requires the packages of AKS, as the public cloud does', async (t) => {
  for (const location of ['usgovvirginia', 'usdodeast', 'eastus'])
    t.match(
      of({ location }).endpoints.find(({ destination }) => destination === 'packages.aks.azure.com'),
      { need: 'required' },
      location,
    )
})

t.test('workload identity in China uses the sign-in endpoint of the nodes', async (t) => {
  const location = 'chinaeast2'
  t.strictSame(namesOf({ location, features: features({ workloadIdentity: true }) }), namesOf({ location }))
})

t.test('merges the endpoints of ARM with the list', async (t) => {
  const list = requiredEndpoints(
    asked([
      { category: 'images', destination: 'MCR.microsoft.com', port: 443, protocol: 'Https' },
      { category: 'artifacts', destination: 'new.azure.com', port: 443, protocol: 'TCP' },
      { category: 'apiserver', destination: 'demo.hcp.eastus.azmk8s.io', port: 443, protocol: 'Https' },
      { category: 'tunnel-classic', destination: 'demo.hcp.eastus.azmk8s.io', port: 9000, protocol: 'TCP' },
      { category: 'ubuntu-optional', destination: 'esm.ubuntu.com', port: 80, protocol: 'Http' },
      { category: '', destination: '20.1.2.3', port: 443, protocol: '' },
    ]),
  )
  const find = (name: string) => list.endpoints.filter((each) => each.destination.toLowerCase() === name)
  t.match(list.coverage, { arm: 'asked', why: null })
  t.match(find('mcr.microsoft.com'), [{ source: 'both', asOf: '2026-06-18' }])
  t.match(find('new.azure.com'), [
    { source: 'arm', protocol: 'HTTPS', need: 'required', asOf: '2026-09-01', kind: 'fqdn' },
  ])
  t.match(find('demo.hcp.eastus.azmk8s.io'), [
    { port: 443, source: 'both', need: 'required' },
    { port: 9000, source: 'arm', need: 'conditional', protocol: 'TCP' },
  ])
  t.strictSame(
    find('*.hcp.eastus.azmk8s.io'),
    [],
    "the region's wildcard gives way to the cluster's own name",
  )
  t.match(find('esm.ubuntu.com'), [{ need: 'recommended', protocol: 'HTTP' }])
  t.match(find('20.1.2.3'), [{ kind: 'address', protocol: 'TCP' }])
  t.match(find('packages.aks.azure.com'), [{ source: 'list' }])
})

t.test('reports a failed read of the endpoints and uses only the published list', async (t) => {
  const surroundings = { ...withRights(), outboundDependencies: denied('dependencies') }
  const list = requiredEndpoints(aSnapshot({ surroundings }))
  t.match(list.coverage, { arm: 'unread', why: 'AuthorizationFailed: no' })
  t.equal(list.endpoints.length, of({}).endpoints.length)
})

t.test('lists endpoints that no source covers', async (t) => {
  const { notCovered } = of({ features: features({ httpProxy: aProxy() }) }).coverage
  t.match(notCovered.join(' '), /extensions.*DNS.*HTTP proxy/)
})

t.test('only a plan that sends nodes out by an appliance has the list', async (t) => {
  t.equal(planFor(aSnapshot(), 'managedNATGateway').requiredEndpoints, null)
  t.equal(planFor(aSnapshot(), 'managedNATGateway', { upgradeNodeImages: true }).requiredEndpoints, null)
  t.equal(planFor(aSnapshot(), 'userDefinedRouting').requiredEndpoints, null, 'closed by the matrix')
})
