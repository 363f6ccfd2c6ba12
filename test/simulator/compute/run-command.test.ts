import t from 'tap'
import { parseOutput } from '../../../src/core/probe/parse-output.ts'
import type { ProbeTarget } from '../../../src/core/probe/probe-targets.ts'
import { probeScript } from '../../../src/core/probe/script.ts'
import { DEMO_GROUP } from '../../support/demo.ts'
import { type Answer, listOf, pathOf, type Simulated, SUBSCRIPTION, simulated } from '../support/simulated.ts'

const VERSION = 'api-version=2024-07-01'
const groupOf = (cluster: string) =>
  `/subscriptions/${SUBSCRIPTION}/resourceGroups/MC_${DEMO_GROUP}_${cluster}_eastus/providers/Microsoft.Compute`

const target = (host: string, given: Partial<ProbeTarget> = {}): ProbeTarget => ({
  protocol: 'https',
  host,
  port: 443,
  path: '/',
  origin: 'required',
  need: 'required',
  ...given,
})

const TARGETS = [
  target('mcr.microsoft.com'),
  target('packages.aks.azure.com'),
  target('partner.example.com'),
  target('azure.archive.ubuntu.com', { protocol: 'http', port: 80 }),
]
const SCRIPT = probeScript({ token: 'a-0-1', targets: TARGETS, sourceAddressUrl: 'https://ip.example.com/' })

async function instanceOf(azure: Simulated, cluster: string, pool = 'system'): Promise<string> {
  const sets = await azure.ask('GET', `${groupOf(cluster)}/virtualMachineScaleSets?${VERSION}`)
  const set = listOf(sets.body.value).find(({ tags }) => String(tags?.['aks-managed-poolName']) === pool)
  const list = await azure.ask('GET', `${set?.id}/virtualMachines?$expand=instanceView&${VERSION}`)
  return String(listOf(list.body.value)[0]?.id)
}

const run = (azure: Simulated, instance: string, script = SCRIPT) =>
  azure.ask('POST', `${instance}/runCommand?${VERSION}`, {
    commandId: 'RunShellScript',
    script: script.split('\n'),
    parameters: [],
  })

async function messageOf(azure: Simulated, accepted: Answer): Promise<string> {
  await azure.advance(60)
  const { body } = await azure.ask('GET', pathOf(accepted.headers['azure-asyncoperation']))
  return String(listOf(body.properties?.output?.value)[0]?.message)
}

/** `outcome` of each target, on the first instance of the pool. */
async function outcomes(azure: Simulated, cluster: string) {
  const message = await messageOf(azure, await run(azure, await instanceOf(azure, cluster)))
  const parsed = parseOutput(message, 'a-0-1', TARGETS)
  return parsed.isReadable ? { ...parsed, outcomes: parsed.readings.map(({ outcome }) => outcome) } : parsed
}

t.test('answers a run-command as recorded', async (t) => {
  const azure = simulated(t)
  const instance = await instanceOf(azure, 'lb-managed')
  const accepted = await run(azure, instance)
  t.equal(accepted.status, 202)
  t.match(
    accepted.headers['azure-asyncoperation'],
    /Microsoft\.Compute\/locations\/eastus\/operations\/[0-9a-f-]{36}\?api-version=/,
  )
  t.match(accepted.headers.location, /\?monitor=true&api-version=/)
  const poll = () => azure.ask('GET', pathOf(accepted.headers['azure-asyncoperation']))
  const monitor = () => azure.ask('GET', pathOf(accepted.headers.location))
  t.match((await poll()).body, { status: 'InProgress', startTime: String, name: String })
  t.equal((await monitor()).status, 202)
  t.match(await run(azure, instance), {
    status: 409,
    body: { error: { code: 'Conflict', message: /^Run command extension execution is in progress/ } },
  })
  t.equal(
    String((await azure.ask('GET', `${instance}?${VERSION}`)).body.properties?.provisioningState),
    'Updating',
  )
  await azure.advance(58)
  const message = /^Enable succeeded: \n\[stdout\]\naks-egress-probe\/1 begin a-0-1\n[\s\S]*\n\[stderr\]\n$/
  const output = {
    value: [
      {
        code: 'ProvisioningState/succeeded',
        level: 'Info',
        displayStatus: 'Provisioning succeeded',
        message,
      },
    ],
  }
  t.match((await poll()).body, { status: 'Succeeded', endTime: String, properties: { output } })
  t.match((await monitor()).body, output)
  t.equal((await run(azure, instance)).status, 202)
})

t.test('executes nothing: a script without the header prints nothing', async (t) => {
  const azure = simulated(t)
  const accepted = await run(azure, await instanceOf(azure, 'lb-managed'), 'echo hello; exit 1')
  t.equal(await messageOf(azure, accepted), 'Enable succeeded: \n[stdout]\n\n[stderr]\n')
})

t.test('reports the endpoints that the network of the node allows', async (t) => {
  const azure = simulated(t)
  const open = await outcomes(azure, 'lb-managed')
  t.match(open, { outcomes: ['reached', 'reached', 'reached', 'reached'], dnsServer: '168.63.129.16' })
  const address = 'isComplete' in open ? open.sourceAddress : null
  t.match(address, /^\d+\.\d+\.\d+\.\d+$/)
  t.match(
    await outcomes(azure, 'udr-byo'),
    { outcomes: ['reached', 'reached', 'tlsFailed', 'reached'] },
    'no rule for the partner',
  )
  t.match(
    await outcomes(azure, 'lb-services'),
    { outcomes: ['reached', 'tlsFailed', 'tlsFailed', 'httpFailed'] },
    'forgotten rules',
  )
})

/** Changes a resource of the demo group as if it always had been so. */
async function edit(azure: Simulated, path: string, properties: object, version = '2024-05-01') {
  const id = `/subscriptions/${SUBSCRIPTION}/resourceGroups/${DEMO_GROUP}/providers/Microsoft.Network/${path}`
  const { body } = await azure.ask('GET', `${id}?api-version=${version}`)
  const put = [{ ...body, properties: { ...body.properties, ...properties } }]
  const answer = await azure.ask('POST', '/simulator/resources', { put })
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body))
}

t.test('reports a DNS server that the route blocks', async (t) => {
  const azure = simulated(t)
  const dhcpOptions = { dnsServers: ['10.77.0.4'] }
  await edit(azure, 'virtualNetworks/vnet-udr-byo', { dhcpOptions })
  t.match(await outcomes(azure, 'udr-byo'), {
    dnsServer: '10.77.0.4',
    outcomes: TARGETS.map(() => 'dnsFailed'),
  })
  const hub = `/subscriptions/${SUBSCRIPTION}/resourceGroups/${DEMO_GROUP}/providers/Microsoft.Network/virtualNetworks/vnet-hub`
  const peering = {
    name: 'hub',
    properties: { peeringState: 'Connected', remoteVirtualNetwork: { id: hub } },
  }
  const near = { dhcpOptions: { dnsServers: ['10.250.0.4'] }, virtualNetworkPeerings: [peering] }
  await edit(azure, 'virtualNetworks/vnet-udr-byo', near)
  t.match(
    await outcomes(azure, 'udr-byo'),
    { dnsServer: '10.250.0.4', outcomes: ['reached'] },
    'in a peered network',
  )
})

t.test('reports the authority of a firewall that intercepts TLS', async (t) => {
  const azure = simulated(t)
  const certificateAuthority = {
    name: 'Corp Inspection CA',
    keyVaultSecretId: 'https://example.vault.azure.net/secrets/ca',
  }
  await edit(azure, 'firewallPolicies/fwp-branch', { transportSecurity: { certificateAuthority } })
  const group = 'firewallPolicies/fwp-branch/ruleCollectionGroups/rcg-aks'
  const id = `/subscriptions/${SUBSCRIPTION}/resourceGroups/${DEMO_GROUP}/providers/Microsoft.Network/${group}`
  const { body } = await azure.ask('GET', `${id}?api-version=2024-05-01`)
  const ruleCollections = listOf(body.properties?.ruleCollections).map((collection) => ({
    ...collection,
    rules: listOf(collection.rules).map((rule) => ({ ...rule, terminateTLS: true })),
  }))
  await edit(azure, group, { ruleCollections })
  const found = await outcomes(azure, 'lb-services')
  t.match(found, { readings: [{ outcome: 'tlsFailed', issuer: 'Corp Inspection CA' }] })
})

/** `outcome` and issuer of each target behind a proxy. */
async function behindProxy(azure: Simulated, cluster: string, proxy: string) {
  const targets = [
    target('p', { origin: 'httpProxy', host: new URL(proxy).hostname, port: 3128, protocol: 'http' }),
  ]
  targets.push(...TARGETS.map((each) => ({ ...each, proxy })), target('none.invalid', { proxy }))
  const script = probeScript({
    token: 'a-0-1',
    targets,
    sourceAddressUrl: 'https://ip.example.com/',
    sourceProxy: proxy,
  })
  const message = await messageOf(azure, await run(azure, await instanceOf(azure, cluster), script))
  const parsed = parseOutput(message, 'a-0-1', targets)
  if (!parsed.isReadable) throw new Error(parsed.reason)
  const { readings, sourceAddress } = parsed
  const outcomes = readings.map(({ outcome, httpStatus }) => `${outcome} ${httpStatus}`)
  return { outcomes, issuer: readings[1]?.issuer, sourceAddress, readings }
}

t.test('reports the path of the node to its proxy, and the path of the proxy', async (t) => {
  const azure = simulated(t)
  const open = ['reached 400', 'reached 200', 'reached 200', 'reached 200', 'reached 200']
  t.match(
    await behindProxy(azure, 'lb-managed', 'http://52.9.9.9:3128'),
    { outcomes: open, sourceAddress: null, issuer: /^Microsoft/ },
    'a public proxy of an unknown network reaches everything',
  )
  const closed = await behindProxy(azure, 'udr-byo', 'http://52.9.9.9:3128')
  t.strictSame(
    closed.outcomes,
    ['tcpFailed null', ...Array(5).fill('proxyFailed null')],
    'the firewall has no rule for the proxy',
  )
  t.match(
    (await behindProxy(azure, 'lb-managed', 'http://proxy.invalid:3128')).outcomes,
    ['dnsFailed null', 'proxyFailed null'],
    'the name of the proxy has no answer',
  )
})

t.test('a proxy in a subnet uses the routes of its own subnet, and resolves names itself', async (t) => {
  const azure = simulated(t)
  const network = `/subscriptions/${SUBSCRIPTION}/resourceGroups/${DEMO_GROUP}/providers/Microsoft.Network`
  const vnet = await azure.ask('GET', `${network}/virtualNetworks/vnet-udr-byo?api-version=2024-05-01`)
  const [nodes] = listOf(vnet.body.properties?.subnets)
  const addProxies = (properties: object) =>
    edit(azure, 'virtualNetworks/vnet-udr-byo', {
      // The route of the nodes denies access to this server: only their proxy resolves names.
      dhcpOptions: { dnsServers: ['10.77.0.4'] },
      subnets: [
        nodes,
        {
          id: `${network}/virtualNetworks/vnet-udr-byo/subnets/proxies`,
          name: 'proxies',
          properties: { addressPrefix: '10.46.200.0/24', ...properties },
        },
      ],
    })
  const ask = () => behindProxy(azure, 'udr-byo', 'http://10.46.200.4:3128')
  await addProxies({})
  const direct = await ask()
  t.strictSame(
    direct.outcomes,
    ['reached 400', 'reached 200', 'reached 200', 'reached 200', 'reached 200', 'proxyFailed 503'],
    'without the route table of the nodes',
  )
  const cluster = await azure.cluster('udr-byo')
  const httpProxyConfig = { httpProxy: 'http://10.46.200.4:3128', trustedCa: 'LS0t' }
  await azure.ask('POST', '/simulator/resources', {
    put: [{ ...cluster, properties: { ...cluster.properties, httpProxyConfig } }],
  })
  t.equal((await ask()).issuer, 'HTTP Proxy CA')
  await addProxies({ routeTable: { id: `${network}/routeTables/rt-udr-byo` } })
  const routed = await ask()
  t.strictSame(
    routed.outcomes.slice(0, 4),
    ['reached 400', 'reached 200', 'reached 200', 'tlsFailed null'],
    'the firewall has no rule for the partner',
  )
  t.match(routed.sourceAddress, /^\d+\.\d+\.\d+\.\d+$/, 'an address of the firewall')
})

t.test('a fault changes the output', async (t) => {
  const azure = simulated(t)
  await azure.fault(
    { kind: 'editOutput', pattern: 'S\\|.*', replacement: 'S|52.1.2.3' },
    { pathPattern: 'runCommand' },
  )
  t.match(await outcomes(azure, 'lb-managed'), { sourceAddress: '52.1.2.3' })
  t.match(await azure.ask('POST', '/simulator/faults', { fault: { kind: 'editOutput', pattern: '(' } }), {
    status: 400,
  })
})

t.test('rejects stopped nodes, Windows nodes, and machines that do not exist', async (t) => {
  const azure = simulated(t)
  t.match(await run(azure, await instanceOf(azure, 'stopped')), {
    status: 409,
    body: { error: { code: 'OperationNotAllowed' } },
  })
  t.match(await run(azure, await instanceOf(azure, 'windows-nat', 'win')), { status: 409 })
  t.equal(
    (await run(azure, `${groupOf('lb-managed')}/virtualMachineScaleSets/x/virtualMachines/0`)).status,
    404,
  )
})
