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
